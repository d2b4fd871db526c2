"""A feed cut into slices of time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.envelope import About, Event

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fed:
    """One event of a feed, with its envelope; its time is the record's timestamp."""

    event: Event
    about: About


@dataclass(frozen=True, slots=True)
class Slice:
    """What happened before `until`, in order of time. `progress` is what a later run of the feed goes on from."""

    until: datetime
    fed: Sequence[Fed]
    progress: Mapping[str, Any]


def slices(
    feed: Iterable[tuple[Fed, Mapping[str, Any]]], length: timedelta, until: datetime | None = None
) -> Iterator[Slice]:
    """Cuts a feed (events in order of time, each with the progress it stands for) into slices of equal length.

    Slices in which nothing happens are passed over; the next one's tick lets their deadlines pass, in order. With
    `until`, a last empty slice lets time go on to then. An event earlier than the one before belongs to the open slice.
    """
    part: list[Fed] = []
    end: datetime | None = None
    progress: Mapping[str, Any] = {}
    for fed, where in feed:
        if end is not None and fed.about.time >= end:
            yield Slice(end, tuple(part), progress)
            part, end = [], None
        if end is None:
            end = _slice_end(fed.about.time, length)
        part.append(fed)
        progress = where
    if end is not None:
        yield Slice(end, tuple(part), progress)
    if until is not None and (end is None or end < until):
        yield Slice(until, (), progress)


def _slice_end(at: datetime, length: timedelta) -> datetime:
    """The end of the slice of equal lengths since the epoch that holds an instant."""
    whole = (at - _EPOCH) // length
    return _EPOCH + (whole + 1) * length
