"""An order of a project: its terms, what was made of it, what left and what it cost."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from processors.grounds import Grounds, resting_on
from schemas.envelope import Evidence
from schemas.money import Money

ZERO = Decimal(0)


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


NO_HOURS = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the ledger of the service that an order needs was told last: that it is late, or cost more than planned."""

    service: str
    since: datetime
    until: datetime
    money: Money | None = None
    hours: Decimal = NO_HOURS
    holds: bool = True
    revision: int = 0


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
    needs_service: str | None = None
    placed_by: str | None = None
    placed_at: datetime | None = None
    terms_at: datetime | None = None
    """How new the terms are; older ones that come late only fill gaps."""
    cancelled_at: datetime | None = None
    record: Evidence | None = None
    """The record of its latest terms."""
    started: bool = False
    active_at: datetime | None = None
    """The latest sign of work."""
    completed_at: datetime | None = None
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
    cost_at: datetime | None = None
    """The latest time of a booking on it."""
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
    late: Reported | None = None
    overrun: Reported | None = None
    grounds: Grounds = ()
    """Which records its alerts rest on."""

    def because(self, *said: str) -> list[Evidence]:
        """The records that give these fields their values."""
        return resting_on(self.grounds, said)

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


NO_ORDER = Order()
"""What is known of one that was never heard of."""
