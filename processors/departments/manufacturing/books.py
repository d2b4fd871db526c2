"""Books: what each event changes in a project, before any rule reads it.

Every fact may be told again, corrected and out of order: of two that are about one thing, the later by its own time
counts, and of two of the same time the one told last.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from processors.departments.manufacturing import ledger
from processors.departments.manufacturing.order import Order
from processors.departments.manufacturing.project import Lot, Moved, Project, move
from processors.departments.manufacturing.shopfloor import counted
from processors.grounds import grounded
from processors.instants import after
from schemas.envelope import Event
from schemas.manufacturing import (
    BudgetApproved,
    BudgetChanged,
    CostBooked,
    CostReversed,
    InspectionDone,
    MaterialReceived,
    OrderCancelled,
    OrderChange,
    OrderPlaced,
    OrderShipped,
    WorkCompleted,
    WorkReported,
    WorkStarted,
)

TERMS = ("product", "quantity", "value", "planned_hours", "promised_on", "vendor", "needs_service", "placed_by")

MOST_RECEIVERS = 20
"""People who took goods of one order, remembered by id."""


RESTS_ON = (
    "promised_on",
    "planned_hours",
    "remaining_hours",
    "quantity",
    "value",
    "placed_at",
    "started",
    "active_at",
    "completed_at",
    "produced",
    "scrapped",
)
"""What alerts of an order rest on."""


def record(project: Project, event: Event, at: datetime) -> Project:
    """The project after this event. `project.orders.changes` and `project.ledgers.changes` say what it touched."""
    now = _record(project, event, at)
    if not now.orders.changes:
        return now
    alone = _record(Project(key=project.key, settings=project.settings), event, at)
    for name in now.orders.changes:
        states = project.order(name), now.order(name), alone.order(name)
        grounds = grounded(states[0].grounds, event.about.record, states, said=RESTS_ON)
        now = now.with_order(name, grounds=grounds)
    return now


def _record(project: Project, event: Event, at: datetime) -> Project:
    match event:
        case BudgetApproved() | BudgetChanged():
            return ledger.budgeted(_of_kind(project, event), event)
        case CostBooked() | CostReversed():
            return ledger.booked(project, event)
        case OrderPlaced():
            placed = project.with_order(event.order, placed_at=_later(project.order(event.order).placed_at, event))
            project = _terms(placed, event)
        case OrderChange():
            project = _terms(project, event)
        case OrderCancelled():
            cancelled_at = _later(project.order(event.order).cancelled_at, event)
            project = project.with_order(event.order, cancelled_at=cancelled_at)
        case OrderShipped():
            project = _shipped(project, event)
        case MaterialReceived() | WorkStarted() | WorkReported() | WorkCompleted() | InspectionDone():
            project = _worked(project, event, at)
    for name in project.orders.changes:
        project = ledger.shared(project, name)
    return project


def _of_kind(project: Project, event: BudgetApproved | BudgetChanged) -> Project:
    """What kind of project it is, as its newest approval says."""
    if not isinstance(event, BudgetApproved) or event.project_kind is None:
        return project
    if project.kind_at is not None and event.about.time < project.kind_at:
        return project
    return project.evolve(project_kind=event.project_kind, kind_at=event.about.time)


def _worked(project: Project, event: Event, at: datetime) -> Project:
    match event:
        case MaterialReceived():
            return _active(_received(project, event), event.order, event, at)
        case WorkStarted():
            return _active(_started(project, event), event.order, event, at)
        case WorkReported():
            return _active(_reported(project, event), event.order, event, at)
        case WorkCompleted():
            return _completed(project, event)
        case InspectionDone():
            project = _inspected(project, event, at)
            return _active(project, event.order, event, at) if event.order else project
    return project


def _later(known: datetime | None, event: Event) -> datetime:
    return max(known or event.about.time, event.about.time)


def _terms(project: Project, event: OrderPlaced | OrderChange) -> Project:
    """Later terms take the place of earlier ones; earlier ones that come late fill gaps only."""
    order, time = project.order(event.order), event.about.time
    told = {name: value for name in TERMS if (value := getattr(event, name, None)) is not None}
    if order.terms_at is not None and time < order.terms_at:
        gaps = {name: value for name, value in told.items() if getattr(order, name) is None}
        return project.with_order(event.order, **gaps)
    if "planned_hours" in told:
        told["remaining_hours"] = None
    return project.with_order(event.order, terms_at=time, record=event.about.record, **told)


def _active(project: Project, name: str, event: Event, at: datetime) -> Project:
    """A sign of work, none later than now. One that comes late does not make the order look idle for longer."""
    order, time = project.order(name), min(event.about.time, at)
    if order.active_at is not None and time < order.active_at:
        return project
    return project.with_order(name, active_at=time)


def _started(project: Project, event: WorkStarted) -> Project:
    """Work that starts after it was complete has not been complete."""
    completed_at = project.order(event.order).completed_at
    if completed_at is not None and completed_at < event.about.time:
        completed_at = None
    return project.with_order(event.order, started=True, completed_at=completed_at)


def _reported(project: Project, event: WorkReported) -> Project:
    order = project.order(event.order)
    newest = order.active_at is None or event.about.time >= order.active_at
    estimate = event.remaining_hours if newest and event.remaining_hours is not None else order.remaining_hours
    return project.with_order(
        event.order,
        started=True,
        quantity=event.order_quantity if order.quantity is None else order.quantity,
        remaining_hours=estimate,
        tally=counted(order.tally, event, project.settings),
    )


def _completed(project: Project, event: WorkCompleted) -> Project:
    order, time = project.order(event.order), event.about.time
    if order.completed_at is not None and time < order.completed_at:
        return project
    produced = order.produced if event.produced is None else event.produced
    scrapped = order.scrapped if event.rejected is None else event.rejected
    return project.with_order(event.order, completed_at=time, produced=produced, scrapped=scrapped)


def _received(project: Project, event: MaterialReceived) -> Project:
    project, before = _moved(project, move("in", event.order, event.receipt), Moved(event.quantity, event.about.time))
    if before is not None and before.at > event.about.time:
        return project
    order = project.order(event.order)
    receivers = order.receivers
    if event.received_by and event.received_by not in receivers:
        receivers = (*receivers, event.received_by)[:MOST_RECEIVERS]
    received = order.received + event.quantity - (before.quantity or 0 if before else 0)
    return project.with_order(event.order, received=received, receivers=receivers)


def _shipped(project: Project, event: OrderShipped) -> Project:
    project, before = _moved(project, move("out", event.order, event.shipment), Moved(event.quantity, event.about.time))
    if before is not None and before.at > event.about.time:
        return project
    order = project.order(event.order)
    shipped = order.shipped + (event.quantity or 0) - (before.quantity or 0 if before else 0)
    whole = order.whole_shipments + (event.quantity is None) - (before is not None and before.quantity is None)
    return project.with_order(event.order, shipped=shipped, whole_shipments=whole)


def _moved(project: Project, entry: str, now: Moved) -> tuple[Project, Moved | None]:
    """With this document, unless a later version of it is known; and the version before."""
    before = project.moves.get(entry)
    if before is not None and before.at > now.at:
        return project, before
    return project.evolve(moves=project.moves.put(entry, now)), before


def _inspected(project: Project, event: InspectionDone, at: datetime) -> Project:
    """A lot, or a correction of one: its pieces count once."""
    before, time = project.lots.get(event.inspection), event.about.time
    if before is not None and before.at > time:
        return project
    first_at = next((told for told, name in project.recent if name == event.inspection), time)
    lot = Lot(event.accepted, event.rejected, event.rework, event.order, time, event.about.record)
    until = after(at, timedelta(days=project.settings.lot_memory_days))
    known = before is not None
    project = project.evolve(lots=project.lots.put(event.inspection, lot, until))
    for counts, sign in ((before, -1), (lot, 1)):
        if counts is not None and counts.order is not None:
            changed = _with_lot(project.order(counts.order), counts, sign)
            project = project.evolve(orders=project.orders.put(counts.order, changed))
    others = tuple(each for each in project.recent if each[1] != event.inspection)
    in_window = known is False or len(others) < len(project.recent)
    if event.rework or not in_window:
        return project.evolve(recent=others)
    recent = sorted((*others, (first_at, event.inspection)))[-project.settings.reject_lots :]
    return project.evolve(recent=tuple(recent))


def _with_lot(order: Order, lot: Lot, sign: int) -> Order:
    """Pieces that were worked over and accepted are rejected no more."""
    rejected = -lot.accepted if lot.rework else lot.rejected
    return replace(
        order,
        accepted=order.accepted + sign * lot.accepted,
        rejected=order.rejected + sign * rejected,
        inspections=order.inspections + sign,
    )
