"""What is remembered of a vendor's invoices, payments, order lines and people, row by row."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from processors.departments.accounting.sums import Sum, total
from processors.evolving import Evolving
from schemas.accounting import Duty, InvoiceLine, Matching
from schemas.envelope import Evidence
from schemas.money import Money


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


@dataclass(frozen=True, kw_only=True)
class Invoice(Evolving):
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
    moved_from: str | None = None
    """The document it was thought to pay, when what was said last names another one."""

    @property
    def concerns(self) -> tuple[str, ...]:
        """The documents of which what was said last changes how much is paid."""
        return tuple(name for name in (self.moved_from, self.invoice) if name)


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


@dataclass(frozen=True, kw_only=True)
class Line(Evolving):
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


def pair(one: str, other: str) -> str:
    """A row's entry made of two ids, which cannot hold the separator."""
    return f"{one}\x1f{other}"
