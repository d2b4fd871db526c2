"""The clock on the wall: which instant it shows a time at, in a time zone; and the days that are known at all."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
"""The days that are known. One outside is a mistyped year, and counts as the nearest known one."""

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@lru_cache(maxsize=16_384)
def instant_of(time_zone: str, day: date, clock: str) -> datetime:
    """The first instant at which the local clock shows `clock` on `day`, or later, in UTC."""
    if clock == "24:00":
        day, clock = day + DAY, "00:00"
    zone = ZoneInfo(time_zone)
    wall = datetime.combine(day, time.fromisoformat(clock))
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first  # shown once, or twice when the clocks go back
    while first - second > SECOND:  # never shown: the clocks go forward over it, somewhere between the two
        middle = second + (first - second) // (2 * SECOND) * SECOND
        shown = middle.astimezone(zone).replace(tzinfo=None)
        first, second = (middle, second) if shown >= wall else (first, middle)
    return first


def known_day(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)


def known_instant(instant: datetime) -> datetime:
    """Within the known days, a day's margin for time zones, in UTC."""
    first, last = (datetime.combine(day, time(), tzinfo=UTC) for day in (FIRST_DAY, LAST_DAY))
    return min(max(instant, first), last).astimezone(UTC)
