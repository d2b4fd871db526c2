"""Three-way match: per order line, the invoice against the order against the goods received."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce

from processors.departments.accounting.mismatch import mismatch
from processors.departments.accounting.rows import NO_LINE, Line, LineBooking, pair
from processors.departments.accounting.settings import AccountingSettings
from processors.departments.accounting.sums import add
from processors.departments.accounting.vendor import Vendor
from processors.grounds import least
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import (
    GoodsCancelled,
    GoodsReceived,
    InvoiceCancelled,
    InvoiceLine,
    InvoiceReceived,
    InvoiceRejected,
    OrderLine,
    PurchaseOrderChanged,
    PurchaseOrderCreated,
)
from schemas.envelope import Event, Evidence

MISMATCH = Rule(
    "accounting.three_way_mismatch",
    "error",
    "what is charged for an order line is off from what was ordered or what came, by more than the tolerance;"
    " or it is charged before the goods are there, where goods-based verification is required",
    "order, goods and invoice agree: corrected, rejected, or goods received",
    distinguish=("order", "line"),
    measure="of lines with 50 or more receipts and charges: the sums of all of them",
    settings=("tolerance_percent", "tolerance_amount", "match_orders", "match_goods_exactly"),
)

MOST_BOOKINGS, SHOWN = 50, 10
"""So many receipts and charges of a line are remembered one by one, the latest; an alert names so many of more."""


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    here = event.about.record
    match event:
        case PurchaseOrderCreated() | PurchaseOrderChanged():
            for ordered in event.lines:
                line = _ordered(_line(now, event.order, ordered.line), ordered, here)
                now = _judge(now, event.order, ordered.line, line, event, at)
        case GoodsReceived() | GoodsCancelled():
            sign = 1 if isinstance(event, GoodsReceived) else -1
            for came in event.lines:
                booking = LineBooking("goods", sign, came.quantity, came.value, here)
                line = _booked(_line(now, event.order, came.line), booking)
                now = _judge(now, event.order, came.line, line, event, at)
        case InvoiceCancelled():
            for charge in event.lines:
                booking = LineBooking("charge", -1, charge.quantity, charge.value, here)
                line = _booked(_line(now, event.order, charge.line), booking)
                now = _judge(now, event.order, charge.line, line, event, at)
        case InvoiceReceived() if not now.state.invoice(event.invoice).rejected:
            return _charge(now, event, event.order or "", event.lines if event.order else (), at)
        case InvoiceRejected() if now.state.invoice(event.invoice).rejected:
            return _charge(now, event, "", (), at)
    return now


def _line(now: Step[Vendor], order: str, line: str) -> Line:
    return now.state.lines.get(pair(order, line), NO_LINE)


def _ordered(line: Line, ordered: OrderLine, record: Evidence | None) -> Line:
    return line.evolve(ordered=ordered.value, quantity=ordered.quantity, matching=ordered.matching, order_record=record)


def _booked(line: Line, booking: LineBooking) -> Line:
    """With one booking more."""
    return _added(line, booking).evolve(bookings=(*line.bookings, booking)[-MOST_BOOKINGS:])


def _added(line: Line, booking: LineBooking) -> Line:
    """The sums with one booking more."""
    sign, quantity, value = booking.sign, booking.quantity, booking.value
    if booking.what == "goods":
        uncounted = line.uncounted_receipts + sign * (quantity is None)
        return line.evolve(
            received=line.received + sign * (quantity or 0),
            received_all=uncounted > 0,
            received_value=add(line.received_value, value, sign),
            uncounted_receipts=uncounted,
            goods_record=booking.record,
        )
    return line.evolve(
        charged=line.charged + sign * (quantity or 0),
        charged_value=add(line.charged_value, value, sign),
        uncounted=line.uncounted + sign * (quantity is None),
        charges=line.charges + sign,
        charge_record=booking.record,
    )


def _charge(
    now: Step[Vendor],
    event: InvoiceReceived | InvoiceRejected,
    order: str,
    charges: tuple[InvoiceLine, ...],
    at: datetime,
) -> Step[Vendor]:
    """Takes back what this document charged before, books what it charges now, and judges each line touched."""
    invoice, before = event.invoice, now.state.invoice(event.invoice)
    if not charges and not before.charged:
        return now
    touched: dict[tuple[str, str], Line] = {}

    def line_of(of: str, name: str) -> Line:
        return touched.get((of, name)) or _line(now, of, name)

    for charge in before.charged:
        line = line_of(before.charged_order, charge.line)
        line = _added(line, LineBooking("charge", -1, charge.quantity, charge.value, before.record))
        left = tuple(booking for booking in line.bookings if booking.document != invoice)
        touched[before.charged_order, charge.line] = line.evolve(bookings=left)
    for charge in charges:
        booking = LineBooking("charge", 1, charge.quantity, charge.value, before.record, invoice)
        touched[order, charge.line] = _booked(line_of(order, charge.line), booking)
    now = Step(now.state.with_invoice(invoice, charged=charges, charged_order=order), now.emit)
    for (of, name), line in touched.items():
        now = _judge(now, of, name, line, event, at)
    return now


def _judge(now: Step[Vendor], order: str, name: str, line: Line, event: Event, at: datetime) -> Step[Vendor]:
    now = now.evolve(lines=now.state.lines.put(pair(order, name), line))
    settings = now.state.settings
    problem = mismatch(line, settings)
    if problem is None:
        return now.resolves(MISMATCH, at, "order, goods and invoice agree", by=[event], order=order, line=name)
    some_forgotten = len(line.bookings) == MOST_BOOKINGS
    return now.fires(
        MISMATCH,
        at,
        f"Order {order} of {now.state.id}, line {name}: {problem}",
        because=_latest(line) if some_forgotten else _grounds(line, problem, settings),
        labels={"order": order, "line": name},
        measured=problem if some_forgotten else None,
    )


def _grounds(line: Line, problem: str, settings: AccountingSettings) -> Iterator[Evidence]:
    """The order, and the receipts and charges without which it would be another problem, or none."""
    of_records: dict[Evidence | None, list[LineBooking]] = {}
    for booking in line.bookings:
        of_records.setdefault(booking.record, []).append(booking)

    def holds(records: Sequence[Evidence | None]) -> bool:
        some = (booking for record in records for booking in of_records[record])
        return mismatch(_of(line, some), settings) == problem

    yield from (record for record in (line.order_record, *least(list(of_records), holds)) if record)


def _latest(line: Line) -> Iterator[Evidence]:
    records = (line.order_record, *(booking.record for booking in line.bookings[-SHOWN:]))
    yield from (record for record in records if record)


def _of(line: Line, bookings: Iterable[LineBooking]) -> Line:
    """The line as these bookings alone would make it."""
    ordered = Line(ordered=line.ordered, quantity=line.quantity, matching=line.matching)
    return reduce(_added, bookings, ordered)
