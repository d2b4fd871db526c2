"""What is told of a person's identity, by a keyed hash of it."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Evidence, Id
from schemas.facts.fact import EVIDENCE, Fact


class IdentitySeen(Fact, type="facts.identity.seen", kind="identity"):
    """An id stands for this person, or does no longer."""

    of: Literal["employee", "patient"] = Field(examples=["patient"])
    """The kind of id."""
    id: Id = Field(examples=["P-1001"])
    """The id."""
    holds: bool = True
    """False: it was thought to stand for this person, or did until it was merged."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this id's identity."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
