"""The ledger: what a project may spend, has spent, has still committed, and has earned, in each currency."""

from dataclasses import replace
from decimal import Decimal

from processors.departments.manufacturing.order import ZERO, Order, Share
from processors.departments.manufacturing.project import NO_BOOKING, Booking, Ledger, Project
from schemas.envelope import Event
from schemas.manufacturing import BudgetApproved, BudgetChanged, CostBooked, CostReversed

CENT = Decimal("0.0001")
"""Earned value is kept to so much, so that what an order once added can be taken out again exactly."""


def budgeted(project: Project, event: BudgetApproved | BudgetChanged) -> Project:
    """The budget in one currency. An older decision that comes late changes nothing, but may say the same."""
    currency, time, amount = event.amount.currency, event.about.time, event.amount.amount
    known = project.ledger(currency)
    told_by = None if known.budget == amount else event.about.record
    if known.budget_at is None or time >= known.budget_at:
        now = replace(known, budget=amount, budget_at=time, budget_record=told_by)
    elif known.budget == amount:
        now = replace(known, budget_record=None)
    else:
        return project
    return project.evolve(ledgers=project.ledgers.put(currency, now))


def booked(project: Project, event: CostBooked | CostReversed) -> Project:
    """A booking, its correction or its reversal: what it counted before is taken out, what it counts now put in."""
    known, time = project.bookings.get(event.booking, NO_BOOKING), event.about.time
    if isinstance(event, CostReversed):
        now = replace(known, reversed_at=max(known.reversed_at or time, time))
    elif known.told_at is not None and time < known.told_at:
        return project
    else:
        now = replace(known, amount=event.amount, order=event.order, final=event.final, told_at=time)
    project = project.evolve(bookings=project.bookings.put(event.booking, now))
    return _counted(_counted(project, known, -1, event), now, 1, event)


def _counted(project: Project, booking: Booking, sign: int, event: Event) -> Project:
    if not booking.counts or booking.amount is None:
        return project
    currency, amount = booking.amount.currency, sign * booking.amount.amount
    known = project.ledger(currency)
    on_orders = known.on_orders + (amount if booking.order else ZERO)
    now = replace(known, booked=known.booked + amount, on_orders=on_orders)
    project = project.evolve(ledgers=project.ledgers.put(currency, now))
    if booking.order is None:
        return project
    order = project.order(booking.order)
    others = tuple((name, sum_) for name, sum_ in order.bookings if name != currency)
    bookings = tuple(sorted((*others, (currency, order.booked_in(currency) + amount))))
    finals = order.finals + (sign if booking.final else 0)
    cost_at = max(order.cost_at or event.about.time, event.about.time) if sign > 0 else order.cost_at
    project = project.with_order(booking.order, bookings=bookings, finals=finals, cost_at=cost_at)
    return shared(project, booking.order)


def shared(project: Project, name: str) -> Project:
    """The ledger with what this order contributes now, in place of what it contributed before."""
    order = project.order(name)
    before, now = order.share, _share(order)
    if before == now:
        return project
    for share, sign in ((before, -1), (now, 1)):
        if share is not None:
            ledger = _with_share(project.ledger(share.currency), share, sign)
            project = project.evolve(ledgers=project.ledgers.put(share.currency, ledger))
    return project.with_order(name, share=now)


def _share(order: Order) -> Share | None:
    if order.value is None or order.cancelled:
        return None
    value = order.value.amount
    earned = (value * order.fraction).quantize(CENT)
    return Share(order.value.currency, _open_commitment(order, value), value, earned)


def _open_commitment(order: Order, value: Decimal) -> Decimal:
    """What it may still cost: what is bought until it is billed, what is made here until it has left."""
    over = order.finals > 0 or (order.shipped_whole and order.vendor is None)
    if over or order.value is None:
        return ZERO
    return max(value - max(order.booked_in(order.value.currency), ZERO), ZERO)


def _with_share(ledger: Ledger, share: Share, sign: int) -> Ledger:
    return replace(
        ledger,
        committed=ledger.committed + sign * share.committed,
        planned=ledger.planned + sign * share.planned,
        earned=ledger.earned + sign * share.earned,
    )
