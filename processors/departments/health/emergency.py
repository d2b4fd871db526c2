"""Emergency access: whoever breaks the glass is reviewed within a day. Whether it was plausible, correlation judges."""

from dataclasses import replace
from datetime import datetime, timedelta

from processors.departments.health.patient import Emergency, Patient, fires
from processors.departments.reviews import is_reviewed, review
from processors.instants import after
from processors.rule import Rule, Severity
from processors.step import Step, firing_of
from schemas.envelope import Event, Evidence
from schemas.facts import EmergencyAccessUsed
from schemas.health import (
    EmergencyAccessStarted,
    FindingReviewed,
    PatientAdmitted,
    PatientDischarged,
    PatientDischargeRevoked,
)
from schemas.processing import DeadlinePassed

EMERGENCY = Rule(
    "health.emergency_access",
    "warning",
    "somebody broke the glass to read a record, which is always reviewed; an error when it is not within 24 h",
    "reviewed",
    distinguish=("access",),
    settings=("emergency_review_hours",),
)

PREFIX = "emergency/"

MAX_USED = 20
"""Emergency accesses that are looked at again when an admission becomes known, the latest."""


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case EmergencyAccessStarted():
            return _started(now, event, at)
        case PatientAdmitted() | PatientDischarged() | PatientDischargeRevoked():
            for name in now.state.emergencies_used:
                now = _publish(now, name, now.state.emergencies[name])
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            return _unreviewed(now, name.removeprefix(PREFIX), due, at)
        case FindingReviewed(rule=EMERGENCY.name):
            return _reviewed(now, event, at)
    return now


def _started(now: Step[Patient], event: EmergencyAccessStarted, at: datetime) -> Step[Patient]:
    """Said again, it corrects what was said before."""
    name, time, known = event.access, event.about.time, now.state.emergencies.get(event.access)
    revision = known.revision if known else 0
    used = tuple(u for u in now.state.emergencies_used if u != name)
    now = now.evolve(emergencies_used=(*used, name)[-MAX_USED:])
    if known is not None and known.by != event.by:
        revision += 1  # of the one first named, nothing implausible is left
        settled = replace(known, revision=revision, admitted=True)
        now = now.emits(f"person/{known.by}", _fact(now.state, name, settled))
    first = None if known is None else known.first or (known.record if known.by != event.by else None)
    record = known.record if known is not None and first is None else event.about.record
    told = Emergency(event.by, time, event.incident, record, now.state.was_admitted(time), revision, first)
    now = _publish(now, name, told, anew=True)
    if is_reviewed(now.state, EMERGENCY, access=name):
        return now
    firing = firing_of(now.state, EMERGENCY, access=name)
    severity: Severity = "error" if firing and firing.severity == "error" else EMERGENCY.severity
    due = after(time, timedelta(hours=now.state.settings.emergency_review_hours))
    if known is None:
        now = now.awaits(PREFIX + name, due)
    summary = f"{event.by} broke the glass to read the record of patient {now.state.id}"
    labels = {"access": name, "reader": event.by}
    return fires(now, EMERGENCY, at, summary, because=_grounds(told, severity), labels=labels, severity=severity)


def _grounds(used: Emergency, severity: Severity) -> tuple[Evidence | None, ...]:
    """What says who it was; and what said first that somebody did, where it is about the time since."""
    return used.first if severity == "error" else None, used.record


def _fact(patient: Patient, name: str, used: Emergency) -> EmergencyAccessUsed:
    return EmergencyAccessUsed(
        patient=patient.id,
        access=name,
        at=used.at,
        admitted=used.admitted,
        incident=used.incident,
        revision=used.revision,
        record=used.record,
    )


def _publish(now: Step[Patient], name: str, used: Emergency, *, anew: bool = False) -> Step[Patient]:
    """Tells correlation of it, and again when the admission that justifies it becomes known, or goes away."""
    admitted = now.state.was_admitted(used.at)
    if not anew and admitted == used.admitted:
        return now
    used = replace(used, admitted=admitted, revision=used.revision + 1)
    now = now.evolve(emergencies=now.state.emergencies.put(name, used))
    return now.emits(f"person/{used.by}", _fact(now.state, name, used))


def _unreviewed(now: Step[Patient], name: str, due: datetime, at: datetime) -> Step[Patient]:
    used = now.state.emergencies.get(name)
    if used is None:
        return now
    return fires(
        now,
        EMERGENCY,
        at,
        f"Nobody has reviewed why {used.by} broke the glass to read the record of patient {now.state.id}",
        because=_grounds(used, "error"),
        labels={"access": name, "reader": used.by},
        severity="error",
        due=due,
    )


def _reviewed(now: Step[Patient], event: FindingReviewed, at: datetime) -> Step[Patient]:
    now = review(now, event, at, EMERGENCY)
    name = event.identity.get("access", "")
    if name and is_reviewed(now.state, EMERGENCY, access=name):
        return now.awaits(PREFIX + name, None)
    return now
