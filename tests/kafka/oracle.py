"""The oracle: what the output topics hold, read committed, equals the pure fold of the inboxes."""

from collections import Counter
from functools import partial
from typing import Any

from backoffice.registry import processors
from backoffice.states import states
from processors.engine.outbox import partition_of
from processors.fold import Fold, Record
from processors.processor import Processor
from schemas.topics import Space
from tests.kafka.topics import Stood, records

OURS = b'"source": "/backoffice/processors/'


def folds(bootstrap: str, space: Space, processor: Processor) -> tuple[list[Fold], Counter[tuple[str, Any, Any]]]:
    """Every partition of an inbox folded from its beginning, and what comes out: (topic, key, value), counted."""
    inbox = records(bootstrap, space.topic(processor.inbox))
    partitions = 1 + max((r.partition for r in inbox), default=0) if processor.single else 4
    made = [Fold(processor, n, partial(_belongs, partitions)) for n in range(partitions)]
    out: Counter[tuple[str, Any, Any]] = Counter()
    for r in inbox:
        headers = [(name, value) for name, value in r.headers]
        record = Record(processor.inbox, r.partition, r.offset, r.timestamp, r.key, r.value, headers)
        outputs = made[r.partition].apply(record)
        out.update((o.topic, o.key, o.value) for o in outputs if o.topic != processor.inbox)  # those are sent on
    return made, out


def check(bootstrap: str, space: Space) -> Counter[str]:
    """Fails unless outputs and states are exactly the fold of what is in the inboxes; returns outputs by topic."""
    expected: Counter[tuple[str, Any, Any]] = Counter()
    for processor in processors():
        made, out = folds(bootstrap, space, processor)
        expected += out
        _same_states(bootstrap, space, processor, made)
    topics = sorted({topic for topic, _, _ in expected} | {"facts", "alerts", "notices", "dead-letters"})
    actual = Counter(
        (space.short(r.topic), r.key, r.value)
        for r in records(bootstrap, *(space.topic(t) for t in topics))
        if _by_processors(space, r)
    )
    missing, extra = expected - actual, actual - expected
    assert not missing, f"{missing.total()} outputs are missing, such as {_some(missing)}"
    assert not extra, f"{extra.total()} outputs are not of the fold, such as {_some(extra)}"
    return Counter({t: sum(n for (topic, _, _), n in actual.items() if topic == t) for t in topics})


def _same_states(bootstrap: str, space: Space, processor: Processor, made: list[Fold]) -> None:
    wanted = {key: fold.given(entity) for fold in made for key, entity in fold.store.entities.items()}
    found = dict(states(bootstrap, space, processor, len(made)))
    assert found.keys() == wanted.keys()
    differ = [key for key, state in wanted.items() if found[key] != state]
    assert not differ, f"state of {differ[0]}: {found[differ[0]]} on the changelog, {wanted[differ[0]]} by the fold"


def _by_processors(space: Space, record: Stood) -> bool:
    """Whether a processor wrote it: inboxes also hold what others sent."""
    return space.short(record.topic) == "dead-letters" or OURS in (record.value or b"")


def _belongs(partitions: int, key: bytes) -> int:
    return partition_of(key, partitions)


def _some(outputs: Counter[tuple[str, Any, Any]]) -> str:
    topic, key, value = next(iter(outputs))
    return f"{topic} {key!r} {(value or b'')[:300]!r}"
