"""Filing: at discharge the record is complete, and its summary follows within a day."""

from datetime import datetime, timedelta

from processors.departments.health.patient import Patient, fires
from processors.departments.health.visits import visit_of
from processors.departments.reviews import review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event
from schemas.health import FindingReviewed, PatientDischarged, PatientDischargeRevoked, RecordAmended, RecordFiled
from schemas.processing import DeadlinePassed

INCOMPLETE = Rule(
    "health.record_incomplete",
    "warning",
    "parts of the record that are to be there at discharge are not filed, or were filed in error",
    "filed, the discharge is revoked, or reviewed",
    distinguish=("visit",),
    settings=("required_parts",),
)
SUMMARY_MISSING = Rule(
    "health.discharge_summary_missing",
    "warning",
    "no discharge summary is filed 24 h after a discharge",
    "filed, the discharge is revoked, or reviewed",
    distinguish=("visit",),
    settings=("discharge_summary_hours", "discharge_summary_part"),
)

PREFIX = "summary/"


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case PatientDischarged() | PatientDischargeRevoked() | RecordFiled() | RecordAmended():
            name = visit_of(now.state, event)
            return _summary(_complete(now, event, name, at), event, name, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            return _no_summary(now, name.removeprefix(PREFIX), due, at)
        case FindingReviewed(rule=INCOMPLETE.name):
            return review(now, event, at, INCOMPLETE)
        case FindingReviewed(rule=SUMMARY_MISSING.name):
            return review(now, event, at, SUMMARY_MISSING)
    return now


def _complete(now: Step[Patient], event: Event, name: str, at: datetime) -> Step[Patient]:
    visit = now.state.a_visit(name)
    missing = [part for part in now.state.settings.required_parts if not visit.has(part)]
    if visit.discharged_at is None or not missing:
        why = "the discharge is revoked" if visit.discharged_at is None else "everything is filed"
        return now.resolves(INCOMPLETE, at, why, by=[event], visit=name)
    return fires(
        now,
        INCOMPLETE,
        at,
        f"Patient {now.state.id}: visit {name} ended without {', '.join(missing)}",
        because=visit.discharged_by,
        labels={"visit": name},
    )


def _summary(now: Step[Patient], event: Event, name: str, at: datetime) -> Step[Patient]:
    visit, settings = now.state.a_visit(name), now.state.settings
    if visit.discharged_at is None or visit.has(settings.discharge_summary_part):
        why = "the discharge is revoked" if visit.discharged_at is None else "it is filed"
        return now.awaits(PREFIX + name, None).resolves(SUMMARY_MISSING, at, why, by=[event], visit=name)
    if is_firing(now.state, SUMMARY_MISSING, visit=name):
        return now
    return now.awaits(PREFIX + name, after(visit.discharged_at, timedelta(hours=settings.discharge_summary_hours)))


def _no_summary(now: Step[Patient], name: str, due: datetime, at: datetime) -> Step[Patient]:
    visit = now.state.a_visit(name)
    if visit.discharged_at is None or visit.has(now.state.settings.discharge_summary_part):
        return now
    return fires(
        now,
        SUMMARY_MISSING,
        at,
        f"Patient {now.state.id}: no discharge summary of visit {name} is filed",
        because=visit.discharged_by,
        labels={"visit": name},
        due=due,
    )
