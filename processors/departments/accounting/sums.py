"""Amounts added up, one sum per currency."""

from dataclasses import dataclass
from decimal import Decimal

from schemas.money import Money


@dataclass(frozen=True, slots=True)
class Sum:
    """Several amounts of one currency; unlike `Money`, as large as it gets."""

    currency: str
    amount: Decimal


def total(sums: tuple[Sum, ...], currency: str) -> Decimal:
    return next((s.amount for s in sums if s.currency == currency), Decimal(0))


def add(sums: tuple[Sum, ...], money: Money | None, sign: int = 1) -> tuple[Sum, ...]:
    """The sums, one per currency, with this amount more (or less)."""
    if money is None:
        return sums
    others = tuple(s for s in sums if s.currency != money.currency)
    amount = total(sums, money.currency) + sign * money.amount
    return (*others, Sum(money.currency, amount)) if amount else others
