"""Alerting's step: each event in the inbox changes some alerts; what changed is published, then who is told of it."""

from collections.abc import Iterator
from datetime import datetime

from processors.alerting import (
    delivery,
    escalation,
    groups,
    lifecycle,
    links,
    look,
    people,
    posted,
    reload,
    resolving,
    schedule,
    silences,
    suppression,
)
from processors.alerting.links import Link
from processors.alerting.oncall import absences, given, overrides
from processors.alerting.state import Alerting
from processors.step import Emission, Step, Tombstone
from schemas.alerts import Group
from schemas.commands import AlertCommand, AlertResolve, AlertsPosted, SilenceExpire, SilenceSet
from schemas.envelope import Event, trace_of
from schemas.notices import NoticeDelivered, NoticeFailed
from schemas.oncall import OverrideRemove, OverrideSet, PersonAway, PersonBack, ScheduleRemove, ScheduleSet
from schemas.processing import DeadlinePassed
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn


def step(office: Alerting, event: Event, at: datetime) -> Step[Alerting]:
    """What one event makes of the alerts: first how they, their groups and silences stand now, then the notices."""
    outcome = _looked(_apply(reload.adopted(Step(office), at), event, at), at)
    state = escalation.settle(outcome.state, at)
    return Step(state, (*_published(office, state), *outcome.emit))


def _apply(step: Step[Alerting], event: Event, at: datetime) -> Step[Alerting]:
    match event:
        case ConditionFired():
            return lifecycle.fired(step, event, at)
        case ConditionResolved():
            return lifecycle.resolved(step, event, at)
        case AlertsPosted():
            return posted.posted(step, event, at)
        case LinkMade(explained=explained, explained_by=by, rule=rule):
            return suppression.linked(step, Link(explained, by, rule), at)
        case LinkWithdrawn(explained=explained, explained_by=by, rule=rule):
            return suppression.unlinked(step, Link(explained, by, rule), at)
        case NoticeDelivered():
            return delivery.delivered(step, event)
        case NoticeFailed():
            return delivery.failed(step, event, at)
        case DeadlinePassed():
            return _deadline_passed(step, event, at)
    return _commanded(step, event, at)


def _commanded(step: Step[Alerting], event: Event, at: datetime) -> Step[Alerting]:
    match event:
        case AlertResolve():
            return resolving.by_hand(step, event, at)
        case AlertCommand():
            return people.apply(step, event, at)
        case SilenceSet():
            return silences.set_(step, event, at)
        case SilenceExpire():
            return silences.expire(step, event, at)
    return _on_call(step, event, at)


def _on_call(step: Step[Alerting], event: Event, at: datetime) -> Step[Alerting]:
    """Who is on duty, from here on."""
    match event:
        case OverrideSet():
            return overrides.given(step, event, at)
        case OverrideRemove():
            return overrides.removed(step, event, at)
        case PersonAway():
            return absences.away(step, event, at)
        case PersonBack():
            return absences.back(step, event, at)
        case ScheduleSet():
            return given.set_(step, event, at)
        case ScheduleRemove():
            return given.removed(step, event)
    return step


def _deadline_passed(step: Step[Alerting], event: DeadlinePassed, at: datetime) -> Step[Alerting]:
    what, _, entry = event.name.partition("/")
    match what:
        case schedule.DEADLINE:
            return look.look(posted.lapsed(step, entry, at), entry, at)
        case escalation.DEADLINE:
            return escalation.deadline_passed(step, entry, at)
        case links.DEADLINE:
            return suppression.link_expired(step, entry, at)
        case silences.DEADLINE:
            return silences.deadline_passed(step, entry, at)
        case people.ACKNOWLEDGED | people.SNOOZED:
            return people.deadline_passed(step, what, entry, at)
        case overrides.DEADLINE:
            return overrides.deadline_passed(step, entry)
        case absences.DEADLINE:
            return absences.deadline_passed(step, entry, at)
    return step


def _looked(step: Step[Alerting], at: datetime) -> Step[Alerting]:
    """Looks at every group that is not to wait. A look may make another due."""
    while step.state.pending:
        group, *others = step.state.pending
        step = step.evolve(pending=tuple(others))
        step = look.look(posted.lapsed(step, group, at), group, at)
    return step


def _published(before: Alerting, after: Alerting) -> Iterator[Emission | Tombstone]:
    """A record for each alert, group and silence that consumers would see differently now."""
    for fingerprint, write in after.alerts.changes.items():
        was = before.alerts.get(fingerprint)
        if write.row is None or write.row is was:
            continue
        event = write.row.event(fingerprint)
        if was is None or was.event(fingerprint) != event:
            yield Emission(f"alert/{fingerprint}", event, trace_of(event.evidence))
    for group in after.groups.changes:
        yield from _published_group(before, after, group)
    for silence, write_ in after.silences.changes.items():
        if write_.row is not None and write_.row is not before.silences.get(silence):
            yield Emission(f"silence/{silence}", silences.event_of(silence, write_.row))


def _published_group(before: Alerting, after: Alerting, group: str) -> Iterator[Emission | Tombstone]:
    was, now = _group(before, group), _group(after, group)
    if now is None:
        if was is not None:
            yield Tombstone(f"group/{group}", Group.topic)
    elif was is None or was.model_copy(update={"next_at": now.next_at}) != now:
        yield Emission(f"group/{group}", now)


def _group(state: Alerting, group: str) -> Group | None:
    """The group as consumers see it: one without alerts is none."""
    row = state.groups.get(group)
    if row is None or not row.count.members:
        return None
    return row.event(group, groups.key(row), state.deadlines.get(f"{escalation.DEADLINE}/{group}"))
