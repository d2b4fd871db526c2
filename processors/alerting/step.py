"""Alerting's step: each event in the inbox changes some alerts; each alert that changed is published, once."""

from datetime import datetime

from processors.alerting import delivery, escalation, lifecycle, links, suppression
from processors.alerting.links import Link
from processors.alerting.state import Alerting
from processors.step import Emission, Step
from schemas.commands import AlertAcknowledge, AlertResolve
from schemas.envelope import Event
from schemas.notices import NoticeDelivered, NoticeFailed
from schemas.processing import DeadlinePassed
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn


def step(office: Alerting, event: Event, at: datetime) -> Step[Alerting]:
    """What one event makes of the alerts: first how they stand now, then the notices about it."""
    outcome = _apply(Step(office), event, at)
    return Step(outcome.state, (*_published(office, outcome.state), *outcome.emit))


def _apply(step: Step[Alerting], event: Event, at: datetime) -> Step[Alerting]:
    match event:
        case ConditionFired():
            return lifecycle.fired(step, event, at)
        case ConditionResolved():
            return lifecycle.resolved(step, event, at)
        case LinkMade(explained=explained, explained_by=by, rule=rule):
            return suppression.linked(step, Link(explained, by, rule), at)
        case LinkWithdrawn(explained=explained, explained_by=by, rule=rule):
            return suppression.unlinked(step, Link(explained, by, rule), at)
        case AlertAcknowledge():
            return lifecycle.acknowledged(step, event, at)
        case AlertResolve():
            return lifecycle.resolved_by_hand(step, event, at)
        case NoticeDelivered():
            return delivery.delivered(step, event)
        case NoticeFailed():
            return delivery.failed(step, event, at)
        case DeadlinePassed():
            return _deadline_passed(step, event, at)
    return step


def _deadline_passed(step: Step[Alerting], event: DeadlinePassed, at: datetime) -> Step[Alerting]:
    what, _, entry = event.name.partition("/")
    match what:
        case escalation.DEADLINE:
            return escalation.deadline_passed(step, entry, at)
        case links.DEADLINE:
            return suppression.link_expired(step, entry, at)
    return step


def _published(before: Alerting, after: Alerting) -> tuple[Emission, ...]:
    """An Alert event for each alert that consumers would see differently now."""
    emissions = []
    for fingerprint in after.alerts.changes:
        now = after.alerts.get(fingerprint)
        was = before.alerts.get(fingerprint)
        if now is None or now is was:
            continue
        event = now.event(fingerprint)
        if was is None or was.event(fingerprint) != event:
            emissions.append(Emission(f"alert/{fingerprint}", event))
    return tuple(emissions)
