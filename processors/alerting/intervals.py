"""Time intervals: whether an instant lies in one, as Prometheus Alertmanager's package `timeinterval` says it.

One difference: the length of a month is counted in days, not in hours. Alertmanager takes a March with a change to
summer time for 30 days long.
"""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from processors.alerting.settings.noise import NamedTimeIntervals, TimeInterval, TimeRange
from processors.alerting.settings.ranges import Range, days_of_month, months, weekdays, years


def holds(named: NamedTimeIntervals, at: datetime) -> bool:
    """Whether any of its intervals holds at this instant."""
    return any(contains(interval, at) for interval in named.time_intervals)


def any_holds(intervals: Iterable[NamedTimeIntervals], names: Collection[str], at: datetime) -> bool:
    """Whether one of those named here holds. A name that there is none of holds never."""
    return any(holds(named, at) for named in intervals if named.name in names)


def contains(interval: TimeInterval, at: datetime) -> bool:
    """Whether each list that the interval gives has a member for this instant."""
    local = at.astimezone(ZoneInfo(interval.location))
    return (
        _in_times(interval.times, local)
        and _in_days_of_month(interval.days_of_month, local)
        and _in_ranges(interval.months, months, local.month)
        and _in_ranges(interval.weekdays, weekdays, local.isoweekday() % 7)
        and _in_ranges(interval.years, years, local.year)
    )


def _in_times(times: tuple[TimeRange, ...] | None, local: datetime) -> bool:
    """On the clock on the wall: an hour that comes twice is in it twice."""
    clock = f"{local:%H:%M}"
    return times is None or any(time.start_time <= clock < time.end_time for time in times)


def _in_ranges(texts: tuple[str, ...] | None, read: Callable[[str], Range], value: int) -> bool:
    return texts is None or any(value in read(text) for text in texts)


def _in_days_of_month(texts: tuple[str, ...] | None, local: datetime) -> bool:
    _, length = monthrange(local.year, local.month)
    return texts is None or any(local.day in _within(days_of_month(text), length) for text in texts)


def _within(days: Range, length: int) -> Range:
    """The days counted from the month's beginning. What lies beyond its ends meets no day."""
    first, last = (day if day > 0 else day + length + 1 for day in days)
    return Range(first, last)
