"""What is told of a stream of events: that it flows, and that what it comes through was down."""

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact


class StreamHeard(Fact, type="facts.stream.heard", kind="stream"):
    """The first event of a type in a partition on a day. Subject: `stream/<the event's type>`."""

    at: Instant = Field(examples=["2026-03-02T07:58:00Z"])
    """When it came."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class StreamInterrupted(Fact, type="facts.stream.interrupted", kind="stream"):
    """The service that a stream comes through was down. Written by correlation."""

    service: Id = Field(examples=["scanner"])
    """The service."""
    outage: Id = Field(examples=["OUT-12"])
    """The outage's id."""
    since: Instant = Field(examples=["2026-03-02T07:10:00Z"])
    """When it began."""
    until: Instant | None = Field(default=None, examples=["2026-03-02T11:40:00Z"])
    """When it ended. None: it lasts."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this outage."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
