"""Treatment: what a triage requires is given in time. An alert names the triage, not the protocol or treatment."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from processors.departments.health.patient import Patient, fires
from processors.departments.health.settings import HealthSettings
from processors.departments.health.visit import Requirement, Visit
from processors.departments.health.visits import visit_of
from processors.departments.reviews import review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event
from schemas.health import FindingReviewed, PatientTriaged, TreatmentGiven
from schemas.processing import DeadlinePassed

OVERDUE = Rule(
    "health.treatment_overdue",
    "critical",
    "a treatment that a triage requires is not given in time (sepsis: antibiotics within 60 min)",
    "given, which is recorded as late; or reviewed",
    distinguish=("visit", "triage"),
)

PREFIX = "treatment\x1f"


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case PatientTriaged() | TreatmentGiven():
            name = visit_of(now.state, event)
            for requirement in now.state.a_visit(name).required:
                now = _settle(now, event, name, requirement, at)
        case DeadlinePassed(name=deadline, due=due) if deadline.startswith(PREFIX):
            name, protocol = deadline.removeprefix(PREFIX).split("\x1f")
            for requirement in now.state.a_visit(name).required:
                if requirement.protocol == protocol:
                    now = _late(now, name, requirement, due, at)
        case FindingReviewed(rule=OVERDUE.name):
            return review(now, event, at, OVERDUE)
    return now


def dues(visit: Visit, requirement: Requirement, settings: HealthSettings) -> Iterator[tuple[str, datetime]]:
    """Each treatment that a protocol requires, and by when."""
    for treatment, minutes in settings.required_treatments.get(requirement.protocol, {}).items():
        yield treatment, after(requirement.since, timedelta(minutes=max(minutes, 0)))


def _open(patient: Patient, name: str, requirement: Requirement) -> list[datetime]:
    """By when each required treatment is due that was not given."""
    visit = patient.a_visit(name)
    return sorted(d for t, d in dues(visit, requirement, patient.settings) if visit.first_given(t) is None)


def _settle(now: Step[Patient], event: Event, name: str, requirement: Requirement, at: datetime) -> Step[Patient]:
    """Waits for what is not given yet; what was late ends once nothing is."""
    left, labels = _open(now.state, name, requirement), {"visit": name, "triage": requirement.triage}
    if is_firing(now.state, OVERDUE, **labels):
        if any(due < at for due in left):
            return now
        now = now.resolves(OVERDUE, at, "what was required is given", by=[event], **labels)
    return now.awaits(f"{PREFIX}{name}\x1f{requirement.protocol}", left[0] if left else None)


def _late(now: Step[Patient], name: str, requirement: Requirement, due: datetime, at: datetime) -> Step[Patient]:
    left = _open(now.state, name, requirement)
    if not left or left[0] > due:
        return now
    following = next((d for d in left if d > due), None)
    return fires(
        now.awaits(f"{PREFIX}{name}\x1f{requirement.protocol}", following),
        OVERDUE,
        at,
        f"Patient {now.state.id}: what triage {requirement.triage} requires was not given in time",
        because=requirement.told_by,
        labels={"visit": name, "triage": requirement.triage},
        due=due,
    )
