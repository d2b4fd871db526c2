"""Visits: what each event changes in them, before any rule reads it."""

from dataclasses import replace
from datetime import datetime

from processors.departments.health.patient import Patient
from processors.departments.health.visit import Filed, Given, Requirement, Visit
from schemas.envelope import Event, Evidence
from schemas.health import (
    DeadlineCredited,
    PatientAdmitted,
    PatientAssessed,
    PatientDischarged,
    PatientDischargeRevoked,
    PatientRegistered,
    PatientReturned,
    PatientTransferred,
    PatientTriaged,
    RecordAmended,
    RecordFiled,
    TreatmentGiven,
    VisitEvent,
)
from schemas.processing import DeadlinePassed

Arrived = PatientRegistered | PatientTriaged | PatientAdmitted | PatientReturned
"""What happens when a patient comes: after a discharge it begins another visit."""

InUnit = PatientRegistered | PatientTriaged | PatientAdmitted | PatientTransferred
"""What may name the unit that sees the patient."""

MAX_STAYS, MAX_FILED, MAX_PROTOCOLS, MAX_TREATMENTS, MAX_CRITERIA = 20, 200, 20, 100, 200
"""How many are remembered at most, the latest."""


def record(patient: Patient, event: Event) -> Patient:
    """The patient after this event, as far as visits are concerned."""
    if isinstance(event, DeadlinePassed | DeadlineCredited):
        return patient
    patient = patient.evolve(events=patient.events + 1, began_with=patient.began_with or event.type)
    if not isinstance(event, VisitEvent):
        return patient
    name = _name(patient, event)
    patient = _known(_seen_by(patient, event), name, event)
    return _told(patient, name, event)


def _seen_by(patient: Patient, event: VisitEvent) -> Patient:
    """In the unit that was named last."""
    if not isinstance(event, InUnit) or event.unit is None:
        return patient
    if patient.unit_at is not None and event.about.time < patient.unit_at:
        return patient
    return patient.evolve(unit=event.unit, unit_at=event.about.time)


def visit_of(patient: Patient, event: VisitEvent) -> str:
    """The visit an event belongs to, once it is recorded. A discharge that is revoked is the last one."""
    if isinstance(event, PatientDischargeRevoked):
        return event.visit or patient.last_discharged or patient.visit
    return event.visit or patient.visit


def _name(patient: Patient, event: VisitEvent) -> str:
    if event.visit is not None:
        return event.visit
    if not patient.visit:
        return _unnamed(event)
    if isinstance(event, PatientDischargeRevoked):
        return visit_of(patient, event)
    discharged = patient.a_visit(patient.visit).discharged_at
    begins = isinstance(event, Arrived) and discharged is not None and event.about.time >= discharged
    return _unnamed(event) if begins else patient.visit


def _unnamed(event: VisitEvent) -> str:
    """By when it began, not by a number: that would depend on how many visits were heard of before."""
    return f"#{event.about.time:%Y-%m-%dT%H:%M:%S}"


def told_by(patient: Patient, name: str, event: VisitEvent) -> tuple[Evidence, ...]:
    """The event's record; and the visit's first one, where the event does not say to which visit it belongs."""
    says = name in (event.visit, _unnamed(event))
    records = (None if says else patient.a_visit(name).record, event.about.record)
    return tuple(dict.fromkeys(record for record in records if record is not None))


def _known(patient: Patient, name: str, event: VisitEvent) -> Patient:
    """The visit exists, and is the latest one if nothing later is known."""
    time, visit = event.about.time, patient.visits.get(name)
    if visit is not None:
        return patient.with_visit(name, began_at=min(time, visit.began_at or time))
    latest = patient.a_visit(patient.visit).began_at
    patient = patient.evolve(
        visits=patient.visits.put(name, Visit(began_at=time, record=event.about.record)),
        visits_counted=patient.visits_counted + 1,
    )
    return patient if latest is not None and time < latest else patient.evolve(visit=name)


def _told(patient: Patient, name: str, event: VisitEvent) -> Patient:
    time, visit = event.about.time, patient.a_visit(name)
    match event:
        case PatientTriaged():
            return patient.with_visit(name, triages=visit.triages + 1, required=_required(patient, name, event))
        case PatientAssessed():
            met = tuple(dict.fromkeys((*patient.criteria, *event.criteria)))
            return patient.evolve(criteria=met[-MAX_CRITERIA:])
        case PatientAdmitted():
            return _admitted(_cared(patient, event.care, time), name, time)
        case PatientTransferred():
            return _cared(patient, event.care, time)
        case PatientReturned():
            return _returned(patient, name, event)
        case TreatmentGiven():
            return patient.with_visit(name, given=_given(visit, event.treatment, time))
        case RecordFiled():
            return patient.with_visit(name, filed=_filed(visit, Filed(event.record, event.part, True), told=False))
        case RecordAmended():
            return patient.with_visit(
                name, filed=_filed(visit, Filed(event.record, event.part, event.valid), told=True)
            )
        case PatientDischarged() | PatientDischargeRevoked():
            return _discharged(patient, name, event)
    return patient


def _returned(patient: Patient, name: str, event: PatientReturned) -> Patient:
    """The last time counts."""
    time, known = event.about.time, patient.a_visit(name).returned_at
    if known is not None and time < known:
        return patient
    return patient.with_visit(name, returned_at=time, returned_by=told_by(patient, name, event))


def _required(patient: Patient, visit_name: str, event: PatientTriaged) -> tuple[Requirement, ...]:
    """A protocol begins with its first triage, whichever is told first."""
    if event.protocol is None:
        return patient.a_visit(visit_name).required
    visit = patient.a_visit(visit_name)
    time, name = event.about.time, event.triage or _unnamed(event)
    known = next((r for r in visit.required if r.protocol == event.protocol), None)
    begun = Requirement(event.protocol, name, time, told_by(patient, visit_name, event))
    if known is None:
        return (*visit.required, begun)[-MAX_PROTOCOLS:]
    if known.since <= time:
        return visit.required
    if name != known.triage:
        begun = replace(begun, triage=known.triage, told_by=tuple(dict.fromkeys((*known.told_by, *begun.told_by))))
    return tuple(begun if r is known else r for r in visit.required)


def _given(visit: Visit, treatment: str, at: datetime) -> tuple[Given, ...]:
    first = min(at, visit.first_given(treatment) or at)
    others = tuple(g for g in visit.given if g.treatment != treatment)
    return (*others, Given(treatment, first))[-MAX_TREATMENTS:]


def _filed(visit: Visit, filed: Filed, *, told: bool) -> tuple[Filed, ...]:
    """What an amendment says of a document counts, also when it came before the filing."""
    known = next((f for f in visit.filed if f.record == filed.record), None)
    if known is not None and not told and not known.valid:
        return visit.filed
    others = tuple(f for f in visit.filed if f.record != filed.record)
    return (*others, filed)[-MAX_FILED:]


def _admitted(patient: Patient, name: str, time: datetime) -> Patient:
    stays = (*(s for s in patient.stays if s != name), name)[-MAX_STAYS:]
    first = min(time, patient.a_visit(name).admitted_at or time)
    return patient.with_visit(name, admitted_at=first).evolve(stays=stays)


def _cared(patient: Patient, care: str | None, time: datetime) -> Patient:
    if care == "normal":
        return patient.evolve(normal_since=min(time, patient.normal_since or time))
    if care == "intensive":
        return patient.evolve(intensive_at=max(time, patient.intensive_at or time))
    return patient


def _discharged(patient: Patient, name: str, event: PatientDischarged | PatientDischargeRevoked) -> Patient:
    """The last word, by its own time, counts."""
    time, visit = event.about.time, patient.a_visit(name)
    said = [t for t in (visit.discharged_at, visit.revoked_at) if t is not None]
    if said and time < max(said):
        return patient
    if isinstance(event, PatientDischargeRevoked):
        last = None if patient.last_discharge == visit.discharged_at else patient.last_discharge
        return patient.with_visit(name, discharged_at=None, discharged_by=(), revoked_at=time).evolve(
            last_discharge=last
        )
    last = max(time, patient.last_discharge or time)
    patient = patient.with_visit(name, discharged_at=time, discharged_by=told_by(patient, name, event))
    return patient.evolve(last_discharge=last, last_discharged=name if last == time else patient.last_discharged)
