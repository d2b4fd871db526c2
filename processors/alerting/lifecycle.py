"""An alert's life as conditions of rules give it: it begins, changes, and ends."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from processors.alerting import groups, keeping, people, schedule, suppression
from processors.alerting.state import Alerting, AlertRow
from processors.step import Step
from schemas.signals import SEVERITIES, ConditionFired, ConditionResolved, fingerprint


def fired(step: Step[Alerting], event: ConditionFired, at: datetime) -> Step[Alerting]:
    """A condition holds: a new alert, or news of one that fires."""
    identity = fingerprint(event.rule, event.about.subject, event.identity)
    row = step.state.alerts.get(identity)
    if row is None or not (row.firing or row.held):
        places = row.places if row else ()
        new = AlertRow(
            rule=event.rule, subject=event.about.subject, starts_at=event.starts_at, places=places, **_said(event)
        )
        return begins(step, identity, new, at)
    return step if row.held else _changes(step, identity, row, event, at)


def begins(step: Step[Alerting], identity: str, row: AlertRow, at: datetime) -> Step[Alerting]:
    """An alert fires that did not. `row`: as it is now, in the places where it was before."""
    state, row = groups.entered(step.state, identity, row, at)
    step = keeping.save(Step(state, step.emit), identity, row, at)
    if explained := suppression.suppressors(step.state, identity):
        step = keeping.update(step, identity, at, suppressed_by=explained)
    return suppression.reassess_explained(step, identity, at)


def _changes(step: Step[Alerting], identity: str, row: AlertRow, event: ConditionFired, at: datetime) -> Step[Alerting]:
    """Another severity or other words. People hear of it when it got worse, or is theirs only now."""
    said = _said(event)
    if "acknowledgement" in row.annotations:
        said["annotations"]["acknowledgement"] = row.annotations["acknowledgement"]
    step = relabelled(step, identity, replace(row, **said), at)
    if SEVERITIES.index(event.severity) >= SEVERITIES.index(row.labels["severity"]):
        return step
    state = step.state
    for place in state.alerts[identity].places:
        if groups.pages(state, place.group).mark(identity, place.page) == "firing":
            state = schedule.news(state, place.group, state.groups[place.group], at, special="alert changed")
    return Step(state, step.emit)


def relabelled(step: Step[Alerting], identity: str, row: AlertRow, at: datetime) -> Step[Alerting]:
    """A firing alert as it is now, in the groups that its labels lead to."""
    state, row = groups.entered(step.state, identity, row, at)
    return keeping.save(Step(state, step.emit), identity, row, at)


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
        return keeping.update(step, identity, at, held=False)
    annotations = {**row.annotations, "resolution": event.because}
    evidence = (*row.evidence, *event.evidence)
    ended = replace(row, ends_at=event.ends_at, evidence=evidence, annotations=annotations)
    return ends(step, identity, ended, at) if row.firing else step


def ends(step: Step[Alerting], identity: str, ended: AlertRow, at: datetime) -> Step[Alerting]:
    """Its groups tell that it is over; those whom it was assigned to hear it at once; what it explained must speak for
    itself. It wakes nobody and is nobody's any more."""
    state = people.forgets(step.state, identity, ended)
    ended = replace(ended, suppressed_by=(), snoozed_until=None, merged_into=None)
    step = keeping.save(Step(state, step.emit), identity, ended, at)
    step = people.told_of_the_end(step, identity, at)
    return suppression.reassess_explained(step, identity, at)
