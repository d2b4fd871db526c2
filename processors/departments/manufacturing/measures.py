"""What the states of manufacturing answer besides alerts: the questions of a monthly report on orders."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

from processors.departments.manufacturing.order import Order, Tally
from processors.departments.manufacturing.project import Project
from processors.measure import Measure, by_name


def _orders(name: str, doc: str, holds: Callable[[Project, Order], object]) -> Measure:
    """The ids of the orders for which `holds`."""

    def read(key: str, project: Project) -> tuple[str, ...]:
        return tuple(name for name, order in project.orders.items() if holds(project, order))

    return Measure(name, doc, "project", read)


def _reported(name: str, doc: str, holds: Callable[[Tally], object]) -> Measure:
    return _orders(name, doc, lambda project, order: holds(order.tally))


def _report_types(key: str, project: Project) -> Iterator[tuple[str, int]]:
    for order in project.orders.values():
        yield "production", order.tally.productions
        yield "setup", order.tally.setups
        yield "breakdown", order.tally.breakdowns


def _pieces(key: str, project: Project) -> Iterator[tuple[str, int]]:
    for order in project.orders.values():
        yield "completed", order.tally.completed
        yield "rejected", order.tally.rejected
        yield "for_review", order.tally.for_review
        yield "reworks", order.tally.reworks


def _rejected_heavily(project: Project, order: Order) -> bool:
    limit = project.settings.order_reject_percent * (order.quantity or 0) / Decimal(100)
    return order.quantity is not None and order.tally.rejected > limit


def lead_time(order: Order) -> timedelta:
    """From the first start to the last end that were reported; nothing when neither was."""
    start, end = order.tally.first_start, order.tally.last_end
    return end - start if start and end else timedelta()


MEASURES = by_name(
    Measure("shop_floor_reports", "Reports of the shop floor, by type.", "project", _report_types, "totals"),
    Measure("pieces_reported", "Pieces and reworks reported at all operations.", "project", _pieces, "totals"),
    _reported("orders_reported", "Orders of which the shop floor reported.", lambda t: t != Tally()),
    _reported("orders_with_rejects", "Orders with rejected pieces.", lambda t: t.rejected),
    _reported("orders_with_reviews", "Orders with pieces for the material review board.", lambda t: t.for_review),
    _reported("orders_with_rework", "Orders with pieces that were worked over.", lambda t: t.reworks),
    _reported("orders_with_breakdowns", "Orders during which a machine broke down.", lambda t: t.breakdowns),
    _reported("orders_inspected", "Orders that had a final inspection.", lambda t: t.final_reports),
    _reported("orders_packed", "Orders that were packed, at least in part.", lambda t: t.packings),
    _orders(
        "orders_rejected_heavily",
        "Orders with more rejected pieces, at all operations, than `order_reject_percent` of their quantity.",
        _rejected_heavily,
    ),
    _orders(
        "inspected_not_ordered",
        "Orders whose final inspections did not count what was ordered, be they complete or not.",
        lambda project, o: o.tally.final_reports and o.tally.final_counted != o.quantity,
    ),
    _orders(
        "inspected_less_than_ordered",
        "Orders whose final inspections counted less than was ordered, be they complete or not.",
        lambda project, o: o.tally.final_reports and o.tally.final_counted < (o.quantity or 0),
    ),
    _orders(
        "packed_less_than_ordered",
        "Orders of which less was packed than ordered, as far as any was.",
        lambda project, o: o.tally.packings and o.tally.packed < (o.quantity or 0),
    ),
    _orders(
        "packed_more_than_ordered",
        "Orders of which more was packed than ordered.",
        lambda project, o: o.quantity is not None and o.tally.packed > o.quantity,
    ),
    _orders(
        "lead_time_long",
        "Orders that took longer than `lead_time_days`.",
        lambda project, o: lead_time(o) > timedelta(days=project.settings.lead_time_days),
    ),
    _orders(
        "lead_time_very_long",
        "Orders that took longer than `lead_time_error_days`.",
        lambda project, o: lead_time(o) > timedelta(days=project.settings.lead_time_error_days),
    ),
)
