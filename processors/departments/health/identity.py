"""Identity: tells correlation which person an id stands for, so that a patient with two ids is found."""

from datetime import datetime

from processors.departments.health.patient import Patient
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.facts import IdentitySeen
from schemas.health import PatientMerged, PatientRegistered


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    patient, time = now.state, event.about.time
    match event:
        case PatientRegistered(identity_hash=str(hashed)):
            if patient.identity_told_at is not None and time < patient.identity_told_at:
                return now
            if patient.identity_hash is not None and patient.identity_hash != hashed and not patient.merged_into:
                now = _publish(now, patient.identity_hash, event.about.record, holds=False)
            same = patient.identity_hash == hashed
            now = now.evolve(identity_hash=hashed, identity_told_at=time)
            if same or patient.merged_into:
                return now
            return _publish(now, hashed, event.about.record, holds=True)
        case PatientMerged():
            now = now.evolve(merged_into=event.into)
            if patient.identity_hash is None or patient.merged_into:
                return now
            return _publish(now, patient.identity_hash, event.about.record, holds=False)
    return now


def _publish(now: Step[Patient], hashed: str, record: Evidence | None, *, holds: bool) -> Step[Patient]:
    revision = now.state.identity_revision + 1
    fact = IdentitySeen(of="patient", id=now.state.id, holds=holds, revision=revision, record=record)
    return now.evolve(identity_revision=revision).emits(f"identity/{hashed}", fact)
