"""What is told of a service: outages, complaints that name it, what it needs, what happens to those that need it."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact


class ServiceDown(Fact, type="facts.service.down", kind="service"):
    """A service is down."""

    outage: Id = Field(examples=["OUT-12"])
    """The outage's id, one per outage of the service."""
    since: Instant = Field(examples=["2026-03-02T09:10:00Z"])
    """When it began."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this outage."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class ServiceUp(Fact, type="facts.service.up", kind="service"):
    """A service was down and is up again."""

    outage: Id = Field(examples=["OUT-12"])
    """The outage's id."""
    since: Instant = Field(examples=["2026-03-02T09:10:00Z"])
    """When the outage began."""
    until: Instant = Field(examples=["2026-03-02T11:40:00Z"])
    """When it ended."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this outage."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class ComplaintNamedService(Fact, type="facts.complaint.named_service", kind="service"):
    """A complaint names a service, or turns out not to."""

    complaint: Id = Field(examples=["C-17"])
    """The complaint's id."""
    received_at: Instant = Field(examples=["2026-03-02T09:30:00Z"])
    """When the complaint came."""
    names: bool = True
    """False: it was thought to name this service, and does not."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this complaint's service."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class ServiceDependsOn(Fact, type="facts.service.depends_on", kind="service"):
    """What this service cannot work without, as declared last."""

    dependencies: tuple[Id, ...] = Field(default=(), examples=[["core-network"]])
    """The services it needs directly."""
    revision: int = Field(default=1, ge=1)
    """How often something else was declared."""


class DependentHappened(Fact, type="facts.dependent.happened", kind="service"):
    """Something happens to a service that cannot work without this one. Written by correlation, from key to key."""

    what: Literal["change", "outage"] = Field(examples=["outage"])
    """What happens."""
    name: Id = Field(examples=["OUT-12"])
    """The change's or outage's id."""
    service: Id = Field(examples=["crm"])
    """The service it happens to."""
    via: Id = Field(examples=["web-shop"])
    """The service that passes it on: one that needs this one directly."""
    distance: int = Field(default=1, ge=1, examples=[2])
    """How many services it came through."""
    begins: Instant = Field(examples=["2026-03-02T09:10:00Z"])
    """A change's planned start, an outage's beginning."""
    ends: Instant | None = Field(default=None, examples=["2026-03-02T11:40:00Z"])
    """A change's planned end, an outage's end. None: it lasts."""
    holds: bool = True
    """False: it does not concern this service, or is over."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of the change or outage."""
    told: int = Field(default=1, ge=1)
    """How often the one who passes it on has passed on anything: of two, the later counts."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
