"""Accounting's thresholds."""

from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field

from processors.calendar import CalendarSettings
from processors.settings import RuleSettings
from schemas.accounting import Duty
from schemas.money import Money


def _euros(amount: int) -> Money:
    return Money(amount=Decimal(amount))


class AccountingSettings(RuleSettings):
    """What the rules of accounting may be told."""

    calendar: CalendarSettings = CalendarSettings()
    """When the organisation works."""

    duplicate_window_days: int | None = Field(default=7, ge=0, le=366)
    """Two invoices of one vendor, amount and date are suspicious when they come within this many days; null: they
    are not compared."""

    tolerance_percent: Decimal = Field(default=Decimal(2), ge=0, le=100)
    """By how much of the order a quantity or value may be off, in percent."""
    tolerance_amount: Decimal | None = Field(default=Decimal(10), ge=0)
    """By how much a value may be off, in units of its currency, however small that is in percent."""

    match_orders: bool = True
    """Whether what is charged is compared with what was ordered."""
    match_goods_exactly: bool = False
    """Whether what is charged must equal what came in value, once both were booked, also when less is charged."""

    approval_limit_default: Money = _euros(10_000)
    """Up to how much somebody may approve whose own limit the approval does not name."""
    second_approval_needs_limit: bool = True
    """Whether the second approval must come from somebody whose limit covers the amount."""

    incompatible_duties: tuple[tuple[Duty, Duty], ...] = (
        ("create_vendor", "create_order"),
        ("create_vendor", "approve"),
        ("create_vendor", "pay"),
        ("create_order", "approve"),
        ("create_order", "pay"),
        ("receive_goods", "approve"),
        ("record_invoice", "approve"),
        ("record_invoice", "pay"),
        ("approve", "pay"),
    )
    """Pairs of duties that one person must not do on one purchase."""
    system_users: tuple[str, ...] = ()
    """Accounts that are no persons (interfaces, batch runs); their acts count for nobody. `batch_*` means several."""
    duties_on: Literal["order", "line"] = "order"
    """What one purchase is: an order, or one of its lines, where events name them."""

    purchase_limits: tuple[Money, ...] = (_euros(1_000), _euros(5_000), _euros(10_000), _euros(50_000))
    """Limits above which a purchase needs more than one signature."""
    split_margin_percent: Decimal = Field(default=Decimal(10), gt=0, lt=100)
    """How far below a limit counts as just under it, in percent of the limit."""
    split_count: int = Field(default=3, ge=2, le=50)
    """So many purchases just under one limit are a split one."""
    split_window_days: int = Field(default=7, ge=0, le=366)
    """Within how many days."""

    payment_terms_days: int | None = Field(default=30, ge=0, le=3650)
    """When an invoice without a due date is due, in days after its date; null: never."""
    overdue_stages_days: tuple[int, ...] = Field(default=(30, 60, 90), max_length=20)
    """After how many days an unpaid invoice is said to be overdue again, and is an error."""
    cash_discount_percent: Decimal = Field(default=Decimal(3), ge=0, lt=100)
    """An invoice counts as paid when no more than this is missing, in percent of its amount."""

    bank_change_window_days: int = Field(default=14, ge=0, le=366)
    """A payment so few days after a change of bank details is suspicious."""
    payment_block_days: int = Field(default=14, ge=0, le=3650)
    """A block may stand for so many days."""

    early_invoices: bool = False
    """Whether it is said that a vendor's invoice is dated before the goods came."""
    unpaid_line_days: int | None = Field(default=None, ge=1, le=3650)
    """An order line is paid so many days after it was first invoiced; null: that is not watched."""
    uninvoiced_goods_days: int | None = Field(default=None, ge=1, le=3650)
    """An order line is invoiced so many days after its first goods came; null: that is not watched."""

    first_digit_min_invoices: int = Field(default=300, ge=50)
    """First digits are not judged before there are so many invoices."""
    first_digit_p: float = Field(default=0.001, gt=0, lt=1)
    """The significance below which first digits stray from Benford's law."""

    def is_system(self, person: str) -> bool:
        """Whether this account is no person."""
        return any(fnmatchcase(person, pattern) for pattern in self.system_users)
