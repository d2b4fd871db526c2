"""What is told of a customer and of a product: complaints."""

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact
from schemas.privacy import PersonId


class CustomerComplained(Fact, type="facts.customer.complained", kind="customer"):
    """A complaint is this customer's, or turns out not to be."""

    complaint: Id = Field(examples=["C-17"])
    """The complaint's id."""
    received_at: Instant = Field(examples=["2026-03-02T09:30:00Z"])
    """When the complaint came."""
    holds: bool = True
    """False: it was thought to be this customer's, and is not."""
    via: PersonId | None = Field(default=None, examples=["CU-881"])
    """The id under which it was told, when that is merged into this one. Passed on by correlation, from key to key."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this complaint's customer, or was passed on."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class CustomerMerged(Fact, type="facts.customer.merged", kind="customer"):
    """This customer is another one."""

    into: PersonId = Field(examples=["CU-17"])
    """The id that stays."""
    revision: int = Field(default=1, ge=1)
    """How often that was said."""


class ProductComplained(Fact, type="facts.product.complained", kind="product"):
    """A complaint is about this product, or turns out not to be."""

    complaint: Id = Field(examples=["C-17"])
    """The complaint's id."""
    received_at: Instant = Field(examples=["2026-03-02T09:30:00Z"])
    """When the complaint came."""
    names: bool = True
    """False: it was thought to be about this product, and is not."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this complaint's product."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""
