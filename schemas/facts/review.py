"""What is told of a review whose finding no department made, but a rule over several keys."""

from pydantic import Field

from schemas.facts.fact import Fact
from schemas.reviews import Review


class FindingReviewed(Review, Fact, type="facts.finding.reviewed"):
    """Somebody looked at an alert of a rule over several keys and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["hr.duplicate_person"])
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"account": "A-311"}])
    """The alert's distinguishing labels."""
