"""What keeps notices from being sent: inhibition by other alerts, and times of day, week and year."""

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator, model_validator

from processors.alerting.settings.ranges import DaysOfMonth, Months, Weekdays, Years
from processors.matchers import MatcherText
from schemas.settings import Settings


class InhibitRule(Settings):
    """While a source alert fires, target alerts with equal labels tell nobody (Alertmanager's `inhibit_rule`).

    An alert that matches both sides is inhibited only by alerts that do not.
    """

    source_matchers: tuple[MatcherText, ...] = ()
    """Conditions on the alert that inhibits, all of which must hold."""
    target_matchers: tuple[MatcherText, ...] = ()
    """Conditions on the alert that is inhibited."""
    equal: tuple[str, ...] = ()
    """Labels that must have the same value in both; a missing one equals an empty one."""


_TimeText = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class TimeRange(Settings):
    """Part of a day. It does not go past midnight: write two."""

    start_time: _TimeText = Field(examples=["09:00"])
    """From, included."""
    end_time: _TimeText = Field(examples=["17:00"])
    """Until, excluded; `24:00` is the end of the day."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.start_time >= self.end_time:
            raise ValueError(
                f"{self.start_time} is not before {self.end_time} (a range past midnight is two: one until 24:00, "
                "one from 00:00)"
            )
        return self


class TimeInterval(Settings):
    """A set of instants: what every list that is given has a member for. Without any list: always.

    A list that is given and empty has no member: the interval then never holds. Ranges are written `first:last`, both
    included, in names or numbers: `monday:friday`, `-1` the last day of the month, `january:march`, `2026:2028`.
    """

    times: tuple[TimeRange, ...] | None = None
    """Times of day."""
    weekdays: tuple[Weekdays, ...] | None = None
    """Days of the week, by name."""
    days_of_month: tuple[DaysOfMonth, ...] | None = None
    """Days of the month from 1, or from the end, -1 being the last; in a shorter month, those that it has."""
    months: tuple[Months, ...] | None = None
    """Months: names, or numbers from 1."""
    years: tuple[Years, ...] | None = None
    """Years."""
    location: str = "UTC"
    """The time zone, an IANA name."""

    @field_validator("location")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name == "Local":
            raise ValueError("'Local' is another zone on each machine; write an IANA name such as 'Europe/Berlin'")
        try:
            ZoneInfo(name or "UTC")
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not an IANA time zone; write one like 'Europe/Berlin'") from error
        return name or "UTC"


class NamedTimeIntervals(Settings):
    """Time intervals under one name, which holds while any of them does."""

    name: str = Field(min_length=1, examples=["out-of-hours"])
    """The name routes use."""
    time_intervals: tuple[TimeInterval, ...] = ()
    """The intervals."""
