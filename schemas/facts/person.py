"""What is told of a person."""

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact


class EmergencyAccessUsed(Fact, type="facts.emergency_access.used", kind="person"):
    """Somebody opened a patient's record in an emergency."""

    patient: Id = Field(examples=["P-1001"])
    """The patient's id."""
    access: Id = Field(examples=["EMG-12"])
    """The emergency access's id."""
    at: Instant = Field(examples=["2026-03-02T03:20:00Z"])
    """When."""
    admitted: bool = Field(examples=[True])
    """Whether the patient was admitted then."""
    incident: Id | None = Field(default=None, examples=["INC-77"])
    """The emergency it was needed for, where one is on record."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this access."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
