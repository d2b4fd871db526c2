"""A project with its budgets, orders, lots and bookings: what is remembered of each."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from processors.calendar import Calendar
from processors.departments.manufacturing.order import NO_ORDER, ZERO, Order
from processors.departments.manufacturing.settings import DEFAULTS, ManufacturingSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from schemas.envelope import Evidence
from schemas.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The money of a project in one currency. Nothing is converted: each currency is compared with its own budget."""

    budget: Decimal | None = None
    budget_at: datetime | None = None
    budget_record: Evidence | None = None
    """What told it, where nothing else says the same: no record alone is the reason of what several say."""
    booked: Decimal = ZERO
    committed: Decimal = ZERO
    """What orders may still cost."""
    planned: Decimal = ZERO
    """The planned cost of all orders that are not cancelled: the budget at completion of what was ordered (BAC)."""
    earned: Decimal = ZERO
    """The planned cost of what is done of it (EV)."""
    on_orders: Decimal = ZERO
    """What was booked on orders (AC)."""

    @property
    def used(self) -> Decimal:
        return self.booked + self.committed


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


NO_LEDGER, NO_BOOKING = Ledger(), Booking()
"""What is known of one that was never heard of."""


@dataclass(frozen=True, kw_only=True)
class Project(Reviewed):
    """Everything known of a project."""

    label_fields = ("project_kind",)

    settings: ManufacturingSettings = field(default=DEFAULTS)
    project_kind: str | None = None
    kind_at: datetime | None = None
    """When that was said."""
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
