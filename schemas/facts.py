"""Facts: the little that a department publishes for rules over several departments or keys.

A fact that can be said again with other content carries a `revision`, counted by the one who says it:
the highest counts, whichever comes last.
"""

from pydantic import Field

from schemas.envelope import Event, Evidence, Id, Instant, concrete_events

EVIDENCE = {"topic": "events.it", "partition": 2, "offset": 40917, "id": "mon-8812"}
"""An example of where a record stands."""


class Fact(Event, topic="facts"):
    """Anything published for rules over several keys. Subject: what it is to meet others at."""


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


class IncidentOpened(Fact, type="facts.incident.opened", kind="category"):
    """An incident of this category was opened. Said once per incident, with its first category."""

    incident: Id = Field(examples=["INC0000045"])
    """The incident's id."""
    opened_at: Instant = Field(examples=["2026-03-02T09:20:00Z"])
    """When it was reported."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


EVENTS = tuple(concrete_events(Fact))
"""Every fact."""
