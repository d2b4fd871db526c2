"""A project with its budgets, orders, lots and bookings: what is remembered of each."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from processors.calendar import Calendar
from processors.departments.manufacturing.settings import DEFAULTS, ManufacturingSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from schemas.envelope import Evidence
from schemas.money import Money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The money of a project in one currency. Nothing is converted: each currency is compared with its own budget."""

    budget: Decimal | None = None
    budget_at: datetime | None = None
    budget_record: Evidence | None = None
    booked: Decimal = ZERO
    committed: Decimal = ZERO
    """What orders may still cost."""
    planned: Decimal = ZERO
    """The planned cost of all orders that are not cancelled: the budget at completion of what was ordered (BAC)."""
    earned: Decimal = ZERO
    """The planned cost of what is done of it (EV)."""
    on_orders: Decimal = ZERO
    """What was booked on orders (AC)."""
    record: Evidence | None = None
    """The latest booking or order."""

    @property
    def used(self) -> Decimal:
        return self.booked + self.committed


@dataclass(frozen=True, slots=True)
class Share:
    """What one order contributes to a ledger at present."""

    currency: str
    committed: Decimal
    planned: Decimal
    earned: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the shop floor has reported of one order, summed."""

    productions: int = 0
    setups: int = 0
    breakdowns: int = 0
    completed: int = 0
    rejected: int = 0
    for_review: int = 0
    reworks: int = 0
    final_reports: int = 0
    final_counted: int = 0
    """Good and rejected pieces of final inspections."""
    final_rejected: int = 0
    packings: int = 0
    packed: int = 0
    first_start: datetime | None = None
    last_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that one person did on a purchase from a vendor."""

    duty: Literal["place_order", "receive_goods"]
    person: str
    vendor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order. Anything may be known of it before the order itself."""

    product: str | None = None
    quantity: int | None = None
    value: Money | None = None
    planned_hours: Decimal | None = None
    remaining_hours: Decimal | None = None
    """As the shop floor estimated last."""
    promised_on: date | None = None
    vendor: str | None = None
    placed_by: str | None = None
    placed_at: datetime | None = None
    terms_at: datetime | None = None
    """How new the terms are; older ones that come late only fill gaps."""
    cancelled_at: datetime | None = None
    record: Evidence | None = None
    """The record of its latest terms."""
    started: bool = False
    active_at: datetime | None = None
    activity: Evidence | None = None
    """The latest sign of work."""
    completed_at: datetime | None = None
    completion: Evidence | None = None
    produced: int | None = None
    scrapped: int | None = None
    """What the completion says of good and rejected pieces."""
    accepted: int = 0
    rejected: int = 0
    inspections: int = 0
    """Good and rejected pieces of all lots inspected."""
    received: int = 0
    shipped: int = 0
    whole_shipments: int = 0
    """Shipments without a quantity: everything left."""
    bookings: tuple[tuple[str, Decimal], ...] = ()
    """What was booked on it, per currency."""
    finals: int = 0
    """Bookings that say they are the last."""
    share: Share | None = None
    tally: Tally = field(default=Tally())
    receivers: tuple[str, ...] = ()
    """Who took what came, the first of them."""
    duties: tuple[Duty, ...] = ()
    """Duties that were published for rules over several departments."""
    publications: int = 0
    """How often something was published of them."""

    @property
    def cancelled(self) -> bool:
        """Off, and not placed again since."""
        if self.cancelled_at is None:
            return False
        return self.placed_at is None or self.placed_at <= self.cancelled_at

    @property
    def shipped_whole(self) -> bool:
        return self.whole_shipments > 0 or (self.quantity is not None and 0 < self.quantity <= self.shipped)

    @property
    def done(self) -> bool:
        """Nobody works on it any more."""
        return self.completed_at is not None or self.shipped_whole or self.cancelled

    @property
    def pieces_done(self) -> int:
        return max(self.accepted, self.produced or 0, self.received if self.vendor else 0, self.shipped)

    @property
    def fraction(self) -> Decimal:
        """How much of it is done, from 0 to 1. Without a quantity: nothing until it is complete."""
        if self.shipped_whole:
            return Decimal(1)
        if not self.quantity:
            return Decimal(self.completed_at is not None)
        return min(Decimal(self.pieces_done) / self.quantity, Decimal(1))

    def booked_in(self, currency: str) -> Decimal:
        return next((amount for name, amount in self.bookings if name == currency), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A cost, or one that was taken back before it was told."""

    amount: Money | None = None
    order: str | None = None
    final: bool = False
    told_at: datetime | None = None
    reversed_at: datetime | None = None

    @property
    def counts(self) -> bool:
        if self.amount is None:
            return False
        return self.reversed_at is None or (self.told_at is not None and self.reversed_at < self.told_at)


@dataclass(frozen=True, slots=True)
class Lot:
    """An inspected lot, as it was told last."""

    accepted: int
    rejected: int
    rework: bool
    order: str | None
    at: datetime
    record: Evidence | None

    @property
    def size(self) -> int:
        return self.accepted + self.rejected


@dataclass(frozen=True, slots=True)
class Moved:
    """Pieces that came or left, as told last."""

    quantity: int | None
    at: datetime


NO_LEDGER, NO_ORDER, NO_BOOKING = Ledger(), Order(), Booking()
"""What is known of one that was never heard of."""


@dataclass(frozen=True, kw_only=True)
class Project(Reviewed):
    """Everything known of a project."""

    settings: ManufacturingSettings = field(default=DEFAULTS)
    recent: tuple[tuple[datetime, str], ...] = ()
    """The latest lots by time of inspection, oldest first; as many as are judged together."""
    ledgers: Rows[Ledger] = field(default_factory=Rows)
    """By currency."""
    orders: Rows[Order] = field(default_factory=Rows)
    bookings: Rows[Booking] = field(default_factory=Rows)
    lots: Rows[Lot] = field(default_factory=Rows)
    moves: Rows[Moved] = field(default_factory=Rows)
    """Receipts and shipments, by `move(…)`."""
    unbudgeted: Rows[str] = field(default_factory=Rows)
    """The currency of each order that was placed without budget."""

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)

    def order(self, order: str) -> Order:
        return self.orders.get(order, NO_ORDER)

    def ledger(self, currency: str) -> Ledger:
        return self.ledgers.get(currency, NO_LEDGER)

    def with_order(self, name: str, **changes: object) -> "Project":
        changed = replace(self.order(name), **changes)  # type: ignore[arg-type]
        return self.evolve(orders=self.orders.put(name, changed))


def move(what: str, order: str, document: str) -> str:
    """A row's entry made of ids, which cannot hold the separator."""
    return f"{what}\x1f{order}\x1f{document}"
