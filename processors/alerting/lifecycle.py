"""An alert's life: it begins, changes, is acknowledged, and ends, by itself or by hand."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from processors.alerting import escalation, suppression
from processors.alerting.first import tell_first, tell_newly_routed
from processors.alerting.notices import tell
from processors.alerting.state import Alerting, AlertRow, save, update
from processors.step import Step
from schemas.commands import AlertAcknowledge, AlertResolve
from schemas.signals import SEVERITIES, ConditionFired, ConditionResolved, fingerprint


def fired(step: Step[Alerting], event: ConditionFired, at: datetime) -> Step[Alerting]:
    """A condition holds: a new alert, or news of one that fires."""
    identity = fingerprint(event.rule, event.about.subject, event.identity)
    row = step.state.alerts.get(identity)
    if row is None or not (row.firing or row.held):
        return _begins(step, identity, event, at)
    return step if row.held else _changes(step, identity, row, event, at)


def _begins(step: Step[Alerting], identity: str, event: ConditionFired, at: datetime) -> Step[Alerting]:
    row = AlertRow(rule=event.rule, subject=event.about.subject, starts_at=event.starts_at, **_said(event))
    step = save(step, identity, row)
    if explained := suppression.suppressors(step.state, identity):
        step = update(step, identity, suppressed_by=explained)
    else:
        step = tell_first(step, identity, "first notification", at)
    return suppression.reassess_explained(step, row, at)


def _changes(step: Step[Alerting], identity: str, row: AlertRow, event: ConditionFired, at: datetime) -> Step[Alerting]:
    """Another severity or other words. People hear of it when it got worse, or is theirs only now."""
    said = _said(event)
    if "acknowledgement" in row.annotations:
        said["annotations"]["acknowledgement"] = row.annotations["acknowledgement"]
    step = update(step, identity, **said)
    if row.suppressed_by:
        return step
    if SEVERITIES.index(event.severity) < SEVERITIES.index(row.labels["severity"]):
        step = tell(step, identity, row.told, "alert changed")
    return tell_newly_routed(step, identity, at)


def _said(event: ConditionFired) -> dict[str, Any]:
    """The fields of an alert that the condition gives anew each time it fires."""
    department = event.rule.partition(".")[0]
    return {
        "rule_version": event.rule_version,
        "labels": {
            **event.labels,
            "alertname": event.rule,
            "department": department,
            "severity": event.severity,
            "subject": event.about.subject,
        },
        "annotations": {**event.annotations, "summary": event.summary},
        "due": event.due,
        "evidence": event.evidence,
        "settings": event.settings,
    }


def resolved(step: Step[Alerting], event: ConditionResolved, at: datetime) -> Step[Alerting]:
    """The condition has ended. One that was resolved by hand may begin again from now on."""
    identity = fingerprint(event.rule, event.about.subject, event.identity)
    row = step.state.alerts.get(identity)
    if row is None:
        return step
    if row.held:
        return update(step, identity, held=False)
    evidence = (*row.evidence, *event.evidence)
    ended = replace(row, ends_at=event.ends_at, evidence=evidence, annotations=_noted(row, resolution=event.because))
    return _ends(step, identity, ended, at) if row.firing else step


def resolved_by_hand(step: Step[Alerting], event: AlertResolve, at: datetime) -> Step[Alerting]:
    """Somebody declares it over while its condition still holds."""
    identity = event.about.subject.partition("/")[2]
    row = step.state.alerts.get(identity)
    if row is None or not row.firing:
        return step
    said = f"by {event.by}: {event.note}" if event.note else f"by {event.by}"
    return _ends(step, identity, replace(row, ends_at=at, held=True, annotations=_noted(row, resolution=said)), at)


def _ends(step: Step[Alerting], identity: str, ended: AlertRow, at: datetime) -> Step[Alerting]:
    """Everybody who was told hears that it is over; what it explained must speak for itself."""
    step = escalation.stop(step, identity)
    step = save(step, identity, replace(ended, suppressed_by=()))
    step = tell(step, identity, ended.told, "alert resolved")
    return suppression.reassess_explained(step, ended, at)


def acknowledged(step: Step[Alerting], event: AlertAcknowledge, at: datetime) -> Step[Alerting]:
    """Somebody takes it: escalation stops. A second person takes it over from the first."""
    identity = event.about.subject.partition("/")[2]
    row = step.state.alerts.get(identity)
    if row is None or not row.firing:
        return step
    since = row.acknowledged_at if row.acknowledged_by == event.by else at
    annotations = _noted(row, acknowledgement=event.note) if event.note else row.annotations
    step = update(step, identity, acknowledged_by=event.by, acknowledged_at=since, annotations=annotations)
    return escalation.stop(step, identity)


def _noted(row: AlertRow, **notes: str) -> dict[str, str]:
    return {**row.annotations, **notes}
