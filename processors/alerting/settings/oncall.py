"""On-call schedules: who is on duty when. Layers of rotations and overrides, as PagerDuty and GoAlert have them."""

from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from processors.alerting.settings.names import Name
from processors.calendar import WEEKDAYS, CalendarSettings, ClockTime, Weekday
from schemas.envelope import Day, Id
from schemas.oncall import Substitution
from schemas.settings import Settings


class User(Settings):
    """A person who can be on duty. They are reached as the receiver of the same name says."""

    name: Name = Field(examples=["dana"])
    """Their name, which is that of a receiver."""
    employee: Id | None = Field(default=None, examples=["E-204"])
    """Their id in HR: while HR has them on leave, no schedule and no escalation step pages them."""


class Restriction(Settings):
    """A part of the week in which a layer is on duty. Times are those on the wall; it may go past midnight."""

    weekdays: tuple[Weekday, ...] = ()
    """Days of the week on which it begins; every day when not given."""
    starts: ClockTime = Field(examples=["18:00"])
    """From, included."""
    ends: ClockTime = Field(examples=["08:00"])
    """Until, excluded. Not later than `starts`: on the next day."""
    ends_on: Weekday | None = Field(default=None, examples=["mon"])
    """The day of the week on which it ends, for one that lasts longer: a weekend from friday 18:00 to monday 08:00."""


class Layer(Settings):
    """A rotation: some people in turn, one at a time."""

    name: Name = Field(examples=["first-line"])
    """Its name."""
    participants: tuple[Name, ...] = Field(min_length=1, max_length=200, examples=[["dana", "kim"]])
    """Users, in the order of their turns. One who stands there twice has two turns."""
    rotation: Literal["daily", "weekly", "custom"] = "weekly"
    """How long a turn is: a day, a week, or `shift_hours`."""
    shift_hours: int | None = Field(default=None, ge=1, le=8760, examples=[12])
    """The length of a turn of a custom rotation, in hours on the wall."""
    hand_over: ClockTime = "09:00"
    """The time on the wall at which a turn ends and the next begins."""
    hand_over_weekday: Weekday = "mon"
    """The day on which those of a weekly rotation do."""
    starts_on: Day = Field(examples=["2026-01-05"])
    """The first participant's first turn begins at `hand_over` on this day. That of a weekly rotation is short where
    this is another day of the week than `hand_over_weekday`."""
    ends_on: Day | None = Field(default=None, examples=["2026-12-31"])
    """The layer ends at `hand_over` on this day; never when not given."""
    restrictions: tuple[Restriction, ...] = Field(default=(), max_length=50)
    """The parts of the week in which it is on duty; always when there are none. Turns go on outside of them."""
    holidays: Literal["include", "exclude", "only"] = "include"
    """Whether it is on duty on holidays: as on any day, not at all, or on no other days."""

    @model_validator(mode="after")
    def _sound(self) -> "Layer":
        if (self.shift_hours is not None) != (self.rotation == "custom"):
            raise ValueError("shift_hours is the length of a custom rotation's turns: give both, or neither")
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            raise ValueError(f"a layer that starts on {self.starts_on} cannot end on {self.ends_on}")
        return self


class PlannedOverride(Substitution, Settings):
    """A substitution that is known when the configuration is written."""


class Schedule(Settings):
    """Who is on duty when. Escalation steps name it in place of a receiver."""

    name: Name = Field(examples=["it-on-call"])
    """Its name; no receiver has the same."""
    time_zone: str | None = Field(default=None, examples=["Europe/Berlin"])
    """IANA name of the zone in which times of the layers are meant; the organisation's when not given."""
    country: str | None = Field(default=None, examples=["DE"])
    """ISO 3166 code of the country whose public holidays count; the organisation's holidays when not given."""
    region: str | None = Field(default=None, examples=["BY"])
    """ISO 3166-2 subdivision of the country, for its own holidays."""
    extra_holidays: tuple[Day, ...] = ()
    """Further days that count as holidays."""
    layers: tuple[Layer, ...] = Field(default=(), max_length=20)
    """A later layer goes over an earlier one wherever it has somebody on duty."""
    overrides: tuple[PlannedOverride, ...] = ()
    """Exceptions, in order: a later one goes over an earlier one. Those given by command go over all of these."""

    @field_validator("layers")
    @classmethod
    def _names_differ(cls, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        names = [layer.name for layer in layers]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two layers are named {name!r}; rename one of them")
        return layers

    @model_validator(mode="after")
    def _known_places(self) -> "Schedule":
        self.calendar(CalendarSettings())
        return self

    def calendar(self, organisation: CalendarSettings) -> CalendarSettings:
        """Time zone and holidays; whole days, because hours are the layers' business. Raises ValueError."""
        own = self.country is not None or self.region is not None
        home = self if own else organisation
        try:
            return CalendarSettings(
                time_zone=self.time_zone or organisation.time_zone,
                country=home.country,
                region=home.region,
                extra_holidays=(*self.extra_holidays, *(() if own else organisation.extra_holidays)),
                opens="00:00",
                closes="24:00",
                workdays=WEEKDAYS,
            )
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
