"""Escalation: an alert that nobody acknowledges climbs, step by step, by its policies (GoAlert, PagerDuty).

The clock starts with the first notice. It stands while the alert is suppressed and stops when somebody
acknowledges or the alert resolves. An alert that was routed to several policies climbs by each of them.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from processors.alerting.notices import tell
from processors.alerting.route import Destination
from processors.alerting.state import Alerting, AlertRow, Climb, update
from processors.step import Step
from schemas.notices import NoticeFailed, NoticeReason

DEADLINE = "escalation"


def begin(step: Step[Alerting], fingerprint: str, destinations: Iterable[Destination], at: datetime) -> Step[Alerting]:
    """The first notices are out: every policy among the destinations that has not begun does so now."""
    climbs = {climb.policy: climb for climb in step.state.alerts[fingerprint].climbs}
    for receiver, policy in destinations:
        if policy is None:
            continue
        climb = climbs.get(policy, Climb(policy, ()))
        if climb.position == 0 and receiver not in climb.told:
            climb = replace(climb, told=(*climb.told, receiver))
        climbs[policy] = climb
    return run(update(step, fingerprint, climbs=tuple(climbs.values())), fingerprint, at)


def run(step: Step[Alerting], fingerprint: str, at: datetime) -> Step[Alerting]:
    """Starts the clocks that stand, each with the full delay of its next step."""
    row = step.state.alerts[fingerprint]
    if not row.wants_somebody:
        return step
    for climb in row.climbs:
        if _deadline(fingerprint, climb) not in step.state.deadlines:
            step = _await_next(step, fingerprint, climb, at)
    return step


def stop(step: Step[Alerting], fingerprint: str) -> Step[Alerting]:
    """Stops the clocks; how far the alert has climbed is remembered."""
    for climb in step.state.alerts[fingerprint].climbs:
        step = step.awaits(_deadline(fingerprint, climb), None)
    return step


def deadline_passed(step: Step[Alerting], entry: str, at: datetime) -> Step[Alerting]:
    """Nobody acknowledged in time. `entry` is the deadline's name after `escalation/`."""
    fingerprint, _, policy = entry.partition("/")
    row = step.state.alerts.get(fingerprint)
    if row is None or not row.wants_somebody:
        return step
    for climb in row.climbs:
        if climb.policy == policy:
            step = _advance(step, fingerprint, climb, "escalated: not acknowledged in time", at)
    return step


def delivery_failed(
    step: Step[Alerting], fingerprint: str, failed: NoticeFailed, receiver: str, at: datetime
) -> Step[Alerting]:
    """The receiver cannot be reached: where they were the ones to act, the next step's targets are told at once."""
    row = step.state.alerts[fingerprint]
    if not row.wants_somebody:
        return step
    for climb in row.climbs:
        if receiver in climb.told and failed.escalation_step == climb.number:
            step = _advance(step, fingerprint, climb, "escalated: delivery failed", at)
    return step


def _advance(
    step: Step[Alerting], fingerprint: str, climb: Climb, reason: NoticeReason, at: datetime
) -> Step[Alerting]:
    """Tells the next step's targets; at the end of the policy, or when it is gone, the clock just stops."""
    policy = step.state.settings.policy(climb.policy)
    position = climb.position + 1
    upward = policy.step(position) if policy else None
    if policy is None or upward is None:
        return step.awaits(_deadline(fingerprint, climb), None)
    moved = Climb(climb.policy, upward.targets, position, policy.step_number(position))
    step = tell(_replace(step, fingerprint, moved), fingerprint, upward.targets, reason, moved.number)
    return _await_next(step, fingerprint, moved, at)


def _replace(step: Step[Alerting], fingerprint: str, moved: Climb) -> Step[Alerting]:
    row: AlertRow = step.state.alerts[fingerprint]
    climbs = tuple(moved if climb.policy == moved.policy else climb for climb in row.climbs)
    return update(step, fingerprint, climbs=climbs)


def _await_next(step: Step[Alerting], fingerprint: str, climb: Climb, at: datetime) -> Step[Alerting]:
    policy = step.state.settings.policy(climb.policy)
    upward = policy.step(climb.position + 1) if policy else None
    due = at + timedelta(minutes=upward.delay_minutes) if upward else None
    return step.awaits(_deadline(fingerprint, climb), due)


def _deadline(fingerprint: str, climb: Climb) -> str:
    return f"{DEADLINE}/{fingerprint}/{climb.policy}"
