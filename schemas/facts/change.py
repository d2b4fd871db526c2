"""What is told of changes: at the service they change, at the one place of all freezes, at the design they build."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact

FREEZES = "freeze/all"
"""The one key at which all freezes meet all changes: a freeze may concern any service."""


class ChangeTold(Fact, type="facts.change.told", kind="service"):
    """A change of this service as it is known now."""

    change: Id = Field(examples=["CHG-7"])
    """The change's id."""
    starts_at: Instant = Field(examples=["2026-03-07T20:00:00Z"])
    """Planned start."""
    ends_at: Instant = Field(examples=["2026-03-07T22:00:00Z"])
    """Planned end."""
    began_at: Instant | None = Field(default=None, examples=["2026-03-07T20:04:00Z"])
    """When work began. None: it has not."""
    over_at: Instant | None = Field(default=None, examples=["2026-03-07T21:30:00Z"])
    """When it was completed, failed or was cancelled. None: it is still to come, or goes on."""
    holds: bool = True
    """False: it was thought to change this service, and does not."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this change."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record that planned it."""


class ChangePlanned(Fact, type="facts.change.planned", kind="freeze"):
    """When a change is to be made, for those who declare that nothing is."""

    change: Id = Field(examples=["CHG-7"])
    """The change's id."""
    service: Id = Field(examples=["vpn"])
    """The service it changes."""
    starts_at: Instant = Field(examples=["2026-03-07T20:00:00Z"])
    """Planned start."""
    ends_at: Instant = Field(examples=["2026-03-07T22:00:00Z"])
    """Planned end."""
    holds: bool = True
    """False: it is over, or will not be made."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this change."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record that planned it."""


class FreezeTold(Fact, type="facts.freeze.told", kind="freeze"):
    """Nothing is to be changed for a time."""

    freeze: Id = Field(examples=["YEAR-END"])
    """The freeze's id."""
    starts_at: Instant = Field(examples=["2026-12-18T18:00:00Z"])
    """When it begins."""
    ends_at: Instant = Field(examples=["2027-01-04T06:00:00Z"])
    """When it is over."""
    services: tuple[Id, ...] = Field(default=(), examples=[["erp"]])
    """The services it concerns; all of them when none is named."""
    holds: bool = True
    """False: it was lifted."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this freeze."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record that declared it."""


class DesignTold(Fact, type="facts.design.told", kind="design"):
    """How a network design stands."""

    service: Id = Field(examples=["core-network"])
    """The service it is a design of."""
    status: Literal["submitted", "approved", "rejected"] = Field(examples=["approved"])
    """What was decided, if anything."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this design."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class DesignBuilt(Fact, type="facts.design.built", kind="design"):
    """A change builds a design, or turns out not to."""

    change: Id = Field(examples=["CHG-7"])
    """The change's id."""
    service: Id = Field(examples=["core-network"])
    """The service it changes."""
    built: bool = True
    """Whether work on it began, and was not taken back."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this change."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
