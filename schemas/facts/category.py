"""What is told of a category of incidents."""

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact


class IncidentOpened(Fact, type="facts.incident.opened", kind="category"):
    """An incident of this category was opened. Said once per incident, with its first category."""

    incident: Id = Field(examples=["INC0000045"])
    """The incident's id."""
    opened_at: Instant = Field(examples=["2026-03-02T09:20:00Z"])
    """When it was reported."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
