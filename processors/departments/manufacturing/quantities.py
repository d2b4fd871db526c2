"""Quantities: what came out of an order is what was ordered."""

from datetime import datetime
from decimal import Decimal

from processors.departments.judging import found
from processors.departments.manufacturing.order import Order
from processors.departments.manufacturing.project import Project
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event

MISMATCH = Rule(
    "manufacturing.quantity_mismatch",
    "error",
    "an order's work is complete, and good and rejected pieces together are not what was ordered",
    "the numbers are corrected, the order is cancelled, or it is reviewed",
    distinguish=("order",),
    settings=("quantity_tolerance_percent", "final_inspections", "final_inspection_completes"),
    measure="where the completion does not count them: the pieces of all inspections and final reports",
)


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    for name in now.state.orders.changes:
        now = judge(now, name, event, at)
    return now


def judge(now: Step[Project], name: str, event: Event, at: datetime) -> Step[Project]:
    """Compares an order that is complete. Where nothing was counted, nothing is said."""
    order = now.state.order(name)
    made = pieces(order)
    inspected = now.state.settings.final_inspection_completes and order.tally.final_reports > 0
    complete = order.completed_at is not None or inspected
    if not complete or order.cancelled or order.quantity is None or made is None:
        return now.resolves(MISMATCH, at, "it is not complete", by=[event], order=name)
    good, bad = made
    tolerance = order.quantity * now.state.settings.quantity_tolerance_percent / Decimal(100)
    if abs(good + bad - order.quantity) <= tolerance:
        return now.resolves(MISMATCH, at, "the numbers agree", by=[event], order=name)
    summary = f"Order {name} of {order.quantity} pieces gave {good} good and {bad} rejected ones"
    counted = order.produced is not None and (order.scrapped is not None or not bad)
    said = ("quantity", "completed_at", *(("produced", "scrapped") if counted else ()))
    measured = None if counted else f"{good} good and {bad} rejected pieces counted"
    return found(now, MISMATCH, at, summary, order.because(*said), {"order": name}, event=event, measured=measured)


def pieces(order: Order) -> tuple[int, int] | None:
    """Good and rejected pieces: as the completion says, else as inspected, else as counted at final inspection."""
    good = bad = None
    if order.inspections:
        good, bad = order.accepted, order.rejected
    elif order.tally.final_reports:
        good, bad = order.tally.final_counted - order.tally.final_rejected, order.tally.final_rejected
    good = order.produced if order.produced is not None else good
    bad = order.scrapped if order.scrapped is not None else bad
    return None if good is None else (good, bad or 0)
