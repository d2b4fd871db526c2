"""Relations: who is linked to a patient, by an admission, an appointment or the care team, and when."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from processors.departments.health.patient import Appointment, Patient, Relation
from processors.departments.health.settings import HealthSettings
from processors.departments.health.visit import NO_VISIT, Visit
from processors.departments.health.visits import visit_of
from processors.instants import after
from schemas.envelope import Event
from schemas.health import (
    AppointmentCancelled,
    AppointmentMade,
    PatientAdmitted,
    PatientCareTeamChanged,
    PatientDischarged,
    PatientDischargeRevoked,
    PatientRegistered,
    PatientTransferred,
    PatientTriaged,
)

TEAM = "team"

MAX_RELATIONS = 20
"""Links of one person or unit that are remembered, the latest."""


def record(patient: Patient, event: Event) -> Patient:
    """The patient after this event, as far as links are concerned."""
    time = event.about.time
    match event:
        case PatientRegistered() | PatientTriaged():
            return _moved(patient, visit_of(patient, event), time, event.unit, None)
        case PatientAdmitted() | PatientTransferred():
            return _moved(patient, visit_of(patient, event), time, event.unit, event.attending)
        case PatientDischarged() | PatientDischargeRevoked():
            return _ended(patient, visit_of(patient, event))
        case PatientCareTeamChanged():
            return _team(patient, event, time)
        case AppointmentMade() | AppointmentCancelled():
            return _appointment(patient, event, time)
    return patient


def is_related(patient: Patient, by: str, unit: str | None, at: datetime) -> bool:
    """Whether something links this person, or the unit they worked for, to the patient at this time."""
    whos = (_person(by), _unit(unit)) if unit else (_person(by),)
    return any(_covers(r, at, patient.settings) for who in whos for r in patient.relations.get(who, ()))


def _covers(relation: Relation, at: datetime, settings: HealthSettings) -> bool:
    if relation.is_appointment:
        return abs(at - relation.since) <= timedelta(days=settings.appointment_days)
    if at < relation.since:
        return False
    return relation.until is None or at <= after(relation.until, timedelta(days=settings.relation_days_after))


def _person(id: str) -> str:
    return f"person\x1f{id}"


def _unit(id: str) -> str:
    return f"unit\x1f{id}"


def _whos(visit: Visit) -> tuple[str, ...]:
    """Who has the patient now."""
    unit = (_unit(visit.unit),) if visit.unit else ()
    return (*unit, _person(visit.attending)) if visit.attending else unit


def _moved(patient: Patient, name: str, time: datetime, unit: str | None, attending: str | None) -> Patient:
    """The patient goes to a unit and a person; a move that is told late counts until the one after it."""
    if unit is None and attending is None:
        return patient
    visit = patient.a_visit(name)
    told = replace(visit, unit=unit or visit.unit, attending=attending or visit.attending, moved_at=time)
    if visit.moved_at is not None and time < visit.moved_at:
        late = replace(NO_VISIT, unit=unit, attending=attending)
        return _link(patient, _whos(late), Relation(name, time, visit.moved_at))
    for who in set(_whos(visit)) - set(_whos(told)):
        patient = _close(patient, who, name, time)
    for who in set(_whos(told)) - set(_whos(visit)):
        patient = _link(patient, (who,), Relation(name, time, visit.discharged_at))
    return patient.evolve(visits=patient.visits.put(name, told))


def _ended(patient: Patient, name: str) -> Patient:
    visit = patient.a_visit(name)
    for who in _whos(visit):
        patient = _close(patient, who, name, visit.discharged_at)
    return patient


def _team(patient: Patient, event: PatientCareTeamChanged, time: datetime) -> Patient:
    for id in event.joined:
        if not _is_open(patient, _person(id), time):
            patient = _link(patient, (_person(id),), Relation(TEAM, time, None))
    for id in event.left:
        patient = _close(patient, _person(id), TEAM, time)
    return patient


def _is_open(patient: Patient, who: str, time: datetime) -> bool:
    known = patient.relations.get(who, ())
    return any(r.of == TEAM and r.until is None and r.since <= time for r in known)


def _appointment(patient: Patient, event: AppointmentMade | AppointmentCancelled, time: datetime) -> Patient:
    """The last word, by its own time, counts."""
    known = patient.appointments.get(event.appointment)
    if known is not None and time < known.told_at:
        return patient
    of = f"appointment\x1f{event.appointment}"
    for who in _with_whom(known):
        patient = _put(patient, who, [r for r in patient.relations.get(who, ()) if r.of != of])
    if isinstance(event, AppointmentCancelled):
        told = Appointment(None, None, time, time, cancelled=True)
    else:
        told = Appointment(event.clinician, event.unit, event.takes_place_at, time)
        at = event.takes_place_at
        patient = _link(patient, _with_whom(told), Relation(of, at, at, is_appointment=True))
    return patient.evolve(appointments=patient.appointments.put(event.appointment, told))


def _with_whom(appointment: Appointment | None) -> tuple[str, ...]:
    if appointment is None:
        return ()
    unit = (_unit(appointment.unit),) if appointment.unit else ()
    return (*unit, _person(appointment.clinician)) if appointment.clinician else unit


def _link(patient: Patient, whos: Iterable[str], relation: Relation) -> Patient:
    for who in whos:
        patient = _put(patient, who, [*patient.relations.get(who, ()), relation])
    return patient


def _close(patient: Patient, who: str, of: str, until: datetime | None) -> Patient:
    """The latest link of this kind ends then (None: it goes on after all)."""
    known = list(patient.relations.get(who, ()))
    latest = max((n for n, r in enumerate(known) if r.of == of), key=lambda n: known[n].since, default=None)
    if latest is None or (until is not None and until < known[latest].since):
        return patient
    known[latest] = replace(known[latest], until=until)
    return _put(patient, who, known)


def _put(patient: Patient, who: str, relations: list[Relation]) -> Patient:
    if not relations:
        return patient.evolve(relations=patient.relations.drop(who))
    return patient.evolve(relations=patient.relations.put(who, tuple(relations[-MAX_RELATIONS:])))
