"""Manufacturing in the simulated office: a project that goes as planned, and what goes wrong in others."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from producers.simulator.office import Expected, Said, SimulatedOffice
from producers.simulator.planting import expected, workday
from schemas.envelope import Event
from schemas.manufacturing import (
    BudgetApproved,
    BudgetChanged,
    CostBooked,
    InspectionDone,
    MaterialReceived,
    OrderConfirmed,
    OrderPlaced,
    OrderShipped,
    WorkCompleted,
    WorkReported,
    WorkStarted,
)
from schemas.money import Money

PLANNER, STORE = "E-PLAN", "E-STORE"


def life(office: SimulatedOffice) -> Iterable[Said | Expected]:
    """One order a workday from the plan to the client, steel once a week, and six planted problems."""
    yield _say(office.clock(0, time(6)), "P-1", BudgetApproved(amount=_euros(100_000), approved_by="E-000"))
    for day in range(office.days):
        if office.is_workday(day):
            yield from _an_order(office, day)
    for week, day in enumerate(range(0, office.days, 7)):
        yield from _steel(office, week, day)
    for problem in (_no_budget, _too_few, _late, _forgotten, _dear, _scrap):
        yield from problem(office)


def _say(at: datetime, project: str, event: Event) -> Said:
    return Said(at, f"project/{project}", event)


def _euros(amount: int) -> Money:
    return Money(amount=Decimal(amount))


def _an_order(office: SimulatedOffice, day: int) -> Iterator[Said]:
    """Placed, made, inspected, shipped and booked within a day; two pieces of a hundred are rejected."""
    order, promised_on = f"WO-{day:03}", office.start + timedelta(days=day + 4)
    placed = OrderPlaced(
        order=order,
        product="cable-head",
        quantity=100,
        value=_euros(500),
        planned_hours=Decimal(6),
        promised_on=promised_on,
        placed_by=PLANNER,
    )
    report = WorkReported(order=order, operation="Turning", completed=100, remaining_hours=Decimal(3))
    told: tuple[tuple[time, Event], ...] = (
        (time(9), placed),
        (time(9, 10), OrderConfirmed(order=order, promised_on=promised_on)),
        (time(9, 30), WorkStarted(order=order)),
        (time(11, 30), report),
        (time(14), InspectionDone(inspection=f"QC-{day:03}", order=order, accepted=98, rejected=2)),
        (time(15), WorkCompleted(order=order, produced=98, rejected=2)),
        (time(15, 30), OrderShipped(order=order, shipment=f"SH-{day:03}")),
        (time(16), CostBooked(booking=f"B-{day:03}", amount=_euros(480), order=order, final=True)),
    )
    for at, event in told:
        yield _say(office.clock(day, at), "P-1", event)


def _steel(office: SimulatedOffice, week: int, day: int) -> Iterator[Said]:
    """Bought from a vendor; one places the order, another takes the goods."""
    order, at = f"PO-{week}", office.clock(day, time(10))
    placed = OrderPlaced(
        order=order, product="steel", quantity=40, value=_euros(1_000), placed_by=PLANNER, vendor="steelworks"
    )
    received = MaterialReceived(order=order, receipt=f"GR-{week}", quantity=40, received_by=STORE)
    bill = CostBooked(booking=f"B-steel-{week}", amount=_euros(1_000), order=order, final=True)
    for later, event in enumerate((placed, received, bill)):
        yield _say(at + timedelta(hours=later), "P-1", event)


def _no_budget(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Somebody orders before the budget is approved."""
    day = workday(office, 0)
    placed, approved = office.clock(day, time(10)), office.clock(day, time(11))
    yield _say(placed, "P-NEW", OrderPlaced(order="WO-EARLY", value=_euros(2_000), quantity=10))
    yield _say(approved, "P-NEW", BudgetApproved(amount=_euros(5_000)))
    rule = "manufacturing.order_without_budget"
    yield from expected(office, rule, "project/P-NEW", placed, approved, order="WO-EARLY")


def _too_few(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A piece is missing in the numbers until they are corrected."""
    day = workday(office, 1)
    complete, corrected = office.clock(day, time(14)), office.clock(day, time(15))
    yield _say(office.clock(day, time(9)), "P-2", OrderPlaced(order="WO-SHORT", quantity=50))
    yield _say(complete, "P-2", WorkCompleted(order="WO-SHORT", produced=48, rejected=1))
    yield _say(corrected, "P-2", WorkCompleted(order="WO-SHORT", produced=48, rejected=2))
    rule = "manufacturing.quantity_mismatch"
    yield from expected(office, rule, "project/P-2", complete, corrected, order="WO-SHORT")


def _late(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """An order leaves a day after it was promised."""
    day, next_day = workday(office, 1), workday(office, 2)
    placed = OrderPlaced(order="WO-LATE", quantity=20, promised_on=office.start + timedelta(days=day))
    yield _say(office.clock(day, time(9)), "P-2", placed)
    shipped = office.clock(next_day, time(11))
    yield _say(shipped, "P-2", OrderShipped(order="WO-LATE", shipment="SH-LATE", quantity=20))
    fires = office.clock(day + 1, time())
    yield from expected(
        office, "manufacturing.order_late", "project/P-2", fires, shipped, neglected=True, order="WO-LATE"
    )


def _forgotten(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Work begins in the morning, and nobody goes on with it that day."""
    day, next_day = workday(office, 2), workday(office, 3)
    yield _say(office.clock(day, time(9)), "P-2", WorkStarted(order="WO-IDLE"))
    again = office.clock(next_day, time(9, 30))
    yield _say(again, "P-2", WorkReported(order="WO-IDLE", operation="Turning", completed=5))
    yield _say(again + timedelta(hours=1), "P-2", WorkCompleted(order="WO-IDLE"))
    fires = office.clock(day, time(17))
    yield from expected(office, "manufacturing.stalled", "project/P-2", fires, again, order="WO-IDLE")


def _dear(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A project has spent most of its budget, which is then raised."""
    day = workday(office, 3)
    booked, raised = office.clock(day, time(10)), office.clock(day, time(12))
    yield _say(office.clock(day, time(9)), "P-3", BudgetApproved(amount=_euros(1_000)))
    yield _say(booked, "P-3", CostBooked(booking="B-DEAR", amount=_euros(850)))
    yield _say(raised, "P-3", BudgetChanged(amount=_euros(2_000)))
    rule = "manufacturing.budget_overrun"
    yield from expected(office, rule, "project/P-3", booked, raised, currency="EUR", reason="spent")


def _scrap(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """The fifth lot is scrap by a fifth; the sixth is good again."""
    day = workday(office, 4)
    for n, rejected in enumerate((2, 2, 2, 2, 20, 0)):
        lot = InspectionDone(inspection=f"QC-{n}", accepted=100 - rejected, rejected=rejected)
        yield _say(office.clock(day, time(9 + n)), "P-4", lot)
    fires, ends = office.clock(day, time(13)), office.clock(day, time(14))
    yield from expected(office, "manufacturing.reject_rate", "project/P-4", fires, ends, reason="rate")
