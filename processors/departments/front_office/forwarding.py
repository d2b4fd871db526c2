"""Forwarding: a complaint about somebody else's company reaches that company in time."""

from datetime import date, datetime

from processors.departments.front_office import targets
from processors.departments.front_office.complaint import Complaint
from processors.grounds import resting_on
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.processing import DeadlinePassed

FORWARDED_LATE = Rule(
    "front_office.forwarded_late",
    "warning",
    "a complaint is not sent to the company it is about within some calendar days (5, say); off unless set",
    "it is sent, which is recorded as missed, or withdrawn",
    settings=("forward_days",),
)

DUE = f"{FORWARDED_LATE.name}/due"


def kept(step: Step[Complaint], event: Event, at: datetime) -> Step[Complaint]:
    """Waits until the end of the last day, or judges by the day on which it was sent."""
    complaint = step.state
    last_day = _last_day(complaint)
    if last_day is None or complaint.withdrawn_at is not None:
        return step.awaits(DUE, None).resolves(FORWARDED_LATE, at, "it need not be sent", by=[event])
    if complaint.sent_on is None:
        due = None if FORWARDED_LATE.name in complaint.missed else complaint.settings.hours.end_of_day(last_day)
        return step.awaits(DUE, due)
    step = step.awaits(DUE, None)
    if complaint.sent_on > last_day and FORWARDED_LATE.name not in complaint.missed:
        step = _late(step, at, complaint.sent)
    return step.resolves(FORWARDED_LATE, at, f"it was sent on {complaint.sent_on}", by=[event])


def passed(complaint: Complaint, event: DeadlinePassed, at: datetime) -> Step[Complaint]:
    if _last_day(complaint) is None:
        return Step(complaint)
    return _late(Step(complaint), at, due=event.due)


def _last_day(complaint: Complaint) -> date | None:
    days = complaint.settings.forward_days
    if days is None or complaint.received_at is None:
        return None
    received_on = complaint.settings.hours.local_date(complaint.received_at)
    return date.fromordinal(min(received_on.toordinal() + days, date.max.toordinal()))


def _late(
    step: Step[Complaint], at: datetime, sent: Evidence | None = None, due: datetime | None = None
) -> Step[Complaint]:
    complaint = step.state
    records = resting_on(complaint.grounds, ("received_at", *targets.LABELS), besides=[sent] if sent else [])
    return step.evolve(missed=tuple(sorted({*complaint.missed, FORWARDED_LATE.name}))).fires(
        FORWARDED_LATE,
        at,
        f"Complaint {complaint.id} was not sent to its company within {complaint.settings.forward_days} days",
        because=[record for record in records if record],
        labels=targets.labels(complaint),
        due=due,
    )
