"""On call: who stands in for whom, who is on leave; what alerting is told of it, and how it stands now."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.commands import Command
from schemas.envelope import Event, Frozen, Id, Instant
from schemas.signals import AlertingEvent

OverrideId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The identity of an override, as whoever made it named it."""

PersonName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A user's or a schedule's name, as the configuration has it."""


class Substitution(Frozen):
    """For some time, somebody else is on duty.

    With `user` alone, they are on duty instead of everybody else; with `instead_of` as well, instead of that one, while
    that one would be; with `instead_of` alone, that one is not on duty; with `besides`, they are on duty as well.
    """

    user: PersonName | None = Field(default=None, examples=["kim"])
    """Who is on duty; None: nobody takes the place of `instead_of`."""
    instead_of: PersonName | None = Field(default=None, examples=["dana"])
    """Whose duty it is otherwise; None: whoever's."""
    besides: bool = False
    """True: in addition to those who are on duty anyhow."""
    starts_at: Instant = Field(examples=["2026-08-03T07:00:00Z"])
    """From, included."""
    ends_at: Instant = Field(examples=["2026-08-10T07:00:00Z"])
    """Until, excluded."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.user is None and self.instead_of is None:
            raise ValueError("an override needs a user who is on duty, or one who is not (instead_of)")
        if self.besides and (self.user is None or self.instead_of is not None):
            raise ValueError("besides adds a user to the others: it needs one, and goes with no instead_of")
        if self.ends_at <= self.starts_at:
            raise ValueError(f"what starts at {self.starts_at} cannot end at {self.ends_at}")
        return self


class OverrideSet(Substitution, Command, type="alerting.override.set", kind="override"):
    """An override of a schedule, new or changed. Subject: `override/<id>`. `by` is its author."""

    override: OverrideId = Field(examples=["5b0c1f52-6a4e-4a53-b9a1-3f4b0f8e2a10"])
    """Its identity."""
    schedule: PersonName = Field(examples=["it-on-call"])
    """The schedule."""
    comment: str = Field(default="", max_length=2000, examples=["swapped with dana"])
    """Why."""


class OverrideRemove(Command, type="alerting.override.remove", kind="override"):
    """An override does not hold any more, from now on. Subject: `override/<id>`."""

    override: OverrideId = Field(examples=["5b0c1f52-6a4e-4a53-b9a1-3f4b0f8e2a10"])
    """Its identity."""


EXAMPLE_PLAN = {"layers": [{"name": "all-week", "participants": ["dana", "kim"], "starts_on": "2026-01-05"}]}


class ScheduleSet(Command, type="alerting.schedule.set", kind="schedule"):
    """A schedule, in place of the configuration's of that name, if there is one. Subject: `schedule/<name>`."""

    schedule: PersonName = Field(examples=["it-first-line"])
    """Its name."""
    plan: dict[str, Any] = Field(examples=[EXAMPLE_PLAN])
    """What the configuration would say of it under `schedules`, but for its name."""
    comment: str = Field(default="", max_length=2000, examples=["the summer's rota"])
    """Why."""


class ScheduleRemove(Command, type="alerting.schedule.remove", kind="schedule"):
    """What the configuration says of a schedule holds again, from now on. Subject: `schedule/<name>`."""

    schedule: PersonName = Field(examples=["it-first-line"])
    """Its name."""


class PersonAway(AlertingEvent, type="alerting.person.away", kind="employee"):
    """HR has somebody on leave, or will. Said again, it is corrected. Subject: `employee/<id>`."""

    leave: Id = Field(examples=["L-52"])
    """The leave's id."""
    starts_at: Instant = Field(examples=["2026-08-02T22:00:00Z"])
    """When the first day away begins, in HR's time zone."""
    ends_at: Instant | None = Field(default=None, examples=["2026-08-21T22:00:00Z"])
    """When the last day away ends; None: open."""


class PersonBack(AlertingEvent, type="alerting.person.back", kind="employee"):
    """Somebody is back from leave, or does not take it. Subject: `employee/<id>`."""

    leave: Id = Field(examples=["L-52"])
    """The leave's id."""
    since: Instant | None = Field(default=None, examples=["2026-08-21T22:00:00Z"])
    """When the last day away ended; None: they were never away."""


class Override(Substitution, Event, type="alerting.override.changed", kind="override", topic="alerts"):
    """The current state of one override. Subject: `override/<id>`. A tombstone some time after its end."""

    override: OverrideId = Field(examples=["5b0c1f52-6a4e-4a53-b9a1-3f4b0f8e2a10"])
    """Its identity."""
    schedule: PersonName = Field(examples=["it-on-call"])
    """The schedule."""
    created_by: str = Field(min_length=1, examples=["dana"])
    """Its author."""
    comment: str = Field(default="", examples=["swapped with dana"])
    """Why."""
    updated_at: Instant = Field(examples=["2026-07-30T09:12:00Z"])
    """When it was made or last changed. Of two that overlap, the later one goes over the earlier one."""


class GivenSchedule(Event, type="alerting.schedule.changed", kind="schedule", topic="alerts"):
    """A schedule that was given by command. Subject: `schedule/<name>`. A tombstone once it is removed."""

    schedule: PersonName = Field(examples=["it-first-line"])
    """Its name."""
    plan: dict[str, Any] = Field(examples=[EXAMPLE_PLAN])
    """What it says, as `ScheduleSet.plan`."""
    created_by: str = Field(min_length=1, examples=["dana"])
    """Its author."""
    comment: str = Field(default="", examples=["the summer's rota"])
    """Why."""
    updated_at: Instant = Field(examples=["2026-07-30T09:12:00Z"])
    """When it was given."""


class TimeAway(Frozen):
    """One leave."""

    leave: Id = Field(examples=["L-52"])
    """Its id."""
    starts_at: Instant = Field(examples=["2026-08-02T22:00:00Z"])
    """From, included."""
    ends_at: Instant | None = None
    """Until, excluded; None: open."""


class Absence(Event, type="alerting.absence.changed", kind="absence", topic="alerts"):
    """When an employee is away, as far as is known. Subject: `absence/<employee>`. A tombstone when they are not."""

    employee: Id = Field(examples=["E-204"])
    """Their id in HR."""
    leaves: tuple[TimeAway, ...] = Field(
        min_length=1, examples=[[{"leave": "L-52", "starts_at": "2026-08-02T22:00:00Z", "ends_at": None}]]
    )
    """Their leaves, by beginning."""
