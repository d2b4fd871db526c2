"""What is told of a vendor's purchases: who did what, and whether those who approved were allowed to."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact
from schemas.privacy import PersonId

PurchaseDuty = Literal[
    "create_vendor", "place_order", "receive_goods", "record_invoice", "approve_invoice", "release_payment", "pay"
]
"""What one does in a purchase, in the words of all departments."""


class DutyDone(Fact, type="facts.duty.done", kind="vendor"):
    """A person did a duty in a purchase of this vendor, or turns out not to have done it."""

    person: PersonId = Field(examples=["E-104"])
    """Who did."""
    duty: PurchaseDuty = Field(examples=["place_order"])
    """What they did."""
    reference: Id = Field(examples=["PO-4711"])
    """The purchase: its order where there is one, else the invoice or payment; the vendor for create_vendor."""
    holds: bool = True
    """False: it was somebody else."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this person, duty and reference."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on. Its topic says which department tells it."""


class EligibilityTold(Fact, type="facts.eligibility.told", kind="vendor"):
    """Whether a person might approve an invoice when it was approved; the answer to EligibilityAsked."""

    invoice: Id = Field(examples=["RE-2026-17"])
    """The document's id."""
    approver: PersonId = Field(examples=["E-104"])
    """Who approved it."""
    person: PersonId = Field(examples=["E-104"])
    """Who is spoken of: the approver, or one who could stand in."""
    at: Instant = Field(examples=["2026-03-09T10:00:00Z"])
    """When it was approved."""
    holds: bool = True
    """False: the approval does not count any more."""
    eligible: bool = Field(examples=[False])
    """Whether this person might approve then."""
    why: str = Field(default="", max_length=500, examples=["was on leave"])
    """Why not, in words that follow the person's id."""
    delegate: PersonId | None = Field(default=None, examples=["E-102"])
    """Who stood in for this person then."""
    question: int = Field(default=1, ge=1)
    """The revision of the question that this answers."""
    revision: int = Field(default=1, ge=1)
    """How often the question was answered."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The approval's record."""
    because: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record that says why not."""
