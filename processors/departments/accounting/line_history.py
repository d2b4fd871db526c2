"""The history of an order line: when each kind of thing first or last happened to it, and what was booked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from processors.evolving import Evolving
from schemas.accounting import (
    GoodsCancelled,
    GoodsReceived,
    InvoiceCancelled,
    InvoiceIssued,
    InvoiceReceived,
    OrderLineAdvanced,
    OrderLineDeleted,
    OrderLineReactivated,
    PaymentBlocked,
    PaymentMade,
    PaymentUnblocked,
    PurchaseOrderChanged,
    PurchaseOrderCreated,
)
from schemas.envelope import Event, Evidence
from schemas.money import Money


class Booking(NamedTuple):
    """Something that an event says of one order line. `what` is as the fields of `LineHistory` call it."""

    order: str
    line: str
    what: str
    value: Money | None
    person: str | None


@dataclass(frozen=True, kw_only=True)
class LineHistory(Evolving):
    """Instants are the events' own. Counts and values are net of what was taken back, in the line's currency."""

    years: tuple[tuple[int, int], ...] = ()
    """How many events there were of each year."""
    value: Decimal | None = None
    """What the line was worth at first."""
    value_varies: bool = False
    minute: datetime | None = None
    """The latest minute in which something happened, and what did, by whom."""
    minute_acts: tuple[tuple[str, str | None], ...] = ()
    repeated: int = 0
    """How often the same person did the same again within one minute."""
    issued_at: datetime | None = None
    """The date of the vendor's first invoice."""
    issued: Evidence | None = None
    goods_at: datetime | None = None
    receipts: int = 0
    goods_value: Decimal = Decimal(0)
    goods: Evidence | None = None
    """The first receipt."""
    invoice_at: datetime | None = None
    charges: int = 0
    invoice_value: Decimal = Decimal(0)
    invoice: Evidence | None = None
    """The first invoice."""
    paid_at: datetime | None = None
    payments: int = 0
    blocked_at: datetime | None = None
    """The first block."""
    unblocked_at: datetime | None = None
    """The last release."""
    repriced_at: datetime | None = None
    """The last change of its price."""
    repriced: Evidence | None = None
    deleted_at: datetime | None = None
    reactivated_at: datetime | None = None


NO_HISTORY = LineHistory()


def bookings(event: Event) -> Iterator[Booking]:
    """What an event says of order lines, one by one."""
    match event:
        case PurchaseOrderCreated():
            yield from (Booking(event.order, o.line, "ordered", o.value, event.created_by) for o in event.lines)
        case PurchaseOrderChanged():
            what = "repriced" if event.what == "price" else f"changed {event.what}"
            yield from (Booking(event.order, o.line, what, o.value, event.changed_by) for o in event.lines)
        case GoodsReceived():
            yield from (Booking(event.order, g.line, "goods", g.value, event.received_by) for g in event.lines)
        case GoodsCancelled():
            yield from (Booking(event.order, g.line, "no goods", g.value, event.cancelled_by) for g in event.lines)
        case InvoiceReceived(order=str() as order):
            yield from (Booking(order, c.line, "invoice", c.value, event.recorded_by) for c in event.lines)
        case InvoiceCancelled():
            yield from (Booking(event.order, c.line, "no invoice", c.value, event.cancelled_by) for c in event.lines)
        case _:
            yield from _of_one_line(event)


def _of_one_line(event: Event) -> Iterator[Booking]:
    match event:
        case PaymentMade(order=str() as order, line=str() as line):
            yield Booking(order, line, "paid", event.amount, event.paid_by)
        case InvoiceIssued():
            yield Booking(event.order, event.line, "issued", event.value, None)
        case OrderLineAdvanced():
            yield Booking(event.order, event.line, f"advanced {event.what}", event.value, event.by)
        case PaymentBlocked() | PaymentUnblocked() | OrderLineDeleted() | OrderLineReactivated():
            if event.order and event.line:
                yield Booking(event.order, event.line, _CHANGES[type(event)], event.value, event.by)


_CHANGES: dict[type[Event], str] = {
    PaymentBlocked: "blocked",
    PaymentUnblocked: "unblocked",
    OrderLineDeleted: "deleted",
    OrderLineReactivated: "reactivated",
}


def booked(history: LineHistory, booking: Booking, event: Event, today: date) -> LineHistory:
    """The history with one booking more. `today`: the day of the event where the organisation is."""
    time, what = event.about.time, booking.what
    amount = booking.value.amount if booking.value is not None else None
    minute, act = time.replace(second=0, microsecond=0), (what, booking.person)
    acts = history.minute_acts if history.minute == minute else ()
    first = amount if history.value is None else history.value
    return history.evolve(
        years=_counted(history.years, today.year),
        value=first,
        value_varies=history.value_varies or (amount is not None and amount != first),
        minute=minute,
        minute_acts=acts if act in acts else (*acts, act),
        repeated=history.repeated + (act in acts),
        **_changes(history, what, amount or Decimal(0), time, event.about.record),
    )


def _changes(
    history: LineHistory, what: str, amount: Decimal, time: datetime, record: Evidence | None
) -> dict[str, Any]:
    """What a booking of this kind changes besides."""
    match what:
        case "goods":
            first: dict[str, Any] = {"goods_at": time, "goods": record} if _earlier(time, history.goods_at) else {}
            return {**first, "receipts": history.receipts + 1, "goods_value": history.goods_value + amount}
        case "no goods":
            return {"receipts": history.receipts - 1, "goods_value": history.goods_value - amount}
        case "invoice":
            first = {"invoice_at": time, "invoice": record} if _earlier(time, history.invoice_at) else {}
            return {**first, "charges": history.charges + 1, "invoice_value": history.invoice_value + amount}
        case "no invoice":
            return {"charges": history.charges - 1, "invoice_value": history.invoice_value - amount}
        case "paid":
            return {"payments": history.payments + 1, "paid_at": min(time, history.paid_at or time)}
        case "issued" | "blocked":
            known = history.issued_at if what == "issued" else history.blocked_at
            first = {"issued": record} if what == "issued" and _earlier(time, known) else {}
            return {**first, f"{what}_at": min(time, known or time)}
        case "unblocked" | "repriced" | "deleted" | "reactivated":
            known = getattr(history, f"{what}_at")
            last = {"repriced": record} if what == "repriced" and (known is None or known <= time) else {}
            return {**last, f"{what}_at": max(time, known or time)}
    return {}


def _earlier(time: datetime, known: datetime | None) -> bool:
    return known is None or time < known


def _counted(years: tuple[tuple[int, int], ...], year: int) -> tuple[tuple[int, int], ...]:
    if years and years[-1][0] == year:
        return (*years[:-1], (year, years[-1][1] + 1))
    counts = dict(years)
    return tuple(sorted({**counts, year: counts.get(year, 0) + 1}.items()))
