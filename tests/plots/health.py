"""Plots of Health."""

from datetime import timedelta

from schemas.envelope import Event
from schemas.health import (
    ConsentWithdrawn,
    EmergencyAccessStarted,
    FindingReviewed,
    PatientAdmitted,
    PatientDischarged,
    PatientReturned,
    PatientTriaged,
    RecordFiled,
    RecordRequested,
    RecordRetrieved,
    ResultAcknowledged,
    ResultReceived,
    TreatmentGiven,
)
from tests.plots.telling import DAY, HOUR, Plot, plot, settled

PATIENT = "patient/P-1"
ADMITTED, HOME = PatientAdmitted(visit="V-1"), PatientDischarged(visit="V-1")


def about(*said: Event | timedelta) -> Plot:
    return plot(PATIENT, *said)


def filed(part: str) -> RecordFiled:
    return RecordFiled(visit="V-1", record=f"REC-{part}", part=part)


def seen(rule: str, **identity: str) -> FindingReviewed:
    return settled(FindingReviewed, f"health.{rule}", **identity)


PLOTS: dict[str, Plot] = {
    "health.unrelated_access": about(RecordRetrieved(access="A-1", by="E-1"), seen("unrelated_access", access="A-1")),
    "health.emergency_access": about(
        EmergencyAccessStarted(access="A-1", by="E-1"), 2 * DAY, seen("emergency_access", access="A-1")
    ),
    "health.critical_result": about(
        ResultReceived(result="R-1", test="lactic_acid", critical=True),
        2 * HOUR,
        ResultAcknowledged(result="R-1", by="E-1"),
    ),
    "health.retrieval_overdue": about(
        RecordRequested(request="Q-1", by="E-1"), HOUR, RecordRetrieved(access="A-1", by="E-1", request="Q-1")
    ),
    "health.treatment_overdue": about(
        PatientTriaged(visit="V-1", triage="T-1", protocol="sepsis"),
        2 * HOUR,
        TreatmentGiven(visit="V-1", treatment="antibiotics"),
    ),
    "health.discharge_summary_missing": about(ADMITTED, HOME, 2 * DAY, filed("discharge_summary")),
    "health.return": about(ADMITTED, HOME, 5 * DAY, PatientReturned(visit="V-2"), DAY, PatientDischarged(visit="V-2")),
    "health.record_incomplete": about(ADMITTED, HOME, filed("admission_note"), filed("medication_list")),
    "health.consent_breach": about(
        ConsentWithdrawn(purpose="research"),
        RecordRetrieved(access="A-1", by="E-1", purpose="research"),
        seen("consent_breach", access="A-1"),
    ),
}
