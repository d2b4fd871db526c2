"""What late orders and overruns cost: told to the ledger of the service that an order needs.

As with late invoices, what happened on a day is put beside the outages of that day.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from processors.departments.manufacturing import lateness
from processors.departments.manufacturing.order import NO_HOURS, Reported
from processors.departments.manufacturing.project import Project
from processors.step import Step, firing_of
from schemas.envelope import Event
from schemas.facts import ImpactReported
from schemas.manufacturing import OrderShipped
from schemas.money import Money
from schemas.processing import DeadlinePassed

MOST_MONEY = Decimal("99999999999999.9999")
"""The largest amount that can be said; the sum of an order's costs has no limit."""

LONGEST_ID = 200

What = Literal["order", "overrun"]


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    """Follows `lateness.check`. Each order that the event touched is looked at, or the one whose day is over."""
    names = list(now.state.orders.changes)
    if isinstance(event, DeadlinePassed) and event.name.startswith(lateness.DUE):
        names = [event.name.removeprefix(lateness.DUE)]
    for name in names:
        now = _stands(now, name, "order", _late(now.state, name, event))
        now = _stands(now, name, "overrun", _overrun(now.state, name))
    return now


def _late(project: Project, name: str, event: Event) -> Reported | None:
    """An order that was not shipped by its promised date, with its value; once it is, with the working time that it
    took longer. None: it is not late, or never was."""
    order, before = project.order(name), project.order(name).late
    if order.needs_service is None or order.promised_on is None or order.cancelled:
        return None
    calendar = project.calendar
    promised = calendar.end_of_day(order.promised_on)
    last_day = calendar.add_business_days(calendar.local_date(promised), -1)
    hours = NO_HOURS
    if order.shipped_whole:
        if before is None or not before.holds or before.until != promised:
            return None
        hours = before.hours
        if isinstance(event, OrderShipped) and not hours:
            if event.about.time <= promised:
                return None
            hours = _hours(calendar.business_time_between(promised, event.about.time))
    elif (firing := firing_of(project, lateness.LATE, order=name)) is None or firing.severity != "error":
        return None
    return Reported(
        service=order.needs_service,
        since=calendar.at(last_day, "00:00"),
        until=promised,
        money=order.value,
        hours=hours,
    )


def _overrun(project: Project, name: str) -> Reported | None:
    """What an order cost beyond its planned cost, on the day of the booking by which it did. None: it did not."""
    order, before = project.order(name), project.order(name).overrun
    if order.needs_service is None or order.value is None or order.cost_at is None:
        return None
    currency = order.value.currency
    over = order.booked_in(currency) - order.value.amount
    if over <= 0:
        return None
    until = before.until if before is not None and before.holds else order.cost_at
    calendar = project.calendar
    return Reported(
        service=order.needs_service,
        since=min(calendar.at(calendar.local_date(until), "00:00"), until),
        until=until,
        money=Money(amount=min(over, MOST_MONEY), currency=currency),
    )


def _stands(now: Step[Project], name: str, what: What, stands: Reported | None) -> Step[Project]:
    """Reports what is new, and takes back what a service was told and does not hold for it any more."""
    order = now.state.order(name)
    before = order.late if what == "order" else order.overrun
    if before is not None and before.holds and (stands is None or stands.service != before.service):
        before = replace(before, holds=False, revision=before.revision + 1)
        now = _says(now, name, what, before)
    revision = before.revision if before else 0
    if stands is None or before == replace(stands, revision=revision):
        return now
    return _says(now, name, what, replace(stands, revision=revision + 1))


def _says(now: Step[Project], name: str, what: What, reported: Reported) -> Step[Project]:
    fact = ImpactReported(
        what=what,
        reference=f"{now.state.id}:{name}"[:LONGEST_ID],
        since=reported.since,
        until=reported.until,
        money=reported.money,
        hours=reported.hours,
        holds=reported.holds,
        revision=reported.revision,
        record=now.state.order(name).record,
    )
    project = now.state.with_order(name, **{"late" if what == "order" else "overrun": reported})
    return Step(project, now.emit).emits(f"service/{reported.service}", fact)


def _hours(span: timedelta) -> Decimal:
    """In hours, to the hundredth."""
    return (Decimal(span // timedelta(seconds=1)) / 3600).quantize(Decimal("0.01"))
