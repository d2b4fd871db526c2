"""What a worker requires of its broker: rights, and topics as they must be. Pure; `preflight` asks.

Each problem is one line that says what to do about it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from processors.processor import Processor
from schemas.topics import Space, TopicSpec, changelog, topics


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is. `allowed`: Kafka's names of what we may do there; None where the broker does not say."""

    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)
    allowed: frozenset[str] | None = None


def problems(space: Space, processors: Iterable[Processor], found: Mapping[str, Found]) -> list[str]:
    """What is wrong with the topics of a space, in the order in which it should be mended.

    `found`: the space's topics that are there. When some are missing, the others' troubles wait.
    """
    processors = tuple(processors)
    specs = topics(space, {p.name: p.inbox for p in processors})
    if missing := [spec.name for spec in specs if spec.name not in found]:
        return [f"There is no topic {', '.join(missing)}. {_apply(space)} creates what is missing."]
    there = [(spec, found[spec.name]) for spec in specs]
    inboxes = {space.topic(p.inbox) for p in processors}
    return [
        *_forbidden(space, there),
        *_counts(space, processors, found),
        *(line for spec, topic in there for line in _settings(space, spec, topic, spec.name in inboxes)),
    ]


def _apply(space: Space) -> str:
    return f"`backoffice topics apply --space {space.name}{' --replay' if space.replay else ''}`"


def _forbidden(space: Space, there: Iterable[tuple[TopicSpec, Found]]) -> Iterator[str]:
    """Every topic of a space is read or written by its workers, most are both: the rights are one for all."""
    pairs = tuple(there)
    for operation in ("DESCRIBE", "DESCRIBE_CONFIGS", "READ", "WRITE"):
        names = [spec.name for spec, topic in pairs if topic.allowed is not None and operation not in topic.allowed]
        if names:
            yield (f"This client may not {operation} {', '.join(names)}. {allow(space, operation, 'topic')}")


def allow(space: Space, operation: str, resource: str) -> str:
    """How an administrator gives the right."""
    return (
        "Allow it: kafka-acls.sh --add --allow-principal User:... "
        f"--operation {operation.title().replace('_', '')} --{resource} {space.name}. --resource-pattern-type prefixed"
    )


def _counts(space: Space, processors: Iterable[Processor], found: Mapping[str, Found]) -> Iterator[str]:
    """A key's records and its state must stand in one partition: counts are chosen once."""
    shared: dict[int, list[str]] = {}
    for processor in processors:
        inbox, state = space.topic(processor.inbox), space.topic(changelog(processor.name))
        now, then = found[inbox].partitions, found[state].partitions
        if now != then:
            yield (
                f"{inbox} has {now} partitions, and its state in {state} has {then}: the number was changed after the "
                "space was made, and keys are parted from their state. That cannot be mended in place: make "
                "another space and import the events there."
            )
        if processor.single and now != 1:
            yield f"{inbox} has {now} partitions; it must have 1. Make another space: the number cannot be lowered."
        if not processor.single and now == then:
            shared.setdefault(now, []).append(inbox)
    if len(shared) > 1:
        sizes = "; ".join(f"{', '.join(names)}: {count}" for count, names in sorted(shared.items()))
        yield (
            f"The inboxes of a space must have equally many partitions, and these have not ({sizes}). "
            f"Make another space with one number: `backoffice topics apply --space NAME --partitions N`."
        )


def _settings(space: Space, spec: TopicSpec, topic: Found, inbox: bool) -> Iterator[str]:
    """Settings with which records would be lost, refused or wrongly timed. Others are `topics plan`'s concern."""
    now, wanted = topic.config, spec.config
    mend = f"{_apply(space)} sets it."
    policy = {each.strip() for each in now.get("cleanup.policy", wanted["cleanup.policy"]).split(",")}
    if spec.compacted and policy != {"compact"}:
        yield f"{spec.name} has cleanup.policy={','.join(sorted(policy))}, so that state would be lost. {mend}"
    if inbox and "compact" in policy:
        yield f"{spec.name} is compacted, so that events would be lost. {mend}"
    stamps = now.get("message.timestamp.type", spec.timestamps)
    if stamps != spec.timestamps:
        kind = "replay" if space.replay else "live"
        yield (
            f"{spec.name} has message.timestamp.type={stamps}, and {space.name} is a {kind} space, whose topics have "
            f"{spec.timestamps}. If it was changed by mistake, set it back (kafka-configs.sh); else make another space."
        )
    largest = int(now.get("max.message.bytes", spec.max_bytes))
    if largest < spec.max_bytes:
        yield f"{spec.name} has max.message.bytes={largest}, less than the {spec.max_bytes} needed. {mend}"
    if space.replay and inbox and int(now.get("retention.ms", -1)) >= 0:
        yield f"{spec.name} has retention.ms={now['retention.ms']}: events that bring their own time would go. {mend}"
