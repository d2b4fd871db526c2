"""What is told of deadlines that a service must be up for."""

from pydantic import Field

from schemas.envelope import Evidence, Instant
from schemas.facts.fact import EVIDENCE, Fact


class DeadlineDepends(Fact, type="facts.deadline.depends", kind="service"):
    """Somebody can keep a deadline only while this service is up."""

    department: str = Field(pattern=r"^[a-z][a-z_]*$", examples=["accounting"])
    """Whose deadline it is."""
    subject: str = Field(max_length=1_000, examples=["audit/A-1"])
    """What it is a deadline of, `<kind>/<id>`."""
    name: str = Field(max_length=500, examples=["step/stocktaking"])
    """The deadline, by the name the department gave it."""
    since: Instant = Field(examples=["2026-03-02T09:00:00Z"])
    """From when on there was time for it."""
    withdrawn: bool = False
    """True: it is kept, or waits for this service no more."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this subject's deadlines."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
