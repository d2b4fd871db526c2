"""What is told of a service: outages, and the complaints that name it."""

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
