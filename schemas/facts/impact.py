"""What is told of the damage that an outage may have done."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact
from schemas.money import Money


class ImpactReported(Fact, type="facts.impact.reported", kind="service"):
    """Something went wrong with what needs this service. Whether an outage did it is for the ledger to say."""

    what: Literal["complaint", "order", "invoice", "overrun"] = Field(examples=["invoice"])
    """A complaint, a delayed order, a late invoice, a budget overrun."""
    reference: Id = Field(examples=["RE-2026-17"])
    """Its id: what is said of one `what` and `reference` again takes the place of what was said before."""
    since: Instant = Field(examples=["2026-03-02T09:00:00Z"])
    """From when on it may have been an outage's doing."""
    until: Instant = Field(examples=["2026-03-02T17:00:00Z"])
    """Until when; the same instant for what happens at once."""
    money: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """The money that is late or lost, if any."""
    hours: Decimal = Field(default=Decimal(0), ge=0, max_digits=12, decimal_places=2, examples=["3.50"])
    """The working time it took, in hours, as far as known."""
    holds: bool = True
    """False: it did not happen after all, or not to this service."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of it."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
