"""Returns: who is back soon after a discharge."""

from datetime import datetime, timedelta

from processors.departments.health.patient import Patient, fires
from processors.departments.health.settings import Arrival
from processors.departments.health.visits import told_by, visit_of
from processors.departments.reviews import review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.health import (
    FindingReviewed,
    PatientAdmitted,
    PatientDischarged,
    PatientDischargeRevoked,
    PatientRegistered,
    PatientReturned,
    PatientTriaged,
)

RETURN = Rule(
    "health.return",
    "info",
    "a patient is back within 28 days of a discharge",
    "it does not end by itself: the patient is discharged again, the earlier discharge is revoked, or it is reviewed",
    distinguish=("visit",),
    settings=("return_days", "return_events"),
)


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case PatientRegistered() | PatientTriaged() | PatientAdmitted() | PatientReturned():
            if _arrival(event) in now.state.settings.return_events:
                name = visit_of(now.state, event)
                return _back(now, name, event.about.time, told_by(now.state, name, event), at)
        case PatientDischarged():
            return _discharged(now, event, at)
        case PatientDischargeRevoked() if now.state.last_discharge is None:
            return now.resolves(RETURN, at, "the discharge before it is revoked", by=[event], visit=now.state.visit)
        case FindingReviewed(rule=RETURN.name):
            return review(now, event, at, RETURN)
    return now


def _arrival(event: Event) -> Arrival:
    match event:
        case PatientRegistered():
            return "registered"
        case PatientTriaged():
            return "triaged"
        case PatientAdmitted():
            return "admitted"
    return "returned"


def _back(now: Step[Patient], name: str, back_at: datetime, told: tuple[Evidence, ...], at: datetime) -> Step[Patient]:
    """Said once per visit, against the last discharge before it."""
    patient, visit = now.state, now.state.a_visit(name)
    left, window = patient.last_discharge, timedelta(days=patient.settings.return_days)
    if left is None or visit.return_said or not timedelta() <= back_at - left <= window:
        return now
    now = Step(patient.with_visit(name, return_said=True), now.emit)
    summary = f"Patient {patient.id} is back within {patient.settings.return_days} days of a discharge"
    records = (*patient.a_visit(patient.last_discharged).discharged_by[-1:], *told)
    return fires(now, RETURN, at, summary, because=records, labels={"visit": name})


def _discharged(now: Step[Patient], event: PatientDischarged, at: datetime) -> Step[Patient]:
    """The end of the visit ends it; a discharge that is told after the return begins it."""
    name = visit_of(now.state, event)
    now = now.resolves(RETURN, at, "the patient is discharged again", by=[event], visit=name)
    visit = now.state.a_visit(name)
    if visit.returned_at is None or "returned" not in now.state.settings.return_events:
        return now
    return _back(now, name, visit.returned_at, visit.returned_by, at)
