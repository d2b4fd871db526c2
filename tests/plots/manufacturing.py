"""Plots of Manufacturing."""

from decimal import Decimal

from schemas.manufacturing import (
    BudgetApproved,
    BudgetChanged,
    CostBooked,
    InspectionDone,
    OrderPlaced,
    OrderShipped,
    WorkCompleted,
    WorkReported,
    WorkStarted,
)
from tests.plots.telling import DAY, Plot, day, eur, plot

PROJECT = "project/P-1"


def placed(quantity: int = 10, promised: int | None = None) -> OrderPlaced:
    return OrderPlaced(
        order="WO-1",
        quantity=quantity,
        value=eur("100"),
        planned_hours=Decimal(1),
        promised_on=promised and day(promised),
    )


def inspected(n: int, rejected: int) -> InspectionDone:
    return InspectionDone(inspection=f"QC-{n}", accepted=100 - rejected, rejected=rejected)


PLOTS: dict[str, Plot] = {
    "manufacturing.budget_overrun": plot(
        PROJECT,
        BudgetApproved(amount=eur("100")),
        CostBooked(booking="B-1", amount=eur("81")),
        BudgetChanged(amount=eur("200")),
    ),
    "manufacturing.order_without_budget": plot(PROJECT, placed(), BudgetApproved(amount=eur("1000"))),
    "manufacturing.order_late": plot(PROJECT, placed(promised=9), 7 * DAY, OrderShipped(order="WO-1")),
    "manufacturing.reject_rate": plot(
        PROJECT,
        *(inspected(n, 1) for n in range(5)),
        inspected(5, 60),
        *(inspected(n, 1) for n in range(6, 30)),
    ),
    "manufacturing.quantity_mismatch": plot(
        PROJECT,
        placed(quantity=10),
        WorkStarted(order="WO-1"),
        WorkCompleted(order="WO-1", produced=8, rejected=1),
        DAY,
        WorkCompleted(order="WO-1", produced=9, rejected=1),
    ),
    "manufacturing.stalled": plot(
        PROJECT, placed(), WorkStarted(order="WO-1"), 4 * DAY, WorkReported(order="WO-1", operation="turning")
    ),
}
