"""What the states of accounting answer besides alerts: how order lines went from order to payment."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal

from processors.departments.accounting.line_history import LineHistory
from processors.departments.accounting.vendor import Vendor
from processors.measure import Measure, by_name
from schemas.accounting import Duty

CENT = Decimal("0.01")


def _name(entry: str) -> str:
    return entry.replace("\x1f", "/")


def _lines(name: str, doc: str, holds: Callable[[LineHistory], object]) -> Measure:
    """The order lines, `order/line`, whose history is so."""

    def read(key: str, vendor: Vendor) -> Iterable[str]:
        return (_name(entry) for entry, history in vendor.histories.items() if holds(history))

    return Measure(name, doc, "vendor", read)


def _goods_based(key: str, vendor: Vendor) -> Iterable[str]:
    return (_name(entry) for entry, line in vendor.lines.items() if line.matching == "goods_based")


def _orders(key: str, vendor: Vendor) -> Iterable[str]:
    return {entry.partition("\x1f")[0] for entry in vendor.histories}


def _vendors(key: str, vendor: Vendor) -> Iterable[str]:
    return (vendor.id,) if vendor.histories else ()


def _years(key: str, vendor: Vendor) -> Iterable[str]:
    for history in vendor.histories.values():
        for year, events in history.years:
            yield from (str(year),) * events


def _repeated(key: str, vendor: Vendor) -> Iterable[str]:
    return ("repeated",) * sum(history.repeated for history in vendor.histories.values())


def _people(name: str, doc: str, duty: Duty) -> Measure:
    """The persons, by their ids, who did this."""

    def read(key: str, vendor: Vendor) -> Iterable[str]:
        return {act.person for acts in vendor.acts.values() for act in acts if act.duty == duty}

    return Measure(name, doc, "vendor", read)


def _off(history: LineHistory) -> Decimal:
    """By how much more is charged than came, in cents' precision; 0 where one of the two was never booked."""
    if history.goods_at is None or history.invoice_at is None:
        return Decimal(0)
    return (history.invoice_value - history.goods_value).quantize(CENT)


def _paid_late(history: LineHistory, days: int) -> bool:
    invoiced, paid = history.invoice_at, history.paid_at
    return invoiced is not None and paid is not None and paid - invoiced > timedelta(days=days)


def _released_later(history: LineHistory) -> bool:
    blocked, released = history.blocked_at, history.unblocked_at
    return blocked is not None and released is not None and blocked < released


def _early_invoice(history: LineHistory) -> bool:
    issued, came = history.issued_at, history.goods_at
    return issued is not None and came is not None and issued < came


def _charged_first(history: LineHistory) -> bool:
    charged, came = history.invoice_at, history.goods_at
    return charged is not None and (came is None or charged < came)


def _paid_first(history: LineHistory) -> bool:
    paid, came = history.paid_at, history.goods_at
    return paid is not None and (came is None or paid < came)


def _repriced_after(history: LineHistory) -> bool:
    charged, repriced = history.invoice_at, history.repriced_at
    return charged is not None and repriced is not None and repriced > charged


MEASURES = by_name(
    Measure("vendors_ordered_from", "Vendors with order lines.", "vendor", _vendors),
    Measure("purchase_orders", "Orders with lines of which something was said.", "vendor", _orders),
    _lines("order_lines", "Order lines of which something was said.", lambda h: True),
    Measure("order_lines_goods_based", "Order lines whose goods must come first.", "vendor", _goods_based),
    Measure("order_line_events_by_year", "What happened to order lines, by year.", "vendor", _years, "count"),
    Measure("order_line_events_repeated", "Repeats within one minute, by one person.", "vendor", _repeated, "count"),
    _lines("lines_received", "Order lines with goods.", lambda h: h.goods_at),
    _lines("lines_invoiced", "Order lines with an invoice.", lambda h: h.invoice_at),
    _lines("lines_received_and_invoiced", "Order lines with both.", lambda h: h.goods_at and h.invoice_at),
    _lines("lines_not_invoiced", "Order lines with goods and no invoice.", lambda h: h.goods_at and not h.invoice_at),
    _lines("lines_invoiced_before_goods", "Order lines invoiced before or without goods.", _charged_first),
    _lines("lines_invoice_dated_before_goods", "Order lines whose invoice is dated before the goods.", _early_invoice),
    _lines("lines_paid", "Order lines that were paid.", lambda h: h.paid_at),
    _lines("lines_paid_again", "Order lines with more than one payment.", lambda h: h.payments > 1),
    _lines("lines_paid_before_goods", "Order lines paid before or without goods.", _paid_first),
    _lines("lines_paid_without_goods", "Order lines paid and never received.", lambda h: h.paid_at and not h.goods_at),
    _lines("lines_paid_after_60_days", "Order lines paid 60 days after invoice or later.", lambda h: _paid_late(h, 60)),
    _lines("lines_blocked", "Order lines ever blocked for payment.", lambda h: h.blocked_at),
    _lines("lines_released", "Order lines ever released for payment.", lambda h: h.unblocked_at),
    _lines("lines_blocked_and_released", "Order lines with both.", lambda h: h.blocked_at and h.unblocked_at),
    _lines("lines_released_later", "Order lines blocked and later released.", _released_later),
    _lines(
        "lines_released_unblocked",
        "Order lines released without a block that was heard of.",
        lambda h: h.unblocked_at and not h.blocked_at,
    ),
    _lines(
        "lines_paid_while_blocked",
        "Order lines paid, blocked and never released.",
        lambda h: h.paid_at and h.blocked_at and not h.unblocked_at,
    ),
    _lines("lines_value_off", "Order lines with another value charged than came.", _off),
    _lines("lines_value_over", "Order lines with more charged than came.", lambda h: _off(h) > 0),
    _lines(
        "lines_more_invoices_than_receipts",
        "Order lines with more invoices than receipts, of those with both.",
        lambda h: h.goods_at and h.invoice_at and h.charges > h.receipts,
    ),
    _lines("lines_value_varies", "Order lines whose value was told differently.", lambda h: h.value_varies),
    _lines("lines_repriced", "Order lines whose price was changed.", lambda h: h.repriced_at),
    _lines("lines_repriced_after_invoice", "Order lines repriced after they were invoiced.", _repriced_after),
    _lines("lines_deleted", "Order lines ever deleted.", lambda h: h.deleted_at),
    _lines(
        "lines_deleted_and_paid",
        "Order lines deleted for good, and paid.",
        lambda h: h.deleted_at and not h.reactivated_at and h.paid_at,
    ),
    _people("people_creating_orders", "Who creates orders.", "create_order"),
    _people("people_recording_invoices", "Who records invoices.", "record_invoice"),
)
