"""What is told of a vendor's purchases: who did what, in whichever department."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Evidence, Id
from schemas.facts.fact import EVIDENCE, Fact


class DutyDone(Fact, type="facts.duty.done", kind="vendor"):
    """A person did one of the duties of a purchase, or turns out not to have."""

    person: Id = Field(examples=["E-104"])
    """Employee id of the one who did."""
    duty: Literal["create_vendor", "place_order", "receive_goods", "record_invoice", "approve_invoice", "pay"] = Field(
        examples=["place_order"]
    )
    """What was done."""
    reference: Id = Field(examples=["WO-7"])
    """The order, invoice or payment it was done on; the vendor itself for `create_vendor`."""
    holds: bool = True
    """False: it was thought to be so, and is not."""
    revision: int = 1
    """How often something was said of this reference's duties."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
