"""What happens in Health: patients come, are treated and leave; their records are kept, asked for and read.

Every event of a patient has the patient's id as its subject, also those of their record: whoever reads it is judged by
what links them to that patient. Names and findings in words have no place here.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.credits import Credit
from schemas.envelope import Event, Id, Instant, concrete_events
from schemas.privacy import MEDICAL, PERSONAL, ClinicalId, PersonId
from schemas.reviews import Review

Purpose = ClinicalId
"""What a record is read for: treatment, billing, research, …"""


class HealthEvent(Event, topic="events.health"):
    """Anything that happens in Health."""


class PatientEvent(HealthEvent, kind="patient"):
    """Anything that happens to one patient. What names no visit belongs to the latest one."""


class VisitEvent(PatientEvent):
    """Anything that happens during a visit."""

    visit: Id | None = Field(default=None, examples=["VIS-204"])
    """The visit it belongs to, where the source counts them; the latest one when not given."""


# Patients and their visits


class PatientRegistered(VisitEvent, type="health.patient.registered"):
    """A patient was registered: the first time, or at the desk for another visit."""

    identity_hash: Annotated[str, PERSONAL] | None = Field(
        default=None, min_length=1, max_length=200, examples=["5f2b8c"]
    )
    """A keyed hash of what identifies the person; equal hashes under two ids are one person."""
    unit: ClinicalId | None = Field(default=None, examples=["ER"])
    """The unit that sees the patient."""


class PatientMerged(PatientEvent, type="health.patient.merged"):
    """This id was given up: the person is the one of another id, to which the record has moved."""

    into: PersonId = Field(examples=["P-1001"])
    """The id that remains."""


class PatientTriaged(VisitEvent, type="health.patient.triaged"):
    """A patient was triaged. Several triages of one visit are one after the other, or for several protocols."""

    triage: Id | None = Field(default=None, examples=["TRI-88"])
    """The triage's record; an alert names it."""
    protocol: ClinicalId | None = Field(default=None, examples=["sepsis"])
    """The care protocol that begins with it; it says which treatment is required, and how soon."""
    unit: ClinicalId | None = Field(default=None, examples=["ER"])
    """The unit that sees the patient."""


class PatientAssessed(VisitEvent, type="health.patient.assessed"):
    """Criteria of a protocol were checked."""

    criteria: tuple[ClinicalId, ...] = Field(max_length=100, examples=[["sirs_2_or_more"]])
    """Those that are met."""


class PatientAdmitted(VisitEvent, type="health.patient.admitted"):
    """A patient was admitted to a unit."""

    unit: ClinicalId | None = Field(default=None, examples=["W-3"])
    """The unit, whose staff are linked to the patient from here on."""
    attending: PersonId | None = Field(default=None, examples=["E-311"])
    """Who is responsible for the patient."""
    care: Annotated[Literal["normal", "intensive"], MEDICAL] = "normal"
    """The level of care."""


class PatientTransferred(VisitEvent, type="health.patient.transferred"):
    """An admitted patient goes to another unit, or to another responsible person. What is not given stays."""

    unit: ClinicalId | None = Field(default=None, examples=["ICU"])
    """The new unit."""
    attending: PersonId | None = Field(default=None, examples=["E-312"])
    """Who is responsible now."""
    care: Annotated[Literal["normal", "intensive"], MEDICAL] | None = Field(default=None, examples=["intensive"])
    """The new level of care."""


class PatientDischarged(VisitEvent, type="health.patient.discharged"):
    """A visit ended."""

    disposition: ClinicalId | None = Field(default=None, examples=["home"])
    """Where to, in the source's own code."""


class PatientDischargeRevoked(VisitEvent, type="health.patient.discharge_revoked"):
    """A discharge was a mistake: the visit goes on."""


class PatientReturned(VisitEvent, type="health.patient.returned"):
    """A patient who was discharged is back."""


class PatientCareTeamChanged(PatientEvent, type="health.patient.care_team_changed"):
    """People joined or left those who care for a patient."""

    joined: tuple[PersonId, ...] = Field(default=(), max_length=100, examples=[["E-311"]])
    """Employee ids of who is in the team from now on."""
    left: tuple[PersonId, ...] = Field(default=(), max_length=100, examples=[["E-300"]])
    """Employee ids of who is not any more."""


class AppointmentMade(PatientEvent, type="health.appointment.made"):
    """Reference data: a patient is to see somebody. Said again, the appointment has moved."""

    appointment: Id = Field(examples=["APT-7"])
    """The appointment's id."""
    takes_place_at: Instant = Field(examples=["2026-03-05T10:00:00Z"])
    """When."""
    clinician: PersonId | None = Field(default=None, examples=["E-311"])
    """Employee id of whom the patient is to see."""
    unit: ClinicalId | None = Field(default=None, examples=["radiology"])
    """The unit where."""


class AppointmentCancelled(PatientEvent, type="health.appointment.cancelled"):
    """An appointment does not take place."""

    appointment: Id = Field(examples=["APT-7"])
    """The appointment's id."""


# Care


class TreatmentGiven(VisitEvent, type="health.treatment.given"):
    """A treatment was given, at the event's own time."""

    treatment: ClinicalId = Field(examples=["antibiotics"])
    """What was given, as protocols name it."""
    by: PersonId | None = Field(default=None, examples=["E-311"])
    """Who gave it."""


class ResultReceived(PatientEvent, type="health.result.received"):
    """A laboratory or imaging result came. Said again, it corrects what was said before."""

    result: Id = Field(examples=["RES-5512"])
    """The result's id; an alert names nothing else of it."""
    test: ClinicalId = Field(examples=["lactic_acid"])
    """What was measured."""
    value: Annotated[Decimal, MEDICAL] | None = Field(default=None, max_digits=18, decimal_places=6, examples=["4.2"])
    """The measured value; none when the test gave none."""
    unit_of_measure: Annotated[str, MEDICAL] | None = Field(default=None, max_length=40, examples=["mmol/l"])
    """The unit that the value is in; limits are in the same."""
    critical: Annotated[bool, MEDICAL] | None = None
    """The laboratory's own judgement, which counts; none: our limits decide."""


class ResultAcknowledged(PatientEvent, type="health.result.acknowledged"):
    """Somebody responsible has seen a result."""

    result: Id = Field(examples=["RES-5512"])
    """The result's id."""
    by: PersonId = Field(examples=["E-311"])
    """Who has seen it."""


# The record


class RecordFiled(VisitEvent, type="health.record.filed"):
    """A part of the patient's record was filed."""

    record: Id = Field(examples=["REC-901"])
    """The filed document's id."""
    part: ClinicalId = Field(examples=["discharge_summary"])
    """Which part of the record it is."""


class RecordAmended(VisitEvent, type="health.record.amended"):
    """A filed part was put right, or turned out to be no part of this record."""

    record: Id = Field(examples=["REC-901"])
    """The filed document's id."""
    part: ClinicalId = Field(examples=["discharge_summary"])
    """Which part of the record it is."""
    valid: bool = True
    """False: filed in error, and does not count."""
    by: PersonId | None = Field(default=None, examples=["E-311"])
    """Who amended it."""


class RecordRequested(PatientEvent, type="health.record.requested"):
    """Somebody asked the archive for a patient's record."""

    request: Id = Field(examples=["REQ-17"])
    """The request's id."""
    by: PersonId = Field(examples=["E-311"])
    """Who needs it."""
    purpose: Purpose | None = Field(default=None, examples=["treatment"])
    """What for."""
    needs_service: Id | None = Field(default=None, examples=["archive"])
    """The IT service without which it cannot be retrieved."""


class RecordRequestCancelled(PatientEvent, type="health.record.request_cancelled"):
    """A requested record is not needed any more."""

    request: Id = Field(examples=["REQ-17"])
    """The request's id."""


class RecordRetrieved(PatientEvent, type="health.record.retrieved"):
    """Somebody read a patient's record, or got it from the archive."""

    access: Id = Field(examples=["ACC-40231"])
    """The access's id in the access log."""
    by: PersonId = Field(examples=["E-311"])
    """Who read it."""
    request: Id | None = Field(default=None, examples=["REQ-17"])
    """The request it answers."""
    purpose: Purpose | None = Field(default=None, examples=["treatment"])
    """What for, as the reader said."""
    role: Id | None = Field(default=None, examples=["physician"])
    """The reader's role."""
    unit: ClinicalId | None = Field(default=None, examples=["W-3"])
    """The unit the reader was working for."""


class ConsentGiven(PatientEvent, type="health.consent.given"):
    """A patient allows their record to be read for a purpose."""

    purpose: Purpose = Field(examples=["research"])
    """What for."""


class ConsentWithdrawn(PatientEvent, type="health.consent.withdrawn"):
    """A patient does not allow their record to be read for a purpose any more."""

    purpose: Purpose = Field(examples=["research"])
    """What for."""


class EmergencyAccessStarted(PatientEvent, type="health.emergency_access.started"):
    """Somebody broke the glass: the record is open to them without any other link to the patient."""

    access: Id = Field(examples=["EMG-12"])
    """The emergency access's id."""
    by: PersonId = Field(examples=["E-340"])
    """Who did."""
    incident: Id | None = Field(default=None, examples=["INC-77"])
    """The emergency it was needed for, where one is on record."""


class DeadlineCredited(Credit, HealthEvent, type="health.deadline.credited"):
    """An outage took time from one of Health's deadlines. Written by correlation. Subject: the deadline's own."""


class FindingReviewed(Review, HealthEvent, type="health.finding.reviewed"):
    """Somebody looked at an alert of this department and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["health.unrelated_access"], pattern=r"^health\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"access": "ACC-40231"}])
    """The alert's distinguishing labels."""


EVENTS = tuple(concrete_events(HealthEvent))
"""Every event of Health."""
