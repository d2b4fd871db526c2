"""Delivery outcomes: whether a notice reached its receiver, and what follows when it did not."""

from datetime import datetime

from processors.alerting import escalation
from processors.alerting.state import Alerting, update
from processors.step import Step
from schemas.notices import NoticeDelivered, NoticeFailed


def delivered(step: Step[Alerting], event: NoticeDelivered) -> Step[Alerting]:
    """The receiver can be reached, again if they could not be before."""
    receiver = event.about.subject.partition("/")[2]
    for fingerprint in (event.group,):
        row = step.state.alerts.get(fingerprint)
        if row is not None and receiver in row.undelivered:
            step = update(step, fingerprint, undelivered=tuple(r for r in row.undelivered if r != receiver))
    return step


def failed(step: Step[Alerting], event: NoticeFailed, at: datetime) -> Step[Alerting]:
    """The receiver cannot be reached: said in the alert, and escalation moves on at once."""
    receiver = event.about.subject.partition("/")[2]
    for fingerprint in (event.group,):
        row = step.state.alerts.get(fingerprint)
        if row is None or receiver not in row.told:
            continue
        if receiver not in row.undelivered:
            step = update(step, fingerprint, undelivered=(*row.undelivered, receiver))
        step = escalation.delivery_failed(step, fingerprint, event, receiver, at)
    return step
