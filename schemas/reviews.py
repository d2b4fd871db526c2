"""What every department says when somebody has looked at one of its alerts."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Event, Instant
from schemas.privacy import PersonId

Outcome = Literal["accepted", "corrected", "justified", "distinct", "waived", "confirmed"]


class Review(Event):
    """Somebody looked at an alert of a department and decided about it. Subject: the alert's own."""

    rule: str
    """The alert's rule."""
    identity: dict[str, str] = Field(default={})
    """The alert's distinguishing labels."""
    by: PersonId = Field(examples=["karl"])
    """Who decided."""
    outcome: Outcome = Field(examples=["justified"])
    """What was decided; `confirmed`: the finding is right and stays."""
    until: Instant | None = Field(default=None, examples=["2026-12-31T23:00:00Z"])
    """How long the decision holds; for good when not given."""
