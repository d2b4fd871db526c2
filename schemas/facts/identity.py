"""What is told of an identity: the ids under which one person is known. The key is the identity's hash."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Evidence
from schemas.facts.fact import EVIDENCE, Fact
from schemas.privacy import PersonId


class IdentitySeen(Fact, type="facts.identity.seen", kind="identity"):
    """An id has this identity, or turns out not to, or was merged into another."""

    of: Literal["employee", "patient"] = Field(examples=["employee"])
    """What the id is of."""
    id: PersonId = Field(examples=["E-311"])
    """The id."""
    holds: bool = True
    """False: it has another identity, or is no id of its own any more."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this id."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
