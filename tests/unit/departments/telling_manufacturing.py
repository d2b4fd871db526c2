"""Manufacturing alone, and short words for what is said to it."""

from datetime import date
from decimal import Decimal
from typing import Any

from processors.departments.manufacturing import department
from schemas.envelope import Event
from schemas.manufacturing import (
    BudgetApproved,
    CostBooked,
    CostReversed,
    FindingReviewed,
    InspectionDone,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderShipped,
    WorkCompleted,
    WorkStarted,
)
from schemas.money import Money
from tests.office import Office

Said = tuple[str, Event]


def works(**settings: Any) -> Office:
    """Manufacturing alone, from Monday, 5 January 2026 at 8:00; working hours 9 to 17, UTC."""
    return Office(processors=[department], partitions=1, settings={"manufacturing": settings} if settings else None)


def p1(event: Event) -> Said:
    return "project/P-1", event


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def budget(amount: str, currency: str = "EUR") -> Said:
    return p1(BudgetApproved(amount=money(amount, currency)))


def placed(order: str = "WO-1", value: str | None = None, currency: str = "EUR", **more: Any) -> Said:
    if "promised_on" in more:
        more["promised_on"] = date.fromisoformat(more["promised_on"])
    return p1(OrderPlaced(order=order, value=money(value, currency) if value else None, **more))


def changed(order: str = "WO-1", value: str | None = None, **more: Any) -> Said:
    if "promised_on" in more:
        more["promised_on"] = date.fromisoformat(more["promised_on"])
    return p1(OrderChanged(order=order, value=money(value) if value else None, **more))


def cancelled(order: str = "WO-1") -> Said:
    return p1(OrderCancelled(order=order))


def booked(amount: str, booking: str = "B-1", order: str | None = None, currency: str = "EUR", **more: Any) -> Said:
    return p1(CostBooked(booking=booking, amount=money(amount, currency), order=order, **more))


def reversed_(booking: str = "B-1") -> Said:
    return p1(CostReversed(booking=booking))


def shipped(order: str = "WO-1", quantity: int | None = None, shipment: str = "SH-1") -> Said:
    return p1(OrderShipped(order=order, quantity=quantity, shipment=shipment))


def started(order: str = "WO-1") -> Said:
    return p1(WorkStarted(order=order))


def completed(produced: int | None = None, rejected: int | None = None, order: str = "WO-1") -> Said:
    return p1(WorkCompleted(order=order, produced=produced, rejected=rejected))


def lot(name: str, accepted: int, rejected: int, order: str | None = None, rework: bool = False) -> Said:
    return p1(InspectionDone(inspection=name, accepted=accepted, rejected=rejected, order=order, rework=rework))


def reviewed(rule: str, outcome: str = "accepted", until: str | None = None, **identity: str) -> Said:
    told = {"rule": rule, "identity": identity, "by": "E-1", "outcome": outcome, "until": until}
    return p1(FindingReviewed.model_validate(told))
