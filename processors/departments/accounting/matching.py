"""Three-way match: per order line, the invoice against the order against the goods received."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from processors.departments.accounting.settings import AccountingSettings
from processors.departments.accounting.vendor import NO_LINE, Line, Vendor, add, pair, total
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


def mismatch(line: Line, settings: AccountingSettings) -> str | None:
    """What does not agree, in words; None when all does, or when there is nothing yet to compare."""
    if line.matching == "none" or line.ordered is None:
        return None
    if settings.match_goods_exactly and line.goods_record and line.charge_record:
        return _exactly(line, line.ordered.currency, settings)
    if not line.charges:
        return None
    foreign = [s.currency for s in line.charged_value if s.currency != line.ordered.currency]
    if foreign:
        return f"ordered in {line.ordered.currency}, charged in {foreign[0]}"
    problem = _against_order(line, settings) if settings.match_orders else None
    if problem is None and line.matching != "two_way":
        problem = _against_goods(line, settings)
    return problem


def _exactly(line: Line, currency: str, settings: AccountingSettings) -> str | None:
    """Goods that are valued, against what is charged for them, whichever is more."""
    came, charged = total(line.received_value, currency), total(line.charged_value, currency)
    if not _too_much(abs(charged - came), came, settings):
        return None
    return f"{charged:,.2f} {currency} charged, goods worth {came:,.2f} came"


def _against_order(line: Line, settings: AccountingSettings) -> str | None:
    if line.ordered is None:
        return None
    value, currency = line.ordered.amount, line.ordered.currency
    charged = total(line.charged_value, currency)
    if line.quantity is None or line.uncounted:
        if _too_much(charged - value, value, settings):
            return f"{charged:,.2f} {currency} charged, {value:,.2f} ordered"
        return None
    if line.charged - line.quantity > _percent(line.quantity, settings):
        return f"{_plain(line.charged)} charged, {_plain(line.quantity)} ordered"
    due = value * line.charged / line.quantity if line.quantity else value
    if _too_much(abs(charged - due), due, settings):
        return f"{charged:,.2f} {currency} charged for {_plain(line.charged)}, {due:,.2f} by the order's price"
    return None


def _against_goods(line: Line, settings: AccountingSettings) -> str | None:
    early = line.matching == "goods_based"
    if line.received_all:
        return None
    came = total(line.received_value, line.ordered.currency) if line.ordered else Decimal(0)
    if not line.received and not came:
        if not early:
            return None
        return "charged, and the goods were taken back" if line.goods_record else "charged before any goods came"
    if line.uncounted or not line.received:
        return _value_against_goods(line, came, settings)
    if line.charged - line.received > (0 if early else _percent(line.received, settings)):
        return f"{_plain(line.charged)} charged, {_plain(line.received)} came"
    if line.quantity is not None and line.received - line.quantity > _percent(line.quantity, settings):
        return f"{_plain(line.received)} came, {_plain(line.quantity)} ordered"
    return None


def _value_against_goods(line: Line, came: Decimal, settings: AccountingSettings) -> str | None:
    """For lines whose goods are valued and not counted."""
    if not came or line.ordered is None:
        return None
    charged = total(line.charged_value, line.ordered.currency)
    if _too_much(charged - came, came, settings):
        return f"{charged:,.2f} {line.ordered.currency} charged, goods worth {came:,.2f} came"
    return None


def _percent(of: Decimal, settings: AccountingSettings) -> Decimal:
    return abs(of) * settings.tolerance_percent / 100


def _too_much(off: Decimal, of: Decimal, settings: AccountingSettings) -> bool:
    """Off by more than the share of the reference, or by more than the units of currency."""
    limit = settings.tolerance_amount
    return off > _percent(of, settings) or (limit is not None and off > limit)


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
