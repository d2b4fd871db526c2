"""Duties: who placed an order with a vendor and who took its goods, for rules over several departments."""

from datetime import datetime

from processors.departments.manufacturing.order import Duty, Order
from processors.departments.manufacturing.project import Project
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import DutyDone


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    """Publishes what is new, and takes back what was a mistake."""
    for name in now.state.orders.changes:
        order = now.state.order(name)
        known, wanted = set(order.duties), set(_duties(order))
        if known == wanted:
            continue
        publications = order.publications
        for duty in sorted(known ^ wanted, key=lambda d: (d in wanted, d.vendor, d.duty, d.person)):
            publications += 1
            fact = DutyDone(
                person=duty.person,
                duty=duty.duty,
                reference=name,
                holds=duty in wanted,
                revision=publications,
                record=event.about.record,
            )
            now = now.emits(f"vendor/{duty.vendor}", fact)
        duties = tuple(sorted(wanted, key=lambda d: (d.duty, d.person)))
        now = Step(now.state.with_order(name, duties=duties, publications=publications), now.emit)
    return now


def _duties(order: Order) -> tuple[Duty, ...]:
    if order.vendor is None or order.cancelled:
        return ()
    placed = [Duty("place_order", order.placed_by, order.vendor)] if order.placed_by else []
    return (*placed, *(Duty("receive_goods", person, order.vendor) for person in order.receivers))
