"""What there is of a space: its inboxes, how far back they go, and what rules have said to alerting."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from backoffice.what_if.episodes import Signal, signal_in
from backoffice.what_if.sayings import Lane, Place
from consumers.partition import Partitions
from processors.causing import Cause, cause_of
from processors.processor import Processor
from processors.records import Record
from processors.store import from_ms
from schemas.topics import Space

ALERTING = "alerting"


class Cut(NamedTuple):
    """A partition of which the log has lost the beginning. `since`: the time of its first record; None: it has none."""

    topic: str
    partition: int
    offset: int
    since: datetime | None

    def __str__(self) -> str:
        since = f", of {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ", where it ends"
        return f"{self.topic}/{self.partition} begins at record {self.offset}{since}"


def folded_by(processors: Iterable[Processor], log: Partitions, space: Space) -> tuple[Processor, ...]:
    """Those whose rules make alerts, and that have an inbox in the space."""
    return tuple(p for p in processors if p.inbox != ALERTING and log.of(space.topic(p.inbox)))


def partitions(processors: Iterable[Processor], log: Partitions, space: Space) -> dict[str, int]:
    """How many each inbox has."""
    return {p.inbox: len(log.of(space.topic(p.inbox))) for p in processors}


def sizes(lanes: Mapping[Lane, Place], log: Partitions, space: Space) -> dict[Lane, int]:
    """How many offsets each lane's inbox has on the log."""
    places = {lane: (space.topic(place.topic), place.partition) for lane, place in lanes.items()}
    return {lane: log.end(*place) - log.beginning(*place) for lane, place in places.items()}


def cuts(topics: Iterable[str], log: Partitions, space: Space) -> list[Cut]:
    """The partitions whose beginning is no longer on the log."""
    found = []
    for topic in dict.fromkeys(topics):
        for number in log.of(space.topic(topic)):
            if (begins := log.beginning(space.topic(topic), number)) > 0:
                first = next((r for batch in log.read(space.topic(topic), number) for r in batch), None)
                found.append(Cut(topic, number, begins, None if first is None else from_ms(first.timestamp)))
    return found


def records(log: Partitions, space: Space, topic: str, partition: int) -> Iterator[list[Record]]:
    """A partition from its beginning to the end it has now, in lists."""
    for batch in log.read(space.topic(topic), partition):
        yield [Record(topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers) for r in batch]


def said_to_alerting(log: Partitions, space: Space) -> Iterator[tuple[Cause, Signal]]:
    """What is recorded of conditions, and what let it be said."""
    for batch in records(log, space, ALERTING, 0):
        for record in batch:
            signal, cause = signal_in(record.value), cause_of(record.value)
            if signal is not None and cause is not None:
                yield cause, signal
