"""Access: nobody reads a record without a link to the patient, or a purpose that needs none."""

from datetime import datetime, timedelta

from processors.departments.health.patient import Access, Patient, fires
from processors.departments.health.relations import is_related
from processors.departments.reviews import review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.health import (
    AppointmentMade,
    EmergencyAccessStarted,
    FindingReviewed,
    PatientAdmitted,
    PatientCareTeamChanged,
    PatientDischargeRevoked,
    PatientRegistered,
    PatientTransferred,
    PatientTriaged,
    RecordRetrieved,
)

UNRELATED = Rule(
    "health.unrelated_access",
    "critical",
    "a record is read by somebody whom no admission, appointment, care team, emergency access or purpose links to it",
    "justified by a review; or a link that held at that time becomes known",
    distinguish=("access",),
    settings=("purposes_without_relation", "relation_days_after", "appointment_days", "emergency_access_hours"),
)

MAX_UNEXPLAINED = 100
"""Readings that are looked at again when a link becomes known, the latest."""

Linking = (
    PatientRegistered
    | PatientTriaged
    | PatientAdmitted
    | PatientTransferred
    | PatientDischargeRevoked
    | PatientCareTeamChanged
    | AppointmentMade
    | EmergencyAccessStarted
)


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case RecordRetrieved():
            return _read(now, event, at)
        case FindingReviewed(rule=UNRELATED.name):
            return review(now, event, at, UNRELATED)
    if not isinstance(event, Linking):
        return now
    for access in now.state.unexplained:
        if _explained(now.state, access):
            now = _explain(now, event, access.access, "a link to the patient became known", at)
    return now


def _read(now: Step[Patient], event: RecordRetrieved, at: datetime) -> Step[Patient]:
    """Said again, with another purpose say, it is judged anew."""
    access = Access(event.access, event.by, event.unit, event.about.time, event.about.record)
    if now.state.settings.may_read(event.role, event.purpose) or _explained(now.state, access):
        return _explain(now, event, event.access, "it turned out to be linked to the patient", at)
    others = tuple(a for a in now.state.unexplained if a.access != access.access)
    now = now.evolve(unexplained=(*others, access)[-MAX_UNEXPLAINED:])
    summary = f"{event.by} read the record of patient {now.state.id}, and nothing links them"
    return fires(now, UNRELATED, at, summary, because=[event], labels={"access": event.access, "reader": event.by})


def _explained(patient: Patient, access: Access) -> bool:
    return is_related(patient, access.by, access.unit, access.at) or _in_an_emergency(patient, access)


def _in_an_emergency(patient: Patient, access: Access) -> bool:
    """Whether the reader had broken the glass; that has an alert of its own."""
    window = timedelta(hours=patient.settings.emergency_access_hours)
    used = (patient.emergencies[name] for name in patient.emergencies_used)
    return any(e.by == access.by and e.at <= access.at <= after(e.at, window) for e in used)


def _explain(now: Step[Patient], event: Event, name: str, why: str, at: datetime) -> Step[Patient]:
    left = tuple(a for a in now.state.unexplained if a.access != name)
    return now.evolve(unexplained=left).resolves(UNRELATED, at, why, by=[event], access=name)
