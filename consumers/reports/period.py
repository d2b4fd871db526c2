"""The time that a report is about: whole days of the organisation."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class BadPeriod(ValueError):
    """No such time; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of `first` to the end of `last`, on the wall clock of `zone`."""

    first: date
    last: date
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadPeriod(f"a period from {self.first} cannot end at {self.last}")
        if self.first.year < 1971 or self.last.year > 2900:
            raise BadPeriod("give a period between 1971 and 2900")

    @property
    def begins(self) -> datetime:
        """Its first instant, in UTC."""
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first instant after it, in UTC."""
        return _midnight(self.last + DAY, self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return f"{self.first} to {self.last} ({self.zone})"


def parse(first: str | None, last: str | None, zone: str, today: date) -> Period:
    """The period of two dates as somebody writes them; the last 30 days until today where nothing is said.

    Raises BadPeriod.
    """
    until = _date(last) if last else today
    since = _date(first) if first else until - 29 * DAY
    return Period(since, until, zone)


def week_before(day: date, zone: str) -> Period:
    """The last whole week, Monday to Sunday, before a day."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday - 7 * DAY, monday - DAY, zone)


def month_before(day: date, zone: str) -> Period:
    """The last whole month before a day."""
    last = day.replace(day=1) - DAY
    return Period(last.replace(day=1), last, zone)


def today(zone: str, now: datetime) -> date:
    """The date on the organisation's wall."""
    return now.astimezone(ZoneInfo(zone)).date()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadPeriod(f"{text!r} is no date: write one like 2026-01-05") from error


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
