"""Restrictions: the parts of the week in which a layer is on duty."""

from collections.abc import Iterable
from datetime import date, datetime

from processors.alerting.oncall.wall import Held, first, today, wall
from processors.alerting.settings.oncall import Restriction
from processors.calendar import WEEKDAYS, Calendar
from processors.wall_clock import DAY

LONGEST = 7
"""Days for which a span may last, at most."""


def within(restrictions: Iterable[Restriction], calendar: Calendar, at: datetime) -> Held[bool]:
    """Whether any of them holds."""
    answers = [_holds(restriction, calendar, at) for restriction in restrictions]
    return Held(any(holds for holds, _ in answers), min(until for _, until in answers))


def _holds(restriction: Restriction, calendar: Calendar, at: datetime) -> Held[bool]:
    day = today(calendar, at)
    until = first(calendar, wall(day, "24:00"))  # what begins later is seen then
    for begun in (day - n * DAY for n in range(LONGEST + 1)):
        if restriction.weekdays and WEEKDAYS[begun.weekday()] not in restriction.weekdays:
            continue
        begins, ends = _span(restriction, calendar, begun)
        if begins <= at < ends:
            return Held(True, ends)
        if begins > at:
            until = min(until, begins)
    return Held(False, until)


def _span(restriction: Restriction, calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """That which begins on this day."""
    begins, last, cycle = wall(day, restriction.starts), day, 1
    if restriction.ends_on is not None:
        last, cycle = day + (WEEKDAYS.index(restriction.ends_on) - day.weekday()) % 7 * DAY, 7
    ends = wall(last, restriction.ends)
    return first(calendar, begins), first(calendar, ends if ends > begins else ends + cycle * DAY)
