"""What is usual: complaints per quarter of an hour, at an hour of the day, on weekdays and on weekends.

For each of the 48 (hour, weekday or weekend) one row keeps the quarters in which there were any, of the last weeks.
The others count as zero, from the day on which the key was first heard of.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from processors.correlation.settings import CorrelationSettings
from processors.rows import Rows
from processors.step import State

QUARTER = timedelta(minutes=15)
QUARTERS_AN_HOUR = 4
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour of the clock, and the complaints that came in it."""

    begins: datetime
    complaints: int


@dataclass(frozen=True, slots=True)
class Usual:
    """Numbers of complaints in `quarters` quarters: their sum and the sum of their squares."""

    quarters: int
    total: int
    squares: int

    @property
    def mean(self) -> Decimal:
        return Decimal(self.total) / self.quarters if self.quarters else Decimal(0)

    def is_exceeded(self, complaints: int, deviations: Decimal) -> bool:
        """Whether so many lie more than `deviations` standard deviations above the mean. Exact: no root is drawn.

        c > S/n + d * sqrt(Q/n - (S/n)^2), multiplied by n and squared.
        """
        if not self.quarters:
            return complaints > 0
        above = self.quarters * complaints - self.total
        return above > 0 and above**2 > deviations**2 * (self.quarters * self.squares - self.total**2)


@dataclass(frozen=True, kw_only=True)
class Complained(State):
    """A state that counts complaints."""

    first_day: date | None = None
    """The first local day of which a complaint was told."""
    surging: tuple[datetime, ...] = ()
    """The beginnings of quarters that are a surge, of those that count now."""
    hours: Rows[tuple[Quarter, ...]] = field(default_factory=Rows)


def quarter_of(instant: datetime) -> datetime:
    """The beginning of its quarter of an hour."""
    return instant.replace(minute=instant.minute - instant.minute % 15, second=0, microsecond=0)


def count(state: Complained, settings: CorrelationSettings, received_at: datetime, more: int) -> dict[str, object]:
    """The fields of the state that change when there are `more` (or, negative, fewer) complaints."""
    begins, day = quarter_of(received_at), settings.days.local_date(received_at)
    entry = _entry(settings, begins)
    known = {quarter.begins: quarter.complaints for quarter in state.hours.get(entry, ())}
    known[begins] = max(known.get(begins, 0) + more, 0)
    oldest = _midnight(settings, settings.days.local_date(max(known)) - settings.surge_weeks * 7 * DAY)
    row = tuple(Quarter(b, n) for b, n in sorted(known.items()) if n and b >= oldest)
    hours = state.hours.put(entry, row) if row else state.hours.drop(entry)
    return {"hours": hours, "first_day": min(state.first_day or day, day)}


def complaints_in(state: Complained, settings: CorrelationSettings, begins: datetime) -> int:
    row = state.hours.get(_entry(settings, begins), ())
    return next((quarter.complaints for quarter in row if quarter.begins == begins), 0)


def usual_at(state: Complained, settings: CorrelationSettings, begins: datetime) -> Usual:
    """What was usual at this hour on earlier days of its kind."""
    days = settings.days
    day = days.local_date(begins)
    first = max(state.first_day or day, day - settings.surge_weeks * 7 * DAY)
    alike = [d for n in range((day - first).days) if _is_weekend(d := first + n * DAY) == _is_weekend(day)]
    row = state.hours.get(_entry(settings, begins), ())
    since, until = _midnight(settings, first), _midnight(settings, day)
    counts = [quarter.complaints for quarter in row if since <= quarter.begins < until]
    return Usual(QUARTERS_AN_HOUR * len(alike), sum(counts), sum(n * n for n in counts))


def _entry(settings: CorrelationSettings, begins: datetime) -> str:
    local = settings.days.local(begins)
    return f"{'weekend' if _is_weekend(local.date()) else 'weekday'}/{local.hour:02}"


def _midnight(settings: CorrelationSettings, day: date) -> datetime:
    """The instant at which a local day begins."""
    return settings.days.at(day, "00:00")


def _is_weekend(day: date) -> bool:
    return day.weekday() >= 5
