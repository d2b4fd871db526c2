"""Health in the simulated office: patients who are treated and go home; and what goes wrong in a hospital."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from producers.simulator.office import Expected, Said, SimulatedOffice
from producers.simulator.planting import expected, workday
from schemas.health import (
    AppointmentMade,
    ConsentWithdrawn,
    EmergencyAccessStarted,
    FindingReviewed,
    HealthEvent,
    PatientAdmitted,
    PatientCareTeamChanged,
    PatientDischarged,
    PatientRegistered,
    PatientReturned,
    PatientTriaged,
    RecordFiled,
    RecordRequested,
    RecordRetrieved,
    ResultAcknowledged,
    ResultReceived,
    TreatmentGiven,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PARTS = ("admission_note", "medication_list", "discharge_summary")


def life(office: SimulatedOffice) -> Iterable[Said | Expected]:
    """A ward's patients, every day of the week, and eight planted stories of what goes wrong."""
    yield from _ward(office)
    for problem in (
        _antibiotics_late,
        _result_unseen,
        _record_late,
        _curious,
        _glass_broken,
        _against_consent,
        _no_summary,
        _back_again,
    ):
        yield from problem(office)


def _ward(office: SimulatedOffice) -> Iterator[Said]:
    rng = office.rng("health")
    for day in range(office.days):
        for n in range(max(2, office.customers // 20)):
            begin = office.clock(day, time(7 + rng.randrange(4), rng.randrange(60)))
            yield from _pathway(f"P-{day:03}{n}", begin, rng.randrange(10, 50), rng.random() < 0.3)


def _pathway(patient: str, begin: datetime, minutes: int, sepsis: bool) -> Iterator[Said]:
    """Triaged, treated in time, admitted, read by those who care, and discharged with a whole record."""
    at = begin + 10 * MINUTE
    result = f"RES-{patient}"
    yield _say(begin, patient, PatientRegistered(identity_hash=f"id-{patient}", unit="ER"))
    yield _say(at, patient, PatientTriaged(triage=f"TRI-{patient}", protocol="sepsis" if sepsis else None, unit="ER"))
    yield _say(at + minutes * MINUTE, patient, TreatmentGiven(treatment="antibiotics", by="E-004"))
    yield _say(at + 20 * MINUTE, patient, ResultReceived(result=result, test="lactic_acid", value=Decimal("4.4")))
    yield _say(at + 55 * MINUTE, patient, ResultAcknowledged(result=result, by="E-004"))
    yield _say(begin + 3 * HOUR, patient, PatientAdmitted(unit="W-3", attending="E-005"))
    yield _say(begin + 4 * HOUR, patient, RecordRequested(request=f"REQ-{patient}", by="E-006", purpose="treatment"))
    yield _say(begin + 4 * HOUR + 12 * MINUTE, patient, _read(f"ACC-{patient}", "E-006", unit="W-3"))
    yield from _filed(patient, begin + 5 * HOUR, PARTS[:2])
    yield _say(begin + 8 * HOUR, patient, PatientDischarged(disposition="home"))
    yield from _filed(patient, begin + 10 * HOUR, PARTS[2:])
    billing = _read(f"ACC-{patient}-bill", "E-030", purpose="billing", role="coder")
    yield _say(begin + 11 * HOUR, patient, billing)


def _antibiotics_late(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Sepsis is suspected, and the antibiotics come half an hour late."""
    patient, at = "P-late", office.clock(workday(office, 0), time(10, 5))
    given = at + 90 * MINUTE
    yield _say(at, patient, PatientTriaged(triage="TRI-late", protocol="sepsis", visit="VIS-late"))
    yield _say(given, patient, TreatmentGiven(treatment="antibiotics", visit="VIS-late"))
    due, subject = at + 60 * MINUTE, f"patient/{patient}"
    yield from expected(office, "health.treatment_overdue", subject, due, given, visit="VIS-late", triage="TRI-late")


def _result_unseen(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A critical result comes at lunch, and somebody looks at it two hours later."""
    patient, at = "P-unseen", office.clock(workday(office, 1), time(12))
    result = ResultReceived(result="RES-unseen", test="potassium", value=Decimal("6.9"))
    yield _say(at, patient, result)
    seen = at + 2 * HOUR
    yield _say(seen, patient, ResultAcknowledged(result="RES-unseen", by="E-004"))
    yield from expected(office, "health.critical_result", f"patient/{patient}", at + HOUR, seen, result="RES-unseen")


def _record_late(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """The archive takes an hour for a record."""
    patient, at = "P-archive", office.clock(workday(office, 2), time(11))
    team = PatientCareTeamChanged(joined=("E-006",))
    yield _say(at - HOUR, patient, team)
    yield _say(at, patient, RecordRequested(request="REQ-archive", by="E-006", purpose="treatment"))
    there = at + HOUR
    yield _say(there, patient, _read("ACC-archive", "E-006", request="REQ-archive"))
    due = at + 30 * MINUTE
    yield from expected(office, "health.retrieval_overdue", f"patient/{patient}", due, there, request="REQ-archive")


def _curious(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Somebody reads the record of a patient they have nothing to do with; nobody can justify it."""
    patient, at = "P-neighbour", office.clock(workday(office, 0), time(14, 20))
    seen = AppointmentMade(appointment="APT-1", takes_place_at=at + 20 * HOUR, clinician="E-005", unit="radiology")
    yield _say(at - 5 * HOUR, patient, seen)
    yield _say(at - HOUR, patient, _read("ACC-prepared", "E-005", purpose="treatment"))
    yield _say(at, patient, _read("ACC-curious", "E-017", purpose="treatment", unit="W-9"))
    yield from expected(
        office, "health.unrelated_access", f"patient/{patient}", at, None, neglected=True, access="ACC-curious"
    )


def _glass_broken(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A night emergency: the glass is broken, and the review follows in the morning."""
    patient, at = "P-night", office.clock(workday(office, 1), time(3, 20))
    reviewed = at + 6 * HOUR
    yield _say(at - HOUR, patient, PatientAdmitted(unit="ICU"))
    yield _say(at, patient, EmergencyAccessStarted(access="EMG-night", by="E-021"))
    yield _say(at + MINUTE, patient, _read("ACC-night", "E-021", purpose="treatment"))
    yield _say(reviewed, patient, _review("health.emergency_access", access="EMG-night"))
    yield from expected(office, "health.emergency_access", f"patient/{patient}", at, reviewed, access="EMG-night")


def _against_consent(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A patient withdraws consent to research, and the study goes on reading."""
    patient, at = "P-study", office.clock(workday(office, 3), time(9, 30))
    yield _say(at - 24 * HOUR, patient, PatientCareTeamChanged(joined=("E-012",)))
    yield _say(at - 2 * HOUR, patient, ConsentWithdrawn(purpose="research"))
    yield _say(at, patient, _read("ACC-study", "E-012", purpose="research"))
    reviewed = at + 5 * HOUR
    yield _say(reviewed, patient, _review("health.consent_breach", access="ACC-study"))
    yield from expected(office, "health.consent_breach", f"patient/{patient}", at, reviewed, access="ACC-study")


def _no_summary(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A patient goes home without a medication list, and without a summary until two days later."""
    patient, subject = "P-home", "patient/P-home"
    at, visit = office.clock(workday(office, 0), time(16)), "VIS-home"
    yield _say(at - 6 * HOUR, patient, PatientAdmitted(unit="W-3", visit=visit))
    yield _say(at - 5 * HOUR, patient, RecordFiled(record="REC-home-1", part="admission_note", visit=visit))
    yield _say(at, patient, PatientDischarged(visit=visit))
    listed, summed = at + 3 * HOUR, at + 40 * HOUR
    yield _say(listed, patient, RecordFiled(record="REC-home-2", part="medication_list", visit=visit))
    yield _say(summed, patient, RecordFiled(record="REC-home-3", part="discharge_summary", visit=visit))
    yield from expected(office, "health.record_incomplete", subject, at, listed, visit=visit)
    yield from expected(office, "health.discharge_summary_missing", subject, at + 24 * HOUR, summed, visit=visit)


def _back_again(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Discharged in the morning, back two days later; the second visit ends in the evening."""
    patient, at = "P-back", office.clock(workday(office, 0), time(9))
    yield from _filed(patient, at, PARTS, visit="VIS-1")
    yield _say(at + HOUR, patient, PatientDischarged(visit="VIS-1"))
    back = at + 50 * HOUR
    yield _say(back, patient, PatientReturned(visit="VIS-2"))
    yield from _filed(patient, back + 2 * HOUR, PARTS, visit="VIS-2")
    again = back + 8 * HOUR
    yield _say(again, patient, PatientDischarged(visit="VIS-2"))
    yield from expected(office, "health.return", f"patient/{patient}", back, again, visit="VIS-2")


def _filed(patient: str, at: datetime, parts: Iterable[str], visit: str | None = None) -> Iterator[Said]:
    for part in parts:
        record = f"REC-{patient}-{part}-{visit}" if visit else f"REC-{patient}-{part}"
        yield _say(at, patient, RecordFiled(record=record, part=part, visit=visit))


def _read(
    access: str,
    by: str,
    *,
    unit: str | None = None,
    purpose: str = "treatment",
    role: str | None = None,
    request: str | None = None,
) -> RecordRetrieved:
    if request is None and unit == "W-3":
        request = access.replace("ACC-", "REQ-")
    return RecordRetrieved(access=access, by=by, unit=unit, purpose=purpose, role=role, request=request)


def _review(rule: str, **identity: str) -> FindingReviewed:
    return FindingReviewed(rule=rule, identity=identity, by="privacy-officer", outcome="justified")


def _say(at: datetime, patient: str, event: HealthEvent) -> Said:
    return Said(at, f"patient/{patient}", event)
