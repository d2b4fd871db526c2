"""Work that began goes on."""

from datetime import datetime, timedelta

from processors.departments.judging import found, moment
from processors.departments.manufacturing.project import Project
from processors.instants import in_words
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.processing import DeadlinePassed

STALLED = Rule(
    "manufacturing.stalled",
    "warning",
    "work on an order began, and nothing was heard of it for 8 working hours",
    "something is heard of it, it is complete, shipped or cancelled, or it is reviewed",
    distinguish=("order",),
    settings=("stalled_hours", "calendar"),
)

QUIET = "stalled/"


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    match event:
        case DeadlinePassed(name=name) if name.startswith(QUIET):
            return judge(now, name.removeprefix(QUIET), event, at)
    for name in now.state.orders.changes:
        now = judge(now, name, event, at)
    return now


def judge(now: Step[Project], name: str, event: Event, at: datetime) -> Step[Project]:
    """Says whether an order rests at this moment, and waits for its silence."""
    project, order = now.state, now.state.order(name)
    if not order.started or order.done or order.active_at is None:
        return now.awaits(QUIET + name, None).resolves(STALLED, at, "it is done", by=[event], order=name)
    patience = timedelta(hours=project.settings.stalled_hours)
    quiet = project.calendar.add_business_time(order.active_at, patience)
    if quiet >= moment(event, at):
        return now.awaits(QUIET + name, quiet).resolves(STALLED, at, "it goes on", by=[event], order=name)
    summary = f"Nothing was heard of order {name} of project {project.id} for {in_words(patience)} of working time"
    now = now.awaits(QUIET + name, None)
    return found(now, STALLED, at, summary, order.because("started", "active_at"), {"order": name}, event=event)
