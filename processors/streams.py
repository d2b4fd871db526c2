"""Streams that are heard: the first event of a type in a partition on a day is told, for rules about silence.

One fact a partition, type and local day: what it costs does not depend on how much flows. What was told is part of
where the partition stands, so that a restart tells the same.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from processors.calendar import Calendar, CalendarSettings
from processors.step import Emission
from schemas.envelope import Event
from schemas.facts import StreamHeard


class Streams:
    """What was heard in one partition of a department, of the events that it declares as streams."""

    def __init__(self, events: Iterable[type[Event]]) -> None:
        self.until: dict[type[Event], datetime | None] = dict.fromkeys(events)
        """By type: when the day on which it was told last is over; None: it never was."""

    def heard(self, event: Event, clock: datetime, settings: Any) -> Emission | None:
        """What to tell of an event that was applied, of a declared type: nothing, unless it is the first of its day."""
        cls = type(event)
        if (until := self.until[cls]) is not None and clock < until:
            return None
        calendar = Calendar.of(getattr(settings, "calendar", None) or CalendarSettings())
        self.until[cls] = calendar.end_of_day(calendar.local_date(clock))
        return Emission(f"stream/{cls.type}", StreamHeard(at=clock, record=event.about.record))

    def forget(self) -> None:
        """Days begin at another time from now on: the next events are told again."""
        self.until = dict.fromkeys(self.until)

    def dump(self) -> dict[str, str]:
        return {cls.type: until.isoformat() for cls, until in self.until.items() if until is not None}

    def load(self, told: Mapping[str, str]) -> None:
        """Raises ValueError for what is no instant."""
        self.until = {cls: _read(told.get(cls.type)) for cls in self.until}


def _read(until: str | None) -> datetime | None:
    return None if until is None else datetime.fromisoformat(until)
