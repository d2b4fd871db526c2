"""Three-way match: per order line, the invoice against the order against the goods received."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from processors.departments.accounting.mismatch import mismatch
from processors.departments.accounting.rows import NO_LINE, Line, pair
from processors.departments.accounting.sums import add
from processors.departments.accounting.vendor import Vendor
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
    ReceivedLine,
)
from schemas.envelope import Event, Evidence

MISMATCH = Rule(
    "accounting.three_way_mismatch",
    "error",
    "what is charged for an order line is off from what was ordered or what came, by more than the tolerance;"
    " or it is charged before the goods are there, where goods-based verification is required",
    "order, goods and invoice agree: corrected, rejected, or goods received",
    distinguish=("order", "line"),
    settings=("tolerance_percent", "tolerance_amount", "match_orders", "match_goods_exactly"),
)


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case PurchaseOrderCreated() | PurchaseOrderChanged():
            for ordered in event.lines:
                line = _ordered(_line(now, event.order, ordered.line), ordered, event.about.record)
                now = _judge(now, event.order, ordered.line, line, at)
        case GoodsReceived() | GoodsCancelled():
            sign = 1 if isinstance(event, GoodsReceived) else -1
            for came in event.lines:
                line = _received(_line(now, event.order, came.line), came, sign, event.about.record)
                now = _judge(now, event.order, came.line, line, at)
        case InvoiceCancelled():
            return _take_back(now, event, at)
        case InvoiceReceived() if not now.state.invoice(event.invoice).rejected:
            return _charge(now, event.invoice, event.order or "", event.lines if event.order else (), at)
        case InvoiceRejected() if now.state.invoice(event.invoice).rejected:
            return _charge(now, event.invoice, "", (), at)
    return now


def _take_back(now: Step[Vendor], event: InvoiceCancelled, at: datetime) -> Step[Vendor]:
    for charge in event.lines:
        line = _charged(_line(now, event.order, charge.line), charge, -1, event.about.record)
        now = _judge(now, event.order, charge.line, line, at)
    return now


def _line(now: Step[Vendor], order: str, line: str) -> Line:
    return now.state.lines.get(pair(order, line), NO_LINE)


def _ordered(line: Line, ordered: OrderLine, record: Evidence | None) -> Line:
    return replace(
        line, ordered=ordered.value, quantity=ordered.quantity, matching=ordered.matching, order_record=record
    )


def _received(line: Line, came: ReceivedLine, sign: int, record: Evidence | None) -> Line:
    """With what came, or without what is taken back."""
    uncounted = line.uncounted_receipts + sign * (came.quantity is None)
    return replace(
        line,
        received=line.received + sign * (came.quantity or 0),
        received_all=uncounted > 0,
        received_value=add(line.received_value, came.value, sign),
        uncounted_receipts=uncounted,
        goods_record=record,
    )


def _charged(line: Line, charge: InvoiceLine, sign: int, record: Evidence | None) -> Line:
    return replace(
        line,
        charged=line.charged + sign * (charge.quantity or 0),
        charged_value=add(line.charged_value, charge.value, sign),
        uncounted=line.uncounted + sign * (charge.quantity is None),
        charges=line.charges + sign,
        charge_record=record,
    )


def _charge(
    now: Step[Vendor], invoice: str, order: str, charges: tuple[InvoiceLine, ...], at: datetime
) -> Step[Vendor]:
    """Takes back what this document charged before, books what it charges now, and judges each line touched."""
    before = now.state.invoice(invoice)
    if not charges and not before.charged:
        return now
    touched: dict[tuple[str, str], Line] = {}

    def book(of: str, lines: Iterable[InvoiceLine], sign: int) -> None:
        for charge in lines:
            line = touched.get((of, charge.line)) or _line(now, of, charge.line)
            touched[of, charge.line] = _charged(line, charge, sign, before.record)

    book(before.charged_order, before.charged, -1)
    book(order, charges, +1)
    now = Step(now.state.with_invoice(invoice, charged=charges, charged_order=order), now.emit)
    for (of, name), line in touched.items():
        now = _judge(now, of, name, line, at)
    return now


def _judge(now: Step[Vendor], order: str, name: str, line: Line, at: datetime) -> Step[Vendor]:
    now = now.evolve(lines=now.state.lines.put(pair(order, name), line))
    problem = mismatch(line, now.state.settings)
    if problem is None:
        return now.resolves(MISMATCH, at, "order, goods and invoice agree", order=order, line=name)
    return now.fires(
        MISMATCH,
        at,
        f"Order {order} of {now.state.id}, line {name}: {problem}",
        because=[r for r in (line.order_record, line.goods_record, line.charge_record) if r],
        labels={"order": order, "line": name},
    )
