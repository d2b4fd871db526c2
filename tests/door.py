"""Somebody who stands at the door, minute by minute: the slow and obvious way to keep business hours."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from hypothesis import strategies as st

from processors.calendar import WEEKDAYS, CalendarSettings, OtherHours, Weekday

MINUTE = timedelta(minutes=1)

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # its clocks change at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Antarctica/Troll",  # by two
    "Africa/Cairo",
    "Asia/Kathmandu",
)
HOURS = (
    ("09:00", "17:00"),
    ("00:00", "24:00"),
    ("06:30", "22:15"),
    ("00:00", "04:00"),
    ("23:00", "24:00"),
    ("01:30", "02:30"),  # begins or ends while the clocks change
    ("02:30", "10:00"),
    ("00:00", "01:30"),
)
CHANGES = tuple(
    date(2026, month, day)
    for month, day in ((3, 7), (3, 28), (4, 4), (4, 23), (9, 5), (10, 3), (10, 24), (10, 29), (10, 31))
)
"""Days before clocks change somewhere among the zones."""


class Door:
    """It is opened when the clock on the wall shows the time for that, or a later one, and closed likewise."""

    def __init__(self, told: CalendarSettings) -> None:
        self._told = told
        self._days: dict[date, frozenset[datetime]] = {}

    def is_open(self, at: datetime) -> bool:
        """Whether people work during the minute that begins now."""
        day = at.astimezone(ZoneInfo(self._told.time_zone)).date()
        if day not in self._days:
            self._days[day] = frozenset(self._minutes(day))
        return at in self._days[day]

    def _minutes(self, day: date) -> list[datetime]:
        hours = self._hours(day)
        if hours is None:
            return []
        found, opened, closed = [], False, False
        for at, clock in _minutes_of(self._told.time_zone, day):
            opened = opened or clock >= hours[0]
            closed = closed or clock >= hours[1]
            if opened and not closed:
                found.append(at)
        return found

    def _hours(self, day: date) -> tuple[str, str] | None:
        told, weekday = self._told, WEEKDAYS[day.weekday()]
        if day in told.extra_holidays:
            return None
        if told.country and day in holidays.country_holidays(told.country, subdiv=told.region, years=day.year):
            return None
        for other in told.other_hours:
            if other.weekday == weekday:
                return other.opens, other.closes
        return (told.opens, told.closes) if weekday in told.workdays else None


@cache
def _minutes_of(zone: str, day: date) -> tuple[tuple[datetime, str], ...]:
    """Every minute of a day somewhere, in order, and what the clock on the wall shows then."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    minutes = (noon + n * MINUTE for n in range(-2 * 24 * 60, 2 * 24 * 60))
    walls = ((at, at.astimezone(ZoneInfo(zone))) for at in minutes)
    return tuple((at, f"{wall:%H:%M}") for at, wall in walls if wall.date() == day)


@st.composite
def calendars(draw: st.DrawFn) -> CalendarSettings:
    """Any calendar: zones and hours that meet the days on which clocks change, short days, holidays."""
    opens, closes = draw(st.sampled_from(HOURS))
    days: list[Weekday] = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True))
    free = draw(st.lists(st.sampled_from([day + timedelta(days=1) for day in CHANGES]), max_size=2))
    country, region = draw(st.sampled_from([(None, None), (None, None), ("DE", "BB"), ("CL", None)]))
    other = draw(st.lists(st.sampled_from(HOURS), max_size=1))
    return CalendarSettings(
        time_zone=draw(st.sampled_from(ZONES)),
        opens=opens,
        closes=closes,
        workdays=tuple(days),
        other_hours=tuple(OtherHours(weekday="sun", opens=o, closes=c) for o, c in other),
        country=country,
        region=region,
        extra_holidays=tuple(free),
    )


def moments() -> st.SearchStrategy[datetime]:
    """Any minute near a change of clocks."""
    begins = st.sampled_from([datetime(d.year, d.month, d.day, tzinfo=UTC) for d in CHANGES])
    return st.builds(lambda begin, minutes: begin + minutes * MINUTE, begins, st.integers(0, 3 * 24 * 60))
