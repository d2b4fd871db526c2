"""The events that an alert's story begins with: what its conditions name as their evidence, wherever that stands."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from consumers.log import Record
from consumers.partition import Partitions, Stood
from consumers.seen import Reader
from consumers.telling import Moment
from schemas.envelope import Evidence
from schemas.signals import ConditionFired
from schemas.topics import Space


def evidence(moments: Iterable[Moment]) -> tuple[Evidence, ...]:
    """The records that the conditions of a story rest on, in the order in which they were named."""
    said = (moment.seen.event for moment in moments)
    return tuple(dict.fromkeys(one for event in said if isinstance(event, ConditionFired) for one in event.evidence))


def origins(moments: Iterable[Moment], log: Partitions, space: Space, reader: Reader) -> tuple[Moment, ...]:
    """Those of them that are still on the log, first to last. Raises Unreachable."""
    found = (log.record(space.topic(one.topic), one.partition, one.offset) for one in evidence(moments))
    return tuple(sorted(_moments(found, reader), key=lambda moment: moment.at))


def _moments(stood: Iterable[Stood | None], reader: Reader) -> Iterator[Moment]:
    for one in stood:
        if one is not None:
            at = datetime.fromtimestamp(one.timestamp / 1000, UTC)
            record = Record(one.topic, one.partition, one.offset, at, one.key, one.value, one.headers)
            yield Moment(at, reader.read(record))
