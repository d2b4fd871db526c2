"""Money: a Decimal amount with its ISO 4217 currency, never a float."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.envelope import Frozen

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Money(Frozen):
    """An amount of money. Amounts compare only within one currency."""

    amount: Decimal = Field(max_digits=18, decimal_places=4, examples=["1250.00"])
    """In units of the currency (not cents)."""
    currency: Currency = Field(default="EUR", examples=["EUR"])
    """ISO 4217 code."""

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.currency}"
