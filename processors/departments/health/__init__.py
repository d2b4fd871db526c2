"""Health: patients are treated in time, and their records are complete, there when needed, and read with a reason."""

from datetime import datetime

from processors.departments.health import (
    access,
    consent,
    emergency,
    filing,
    identity,
    relations,
    results,
    retrieval,
    returns,
    treatment,
    visits,
)
from processors.departments.health.measures import MEASURES
from processors.departments.health.patient import Patient
from processors.departments.health.settings import HealthSettings
from processors.departments.reviews import ELSEWHERE
from processors.processor import Aggregate, Processor
from processors.step import Step
from schemas.envelope import Event
from schemas.health import EVENTS

CHECKS = (
    identity.check,
    treatment.check,
    results.check,
    retrieval.check,
    filing.check,
    returns.check,
    emergency.check,
    access.check,
    consent.check,
)


def patient_step(patient: Patient, event: Event, at: datetime) -> Step[Patient]:
    """Keeps visits and links, then asks each rule in turn."""
    now = Step(relations.record(visits.record(patient, event), event))
    for check in CHECKS:
        now = check(now, event, at)
    return now


department = Processor(
    name="health",
    inbox="events.health",
    events=EVENTS,
    aggregates={"patient": Aggregate(Patient, patient_step), "person": ELSEWHERE, "identity": ELSEWHERE},
    settings=HealthSettings,
    rules=(
        access.UNRELATED,
        emergency.EMERGENCY,
        results.CRITICAL,
        retrieval.OVERDUE,
        treatment.OVERDUE,
        filing.SUMMARY_MISSING,
        returns.RETURN,
        filing.INCOMPLETE,
        consent.BREACH,
    ),
    measures=MEASURES,
)
