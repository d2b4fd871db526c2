"""The clock on the wall, by which people hand over: days and times of a zone as instants.

A time of day stands for the first instant at which the clock shows it, or something later where it is skipped in
spring. The hour that it shows twice in autumn makes a turn longer: nobody goes off duty and comes back with the
clock.
"""

from datetime import UTC, date, datetime, time
from typing import Generic, NamedTuple, TypeVar

from processors.calendar import Calendar
from processors.wall_clock import DAY, FIRST_DAY, LAST_DAY

FOREVER = datetime.max.replace(tzinfo=UTC)
"""Later than any instant."""

T = TypeVar("T")


class Held(NamedTuple, Generic[T]):
    """What is so at an instant, and goes on being so until another at least."""

    value: T
    until: datetime


def wall(day: date, clock: str) -> datetime:
    """What the wall shows at that time (`HH:MM`) of that day, without a zone. Days are kept within the known ones."""
    day = min(max(day, FIRST_DAY), LAST_DAY)
    if clock == "24:00":
        return datetime.combine(day, time()) + DAY
    return datetime.combine(day, time.fromisoformat(clock))


def first(calendar: Calendar, shown: datetime) -> datetime:
    """The first instant at which the wall shows this or something later, in UTC. FOREVER after the known days."""
    return FOREVER if shown.date() > LAST_DAY else calendar.at(shown.date(), f"{shown:%H:%M}")


def shown(calendar: Calendar, at: datetime) -> datetime:
    """What the wall shows at an instant, without its zone."""
    return calendar.local(at).replace(tzinfo=None)


def today(calendar: Calendar, at: datetime) -> date:
    """The day that the wall has come to: a clock that goes back over midnight does not bring back the day before."""
    day = shown(calendar, at).date()
    while first(calendar, wall(day, "24:00")) <= at:
        day += DAY
    return day


def is_holiday(calendar: Calendar, at: datetime) -> Held[bool]:
    """Whether the day is a holiday, for a calendar in which people work on all other days."""
    day = today(calendar, at)
    return Held(not calendar.is_business_day(day), first(calendar, wall(day, "24:00")))
