"""Delivery outcomes: whether a notice reached its receiver, and what follows when it did not."""

from dataclasses import replace
from datetime import datetime

from processors.alerting import escalation, groups
from processors.alerting.notices import MOST_NAMED
from processors.alerting.state import Alerting
from processors.step import Step
from schemas.notices import NoticeDelivered, NoticeFailed


def delivered(step: Step[Alerting], event: NoticeDelivered) -> Step[Alerting]:
    """The receiver can be reached, again if they could not be before."""
    receiver = event.about.subject.partition("/")[2]
    row = step.state.groups.get(event.group)
    if row is None or receiver not in row.undelivered:
        return step
    return _undelivered(step, event.group, tuple(name for name in row.undelivered if name != receiver))


def failed(step: Step[Alerting], event: NoticeFailed, at: datetime) -> Step[Alerting]:
    """The receiver cannot be reached: said in the group, and escalation moves on at once."""
    receiver = event.about.subject.partition("/")[2]
    row = step.state.groups.get(event.group)
    if row is None or receiver not in row.told:
        return step
    if receiver not in row.undelivered:
        step = _undelivered(step, event.group, (*row.undelivered, receiver))
    return escalation.delivery_failed(step, event.group, event, receiver, at)


def _undelivered(step: Step[Alerting], group: str, receivers: tuple[str, ...]) -> Step[Alerting]:
    """Whom the last notice did not reach; said in the records of its alerts, too, where they are few."""
    state = step.state
    row = state.groups[group]
    alerts = state.alerts
    for _, page in groups.pages(state, group) if row.count.members <= MOST_NAMED else ():
        for fingerprint, mark in page.alerts.items():
            if not mark.startswith("left"):
                known = alerts[fingerprint]
                others = tuple(name for name in known.undelivered if name not in row.told)
                now = tuple(dict.fromkeys((*others, *(name for name in receivers if name in known.told))))
                alerts = alerts.put(fingerprint, replace(known, undelivered=now))
    groups_now = state.groups.put(group, replace(row, undelivered=receivers))
    return Step(state.evolve(alerts=alerts, groups=groups_now), step.emit)
