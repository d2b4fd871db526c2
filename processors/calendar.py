"""The business calendar: working hours, workdays and holidays of an organisation, as a value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator, model_validator

from processors.public_holidays import check_country, public_holidays
from processors.wall_clock import DAY, FIRST_DAY, LAST_DAY, instant_of, known_day, known_instant
from schemas.envelope import Day
from schemas.settings import Settings

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""A time on the wall clock, `HH:MM`; `24:00` is the midnight that ends the day."""


class OtherHours(Settings):
    """Working hours of one weekday that differ from the usual ones."""

    weekday: Weekday = "fri"
    opens: ClockTime = "09:00"
    """Local time."""
    closes: ClockTime = "13:00"
    """Local time, later on the same day."""


class CalendarSettings(Settings):
    """When the organisation works. A department embeds it as `calendar: CalendarSettings`."""

    time_zone: str = Field(default="UTC", examples=["Europe/Berlin"])
    """IANA name of the zone the hours below are in."""
    opens: ClockTime = "09:00"
    """Local time at which a working day begins."""
    closes: ClockTime = "17:00"
    """Local time at which a working day ends; 24:00 for the whole day."""
    workdays: tuple[Weekday, ...] = Field(default=("mon", "tue", "wed", "thu", "fri"), min_length=1)
    """Days of the week on which people work."""
    other_hours: tuple[OtherHours, ...] = ()
    """Weekdays with hours of their own, a short Friday say; one that is not a workday becomes one."""
    country: str | None = Field(default=None, examples=["DE"])
    """ISO 3166 code whose public holidays are free; none when not given."""
    region: str | None = Field(default=None, examples=["BY"])
    """ISO 3166-2 subdivision of the country, for its own holidays."""
    extra_holidays: tuple[Day, ...] = ()
    """Further free days of this organisation."""

    @classmethod
    def laid_over(cls, values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """A region belongs to its country: another country does not inherit it."""
        laid = {**values, **given}
        if "region" not in given and laid.get("country") != values.get("country"):
            laid.pop("region", None)
        return laid

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not an IANA time zone; write one like 'Europe/Berlin'") from error
        return name

    @model_validator(mode="after")
    def _sound(self) -> "CalendarSettings":
        spans = [(self.opens, self.closes), *((other.opens, other.closes) for other in self.other_hours)]
        for opens, closes in spans:
            if opens >= closes:
                raise ValueError(f"a day that opens at {opens} cannot close at {closes}")
        if self.region and not self.country:
            raise ValueError(f"region {self.region!r} needs the country it belongs to")
        if self.country:
            check_country(self.country, self.region)
        return self


@dataclass(frozen=True, slots=True)
class Calendar:
    """Business days and business time. Pure: the answer depends on the calendar and the arguments alone.

    A working day is one span from the first instant at which the local clock shows its opening time to
    the first at which it shows its closing time, so a day on which the clocks change keeps its hours on
    the wall, and only a span that holds the change itself gets longer or shorter in elapsed time.
    """

    time_zone: str
    hours: tuple[tuple[str, str] | None, ...]
    """From Monday to Sunday: opening and closing time, or None when nobody works."""
    country: str | None = None
    region: str | None = None
    holidays: frozenset[date] = frozenset()

    @staticmethod
    def of(settings: CalendarSettings) -> "Calendar":
        """The calendar that these settings describe."""
        return _calendar(settings)

    def is_business_day(self, day: date) -> bool:
        if self.hours[day.weekday()] is None or day in self.holidays:
            return False
        return self.country is None or day not in public_holidays(self.country, self.region, day.year)

    def local_date(self, instant: datetime) -> date:
        """The date on the wall at this instant."""
        return self.local(instant).date()

    def local(self, instant: datetime) -> datetime:
        """The wall clock at this instant."""
        return known_instant(instant).astimezone(ZoneInfo(self.time_zone))

    def add_business_days(self, day: date, n: int) -> date:
        """The n-th business day after `day` (before it, when n is negative).

        With n = 0: `day` itself when people work on it, the next business day otherwise.
        """
        day, step = known_day(day), DAY if n >= 0 else -DAY
        left = abs(n)
        if left == 0 and not self.is_business_day(day):
            left = 1
        while left and FIRST_DAY < day + step < LAST_DAY:
            day += step
            left -= self.is_business_day(day)
        return day

    def business_days_between(self, first: date, last: date) -> int:
        """How many business days come after `first`, up to and with `last`; 0 when `last` is not later."""
        first, last = known_day(first), known_day(last)
        return sum(self.is_business_day(first + n * DAY) for n in range(1, (last - first).days + 1))

    def end_of_business_day(self, day: date) -> datetime:
        """Closing time of `day`; of the next business day when nobody works on it. In UTC."""
        day = self.add_business_days(day, 0)
        _, closes = self.hours[day.weekday()] or ("00:00", "24:00")
        return self._instant(day, closes)

    def end_of_day(self, day: date) -> datetime:
        """The midnight that ends `day`, working day or not. In UTC."""
        return self._instant(known_day(day), "24:00")

    def at(self, day: date, clock: str) -> datetime:
        """The first instant at which the local clock shows `clock` (`HH:MM`) on `day`. In UTC."""
        return self._instant(known_day(day), clock)

    def add_business_time(self, instant: datetime, span: timedelta) -> datetime:
        """The earliest instant by which `span` of working time has passed since `instant`. In UTC.

        Raises ValueError for a negative span.
        """
        if span < timedelta():
            raise ValueError(f"business time runs forward: {span} is negative")
        now = known_instant(instant)
        if not span:
            return now
        for opens, closes in self._working_spans(now):
            begins = max(now, opens)
            if begins + span <= closes:
                return begins + span
            span -= closes - begins
        return self.end_of_day(LAST_DAY)

    def business_time_between(self, begin: datetime, end: datetime) -> timedelta:
        """The working time from `begin` to `end`; none when `end` is not later."""
        begin, end = known_instant(begin), known_instant(end)
        total = timedelta()
        if end <= begin:
            return total
        for opens, closes in self._working_spans(begin):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, begin)
        return total

    def _working_spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Opening and closing instants of each working day that ends after `since`, in order."""
        day = self.local_date(since)
        while day <= LAST_DAY:
            if (hours := self.hours[day.weekday()]) and self.is_business_day(day):
                opens, closes = (self._instant(day, clock) for clock in hours)
                if closes > since:
                    yield opens, closes
            day += DAY

    def _instant(self, day: date, clock: str) -> datetime:
        return instant_of(self.time_zone, day, clock)


@lru_cache(maxsize=64)
def _calendar(settings: CalendarSettings) -> Calendar:
    hours = dict.fromkeys(settings.workdays, (settings.opens, settings.closes))
    hours |= {other.weekday: (other.opens, other.closes) for other in settings.other_hours}
    return Calendar(
        time_zone=settings.time_zone,
        hours=tuple(hours.get(weekday) for weekday in WEEKDAYS),
        country=settings.country,
        region=settings.region,
        holidays=frozenset(settings.extra_holidays),
    )


AROUND_THE_CLOCK = Calendar("UTC", (("00:00", "24:00"),) * 7)
"""For what is counted in hours and days as they come: all time is working time."""
