"""What is told of a company that complaints are about."""

from pydantic import Field

from schemas.envelope import Day, Evidence, Id
from schemas.facts.fact import EVIDENCE, Fact


class ComplaintAboutCompany(Fact, type="facts.complaint.about_company", kind="company"):
    """A complaint is about this company, or turns out not to be."""

    complaint: Id = Field(examples=["C-17"])
    """The complaint's id."""
    received_on: Day = Field(examples=["2026-03-02"])
    """The day on which it came."""
    names: bool = True
    """False: it was thought to be about this company, and is not."""
    disputed: bool = False
    """The client disputes the answer."""
    fingerprint: str | None = Field(default=None, max_length=200, examples=["9f2c4b"])
    """A hash of what it says."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this complaint's company."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
