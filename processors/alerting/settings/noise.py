"""What keeps notices from being sent: inhibition by other alerts, and times of day, week and year."""

from typing import Annotated

from pydantic import Field, StringConstraints

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


_TimeText = Annotated[str, StringConstraints(pattern=r"^([01]?\d|2[0-3]):[0-5]\d$|^24:00$")]


class TimeRange(Settings):
    """Part of a day. It does not go past midnight: write two."""

    start_time: _TimeText = Field(examples=["09:00"])
    """From, included."""
    end_time: _TimeText = Field(examples=["17:00"])
    """Until, excluded; `24:00` is the end of the day."""


class TimeInterval(Settings):
    """A set of instants: what every list that is given has a member for. Empty: always.

    Ranges are written `first:last`, both included, in names or numbers: `monday:friday`, `1:5`, `-1` the last day of
    the month, `january:march`, `2026:2028`.
    """

    times: tuple[TimeRange, ...] = ()
    """Times of day."""
    weekdays: tuple[str, ...] = ()
    """Days of the week: names, or numbers from sunday = 0."""
    days_of_month: tuple[str, ...] = ()
    """Days of the month from 1, or from the end, -1 being the last."""
    months: tuple[str, ...] = ()
    """Months: names or numbers from 1."""
    years: tuple[str, ...] = ()
    """Years."""
    location: str = "UTC"
    """The time zone, an IANA name."""


class NamedTimeIntervals(Settings):
    """Time intervals under one name, which holds while any of them does."""

    name: str = Field(min_length=1, examples=["out-of-hours"])
    """The name routes use."""
    time_intervals: tuple[TimeInterval, ...] = ()
    """The intervals."""
