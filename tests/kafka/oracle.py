"""The oracle: what the output topics hold, read committed, equals the pure fold of the inboxes."""

from collections import Counter
from functools import partial

from backoffice.registry import processors
from backoffice.states import states
from processors.engine.outbox import partition_of
from processors.fold import Fold
from processors.processor import Processor
from processors.records import Record
from processors.slices import Hold
from schemas.topics import Space
from tests.kafka.topics import Stood, partitions, records

OURS = b'"source": "/backoffice/processors/'
COMPACTED = "alerts"

Said = tuple[str, bytes | None, bytes | None]
"""Topic, key and value of one output."""


def folds(bootstrap: str, space: Space, processor: Processor) -> tuple[list[Fold], list[Said]]:
    """Every partition of an inbox folded from its beginning, and what comes out of each, in order.

    In a replay space each slice in its order; what no tick has closed yet is not applied.
    """
    inbox = space.topic(processor.inbox)
    count = partitions(bootstrap, inbox)
    made = [Fold(processor, n, partial(_belongs, count)) for n in range(count)]
    out: list[Said] = []
    holds = [Hold() for _ in made]
    for r in records(bootstrap, inbox):
        record = Record(processor.inbox, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
        for ready in holds[r.partition].take([record]) if space.replay else [record]:
            outputs = made[r.partition].apply(ready)
            out.extend((o.topic, o.key, o.value) for o in outputs if o.partition is None)  # the others are sent on
    return made, out


def check(bootstrap: str, space: Space) -> Counter[str]:
    """Fails unless outputs and states are exactly the fold of what is in the inboxes; returns outputs by topic."""
    expected: list[Said] = []
    for processor in processors():
        made, out = folds(bootstrap, space, processor)
        expected += out
        _same_states(bootstrap, space, processor, made)
    topics = {"alerts", "notices", "dead-letters", *(processor.inbox for processor in processors())}
    actual = [
        (space.short(r.topic), r.key, r.value)
        for r in records(bootstrap, *(space.topic(t) for t in sorted(topics)))
        if _by_processors(space, r)
    ]
    missing, extra = Counter(expected) - Counter(actual), Counter(actual) - Counter(expected)
    assert not extra, f"{extra.total()} outputs are not of the fold, such as {_some(extra)}"
    assert _latest(actual) == _latest(expected), "the last record of an alert is not that of the fold"
    for said in [said for said in missing if said[0] == COMPACTED]:
        del missing[said]  # an alert's earlier records go when the broker compacts
    assert not missing, f"{missing.total()} outputs are missing, such as {_some(missing)}"
    return Counter(topic for topic, _, _ in expected)


def _same_states(bootstrap: str, space: Space, processor: Processor, made: list[Fold]) -> None:
    wanted = {key: state for fold in made for key, state in fold.states().items()}
    found = dict(states(bootstrap, space, processor, len(made)))
    assert found.keys() == wanted.keys()
    differ = [key for key, state in wanted.items() if found[key] != state]
    assert not differ, f"state of {differ[0]}: {found[differ[0]]} on the changelog, {wanted[differ[0]]} by the fold"


def _by_processors(space: Space, record: Stood) -> bool:
    """Whether a processor wrote it: inboxes also hold what others sent. Tombstones of alerts' topic are theirs."""
    topic = space.short(record.topic)
    return topic == "dead-letters" or OURS in (record.value or b"") or (topic == COMPACTED and record.value is None)


def _latest(said: list[Said]) -> dict[bytes | None, bytes | None]:
    latest = {key: value for topic, key, value in said if topic == COMPACTED}
    return {key: value for key, value in latest.items() if value is not None}  # the broker removes tombstones


def _belongs(count: int, key: bytes) -> int:
    return partition_of(key, count)


def _some(outputs: Counter[Said]) -> str:
    topic, key, value = next(iter(outputs))
    return f"{topic} {key!r} {(value or b'')[:300]!r}"
