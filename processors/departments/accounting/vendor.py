"""A vendor with its orders, invoices and payments: what is remembered of each."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from processors.calendar import Calendar
from processors.departments.accounting.line_history import LineHistory
from processors.departments.accounting.settings import AccountingSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from schemas.accounting import Duty, InvoiceLine, Matching
from schemas.envelope import Evidence
from schemas.money import Money


@dataclass(frozen=True, slots=True)
class Sum:
    """Several amounts of one currency; unlike `Money`, as large as it gets."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody released an invoice, up to a limit."""

    approver: str
    limit: Money
    record: Evidence | None
    at: datetime | None = None
    """When, by the event's own time."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did, and the record that says so."""

    person: str
    duty: Duty
    record: Evidence | None
    through: tuple[Evidence, ...] = ()
    """What else says that it belongs to the purchase: the document, say, whose order that is."""

    @property
    def records(self) -> tuple[Evidence, ...]:
        return (*self.through, *((self.record,) if self.record else ()))


@dataclass(frozen=True, slots=True)
class Booked:
    """What was reported of a late invoice to the ledger of the service it needs."""

    service: str
    since: datetime
    until: datetime
    hours: Decimal
    holds: bool
    revision: int

    def again(self, **changes: object) -> "Booked":
        """The next report, with these changes."""
        return replace(self, **{"revision": self.revision + 1, **changes})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A document, by our id. Approvals, blocks and payments may be known before the document itself."""

    number: str = ""
    amount: Money | None = None
    issued_on: date | None = None
    due_on: date | None = None
    order: str | None = None
    needs_service: str | None = None
    record: Evidence | None = None
    received_at: datetime | None = None
    rejected_at: datetime | None = None
    blocked_at: datetime | None = None
    unblocked_at: datetime | None = None
    block_record: Evidence | None = None
    paid: tuple[Sum, ...] = ()
    """What was paid, per currency."""
    payments: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    copies: tuple[str, ...] = ()
    """Documents that are suspected to be this one over again."""
    charged: tuple[InvoiceLine, ...] = ()
    """What matching has booked on the lines of `charged_order`."""
    charged_order: str = ""
    digit: int = 0
    """The first digit that was counted; 0: none."""
    acts: tuple[Act, ...] = ()
    """Who approved and paid, for when the order becomes known."""
    asked: int = 0
    """How often it was asked whether an approver might approve: the revision of the latest question."""
    asked_rejected: bool = False
    """Whether it was rejected when it was asked last."""
    booked: Booked | None = None

    @property
    def rejected(self) -> bool:
        """Sent back, and not received again since."""
        if self.rejected_at is None:
            return False
        return self.received_at is None or self.rejected_at >= self.received_at

    @property
    def blocked(self) -> bool:
        if self.blocked_at is None:
            return False
        return self.unblocked_at is None or self.unblocked_at < self.blocked_at

    def is_paid(self, discount_percent: Decimal) -> bool:
        """Paid in full, but for a cash discount."""
        if self.amount is None:
            return False
        needed = self.amount.amount * (100 - discount_percent) / 100
        return needed > 0 and total(self.paid, self.amount.currency) >= needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment. A link may be known before the payment itself."""

    amount: Money | None = None
    paid_on: date | None = None
    paid_by: str | None = None
    invoice: str | None = None
    order: str | None = None
    record: Evidence | None = None


@dataclass(frozen=True, slots=True)
class LineBooking:
    """What one record says came for an order line, was charged for it, or was taken back (`sign` -1)."""

    what: Literal["goods", "charge"]
    sign: int
    quantity: Decimal | None
    value: Money | None
    record: Evidence | None
    document: str = ""
    """The invoice; empty for goods, and for what is taken back by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an order: what was ordered, came and was charged."""

    ordered: Money | None = None
    quantity: Decimal | None = None
    matching: Matching = "three_way"
    received: Decimal = Decimal(0)
    received_all: bool = False
    """A receipt without a quantity: everything came."""
    received_value: tuple[Sum, ...] = ()
    uncounted_receipts: int = 0
    """Receipts that name no quantity, without those taken back."""
    charged: Decimal = Decimal(0)
    charged_value: tuple[Sum, ...] = ()
    uncounted: int = 0
    """Charges that name no quantity."""
    charges: int = 0
    order_record: Evidence | None = None
    goods_record: Evidence | None = None
    charge_record: Evidence | None = None
    bookings: tuple[LineBooking, ...] = ()
    """What the sums are of: the latest of it, without documents that were received anew or rejected."""


NO_INVOICE, NO_PAYMENT, NO_LINE = Invoice(), Payment(), Line()
"""What is known of one that was never heard of."""


@dataclass(frozen=True, slots=True)
class NumberUse:
    """The document that stands for a number, or for an amount and date."""

    invoice: str
    number: str


@dataclass(frozen=True, slots=True)
class NearLimit:
    """A purchase just under a limit. `chain`: the first purchase of the split one it belongs to, if any."""

    purchase: str
    on: date
    record: Evidence | None
    chain: str = ""


@dataclass(frozen=True, slots=True)
class BankChange:
    """The latest change of bank details."""

    at: datetime
    on: date
    record: Evidence | None


@dataclass(frozen=True, kw_only=True)
class Vendor(Reviewed):
    """Everything known of a vendor."""

    label_fields = ("vendor_class", "country")

    settings: AccountingSettings = field(default=AccountingSettings())
    vendor_class: str | None = None
    country: str | None = None
    created_by: str | None = None
    creation: Evidence | None = None
    creations: int = 0
    """How often it was told who created the vendor, or that somebody did not: the revision of the latest."""
    bank_change: BankChange | None = None
    latest_payment: str | None = None
    digits: tuple[int, ...] = (0,) * 9
    """How many invoices' amounts begin with 1, 2, … 9."""
    invoices: Rows[Invoice] = field(default_factory=Rows)
    payments: Rows[Payment] = field(default_factory=Rows)
    lines: Rows[Line] = field(default_factory=Rows)
    """By `pair(order, line)`."""
    histories: Rows[LineHistory] = field(default_factory=Rows)
    """What happened to each order line, by `pair(order, line)`."""
    numbers: Rows[NumberUse] = field(default_factory=Rows)
    """By normalised number."""
    amounts: Rows[NumberUse] = field(default_factory=Rows)
    """By amount and date, for as long as a second one would be suspicious."""
    acts: Rows[tuple[Act, ...]] = field(default_factory=Rows)
    """What a person did on a purchase, by `pair(purchase, person)`."""
    near_limits: Rows[tuple[NearLimit, ...]] = field(default_factory=Rows)
    """The latest purchases just under a limit, by limit."""

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)

    def invoice(self, invoice: str) -> Invoice:
        """The document, or an empty one of which nothing is known yet."""
        return self.invoices.get(invoice, NO_INVOICE)

    def with_invoice(self, invoice: str, **changes: object) -> "Vendor":
        changed = replace(self.invoice(invoice), **changes)  # type: ignore[arg-type]
        return self.evolve(invoices=self.invoices.put(invoice, changed))

    def purchase_of(self, invoice: str) -> str:
        """The purchase a document belongs to: its order, or itself."""
        return self.invoice(invoice).order or invoice


def pair(one: str, other: str) -> str:
    """A row's entry made of two ids, which cannot hold the separator."""
    return f"{one}\x1f{other}"


def total(sums: tuple[Sum, ...], currency: str) -> Decimal:
    return next((s.amount for s in sums if s.currency == currency), Decimal(0))


def add(sums: tuple[Sum, ...], money: Money | None, sign: int = 1) -> tuple[Sum, ...]:
    """The sums, one per currency, with this amount more (or less)."""
    if money is None:
        return sums
    others = tuple(s for s in sums if s.currency != money.currency)
    amount = total(sums, money.currency) + sign * money.amount
    return (*others, Sum(money.currency, amount)) if amount else others
