"""What does not agree on one order line: invoice against order, and against the goods received."""

from decimal import Decimal

from processors.departments.accounting.rows import Line
from processors.departments.accounting.settings import AccountingSettings
from processors.departments.accounting.sums import total


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
