"""Escalation: a group that nobody takes climbs, step by step, by its policy (GoAlert, PagerDuty).

The clock starts with the first notice. It runs while one alert of the group wants somebody, and stands when all are
acknowledged, snoozed, explained or over. A step that has nobody on duty is passed over at once. Where a step finds only
alerts that are silenced or inhibited, or no further step has anybody on duty, it waits anew.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from processors.alerting import look, schedule
from processors.alerting.notices import Telling, tell
from processors.alerting.oncall.targets import reach, receivers
from processors.alerting.settings import EscalationPolicy, EscalationStep
from processors.alerting.state import Alerting, Climb, GroupRow
from processors.alerting.times import closed_by
from processors.instants import after
from processors.step import Step
from schemas.notices import NoticeFailed, NoticeReason

DEADLINE = "escalation"


def settle(state: Alerting, at: datetime) -> Alerting:
    """The clock of every group that the step has changed stands or runs as it must by now."""
    for group in [*state.groups.changes]:
        state = _settled(state, group, at)
    return state


def starts_anew(state: Alerting, groups: Iterable[str]) -> Alerting:
    """Nobody has it any more: these climb from the bottom, with the full delay of the first step."""
    for group in groups:
        row = state.groups[group]
        state = state.evolve(groups=state.groups.put(group, replace(row, climb=Climb())))
        state = state.awaits(_deadline(group), None)
    return state


def deadline_passed(step: Step[Alerting], group: str, at: datetime) -> Step[Alerting]:
    """Nobody acknowledged in time."""
    row = step.state.groups.get(group)
    if row is None or not row.count.wanting:
        return step
    return _advance(step, group, "escalated: not acknowledged in time", at)


def delivery_failed(
    step: Step[Alerting], group: str, failed: NoticeFailed, receiver: str, at: datetime
) -> Step[Alerting]:
    """The receiver cannot be reached: where they were the ones to act, the next step's targets are told at once."""
    row = step.state.groups[group]
    to_act = row.climb.targets or (row.receiver,)
    if not row.count.wanting or receiver not in to_act or failed.escalation_step != row.climb.number:
        return step
    return _advance(step, group, "escalated: delivery failed", at)


def _advance(step: Step[Alerting], group: str, reason: NoticeReason, at: datetime) -> Step[Alerting]:
    """Tells the next step's targets; at the end of the policy, or when it is gone, the clock just stops."""
    state = step.state
    row = state.groups[group]
    policy, upward = _next(state, row)
    if policy is None or upward is None:
        return step.awaits(_deadline(group), None)
    alerts = [(one.fingerprint, one.row) for one in _wanting(state, group, row, at)]
    reached = reach(policy, row.climb.position + 1, lambda targets: receivers(state, targets, at)) if alerts else None
    if reached is not None:
        climb = Climb(reached.position, policy.step_number(reached.position), reached.receivers)
        told = state.evolve(groups=state.groups.put(group, replace(row, climb=climb)))
        why: NoticeReason = "escalated: nobody is on call" if reached.passed_over else reason
        step = tell(Step(told, step.emit), Telling(group, reached.receivers, why, alerts))
    return Step(_await_next(step.state, group, at), step.emit)


def _wanting(state: Alerting, group: str, row: GroupRow, at: datetime) -> list[look.Seen]:
    """Its alerts that want somebody and may be told of now."""
    route = schedule.route_of(state, row)
    closed = route is None or bool(closed_by(state.settings, route, at))
    return [one for one in look.survey(state, group, row, at, closed) if one.speaks and one.row.wants_somebody]


def _settled(state: Alerting, group: str, at: datetime) -> Alerting:
    row = state.groups.get(group)
    running = _deadline(group) in state.deadlines
    if row is None or not row.count.wanting or not row.known.firing:
        return state.awaits(_deadline(group), None) if running else state
    return state if running or row.policy is None else _await_next(state, group, at)


def _await_next(state: Alerting, group: str, at: datetime) -> Alerting:
    _, upward = _next(state, state.groups[group])
    return state.awaits(_deadline(group), after(at, timedelta(minutes=upward.delay_minutes)) if upward else None)


def _next(state: Alerting, row: GroupRow) -> tuple[EscalationPolicy | None, EscalationStep | None]:
    """The policy by which a group climbs, and its next step."""
    policy = state.settings.policy(row.policy) if row.policy else None
    return policy, policy.step(row.climb.position + 1) if policy else None


def _deadline(group: str) -> str:
    return f"{DEADLINE}/{group}"
