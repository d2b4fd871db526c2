"""Accounting alone, and short words for what is said to it of vendor acme."""

from datetime import date
from decimal import Decimal
from typing import Any

from processors.departments.accounting import department
from schemas.accounting import (
    InvoiceApproved,
    InvoiceReceived,
    InvoiceRejected,
    PaymentMade,
    PurchaseOrderCreated,
)
from schemas.envelope import Event
from schemas.money import Money
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office

Said = tuple[str, Event]

FAR = date(2030, 1, 1)


def office(**told: Any) -> Office:
    """An accounting office on a Monday; working hours are 9 to 17, UTC."""
    return Office(partitions=1, processors=[department], settings={"accounting": told}).at("2026-01-05T08:00")


def eur(amount: str | int | Decimal, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def day(text: str) -> date:
    return date.fromisoformat(text)


def acme(event: Event) -> Said:
    return "vendor/acme", event


def invoice(id: str = "RE-1", amount: str | int = 500, due: date | None = FAR, **more: Any) -> Said:
    told = {"number": id, "issued_on": day("2026-01-02"), **more}
    return acme(InvoiceReceived(invoice=id, amount=eur(amount), due_on=due, **told))


def rejected(id: str = "RE-1") -> Said:
    return acme(InvoiceRejected(invoice=id, by="hugo"))


def approved(id: str, by: str, limit: str | int | None = None) -> Said:
    return acme(InvoiceApproved(invoice=id, approver=by, approver_limit=eur(limit) if limit else None))


def paid(id: str = "PAY-1", amount: str | int = 500, on: str = "2026-01-05", **more: Any) -> Said:
    return acme(PaymentMade(payment=id, amount=eur(amount), paid_on=day(on), **more))


def order(id: str = "PO-1", total: str | int = 100, on: str = "2026-01-05", **more: Any) -> Said:
    return acme(PurchaseOrderCreated(order=id, total=eur(total), ordered_on=day(on), **more))


def fired(firm: Office, rule: str) -> list[ConditionFired]:
    return [s for s in firm.signals(rule) if isinstance(s, ConditionFired)]


def why_resolved(firm: Office, rule: str) -> list[str]:
    return [s.because for s in firm.signals(rule) if isinstance(s, ConditionResolved)]
