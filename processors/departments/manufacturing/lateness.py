"""Promised dates: orders ship by them, and one that cannot is said before it is late."""

from datetime import datetime, timedelta
from decimal import Decimal

from processors.calendar import Calendar
from processors.departments.judging import PASSED, moment
from processors.departments.manufacturing.order import Order
from processors.departments.manufacturing.project import Project
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.processing import DeadlinePassed

LATE = Rule(
    "manufacturing.order_late",
    "error",
    "an order is not shipped whole by its promised date; a warning as soon as its remaining work cannot make it",
    "it is shipped whole or cancelled, or its promised date has moved",
    distinguish=("order",),
    settings=("at_risk", "work_per_hour", "calendar"),
)

DUE, RISK = "late/", "risk/"

HORIZON = timedelta(days=400)
"""Working hours are not counted further ahead: a mistyped year must not cost a second of counting."""


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    match event:
        case DeadlinePassed(name=name) if name.startswith((DUE, RISK)):
            return _judge(now, name.partition("/")[2], event, at)
    for name in now.state.orders.changes:
        now = _judge(now, name, event, at)
    return now


def _judge(now: Step[Project], name: str, event: Event, at: datetime) -> Step[Project]:
    """Says how an order stands at this moment, and waits for what may come."""
    project, order = now.state, now.state.order(name)
    if order.promised_on is None or order.shipped_whole or order.cancelled:
        now = now.awaits(DUE + name, None).awaits(RISK + name, None)
        return now.resolves(LATE, at, "it was shipped" if order.shipped_whole else "it is off", by=[event], order=name)
    calendar = project.calendar
    promised = calendar.end_of_day(order.promised_on)
    here = moment(event, at)
    is_late = promised < here
    cannot_from = None if is_late else _cannot_make_it(project, order, calendar, here, promised)
    now = now.awaits(DUE + name, None if is_late else promised)
    at_risk = cannot_from is not None and cannot_from < here
    now = now.awaits(RISK + name, None if at_risk else cannot_from)
    if not (is_late or at_risk):
        return now.resolves(LATE, at, f"it can be shipped by {order.promised_on}", by=[event], order=name)
    what = "is not shipped" if is_late else "has more work left than working hours"
    return now.fires(
        LATE,
        at,
        f"Order {name} of project {project.id} {what} by {order.promised_on}",
        because=order.because("promised_on") if is_late else order.because("promised_on", *_work_known_by(order)),
        severity="error" if is_late else "warning",
        labels={"order": name},
        due=event.due if isinstance(event, DeadlinePassed) else None,
    )


def _cannot_make_it(
    project: Project, order: Order, calendar: Calendar, here: datetime, promised: datetime
) -> datetime | None:
    """From when on the remaining work does not fit before the promised date; an instant that is past: it does not
    now. None: no work is left, or it is not known how much."""
    work = remaining_work(order)
    if not project.settings.at_risk or not work:
        return None
    if promised - here > HORIZON:
        return promised - HORIZON
    hours = min(work / project.settings.work_per_hour, Decimal(_MOST_HOURS))
    slack = calendar.business_time_between(here, promised) - timedelta(seconds=int(hours * 3600))
    if slack < timedelta():
        return here - PASSED
    return calendar.add_business_time(here, slack + PASSED)  # the first working instant that is missing


_MOST_HOURS = 24 * HORIZON.days


def _work_known_by(order: Order) -> tuple[str, ...]:
    """The fields that say how much work is left. What is done already only makes it less."""
    return ("remaining_hours",) if order.remaining_hours is not None else ("planned_hours",)


def remaining_work(order: Order) -> Decimal | None:
    """Hours of work left: as estimated last, else what was planned for the pieces that are not done."""
    if order.completed_at is not None:
        return Decimal(0)
    if order.remaining_hours is not None:
        return order.remaining_hours
    return None if order.planned_hours is None else order.planned_hours * (1 - order.fraction)
