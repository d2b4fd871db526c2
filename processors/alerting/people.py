"""What people do about alerts: they take them, give them to others, put them off, merge them, and write to them.

A command is about one alert, or about all that fire in a group.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from processors.alerting import escalation, groups, keeping, links, schedule, suppression
from processors.alerting.notices import Telling, tell
from processors.alerting.state import Alerting, AlertRow
from processors.step import Step
from schemas.alerts import Note
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertCommand,
    AlertMerge,
    AlertNote,
    AlertSnooze,
    AlertUnacknowledge,
)

MOST_NOTES = 20

ACKNOWLEDGED, SNOOZED = "acknowledged", "snoozed"
"""Deadlines, each before an alert's fingerprint."""


def concerned(state: Alerting, subject: str) -> tuple[str, ...]:
    """The firing alerts that a command is about: `alert/<fingerprint>` or `group/<id>`."""
    kind, _, id = subject.partition("/")
    if kind == "alert":
        row = state.alerts.get(id)
        return (id,) if row is not None and row.firing else ()
    if id not in state.groups:
        return ()
    every = (f for _, page in groups.pages(state, id) for f, mark in page.alerts.items() if not mark.startswith("left"))
    return tuple(one for one in every if state.alerts[one].firing)


def apply(step: Step[Alerting], event: AlertCommand, at: datetime) -> Step[Alerting]:
    """What somebody wants, done to each alert that it is about."""
    before = step.state
    alerts = concerned(before, event.about.subject)
    for fingerprint in alerts:
        step = _apply(step, fingerprint, event, at)
    if isinstance(event, AlertAssign) and alerts:
        step = _tell_assigned(step, event, alerts)
    if isinstance(event, AlertAcknowledge):
        step = _tell_taken(step, before, alerts)
    return step


def _apply(step: Step[Alerting], fingerprint: str, event: AlertCommand, at: datetime) -> Step[Alerting]:
    match event:
        case AlertAcknowledge():
            return _acknowledged(step, fingerprint, event, at)
        case AlertUnacknowledge():
            return _unacknowledged(_noted(step, fingerprint, event, at), fingerprint, at)
        case AlertAssign(to=to):
            return keeping.update(_noted(step, fingerprint, event, at), fingerprint, at, assigned_to=to)
        case AlertSnooze(until=until):
            return _snoozed(_noted(step, fingerprint, event, at), fingerprint, until, at)
        case AlertMerge(into=into):
            return suppression.merged(_noted(step, fingerprint, event, at), fingerprint, into, at)
        case AlertNote():
            return _noted(step, fingerprint, event, at)
    return step


def _acknowledged(step: Step[Alerting], fingerprint: str, event: AlertAcknowledge, at: datetime) -> Step[Alerting]:
    if event.until is not None and event.until <= at:
        return step
    row = step.state.alerts[fingerprint]
    changes: dict[str, Any] = {
        "acknowledged_by": event.by,
        "acknowledged_at": row.acknowledged_at if row.acknowledged_by == event.by else at,
        "acknowledged_until": event.until,
    }
    if event.note:
        changes["annotations"] = {**row.annotations, "acknowledgement": event.note}
    return keeping.update(step, fingerprint, at, **changes).awaits(f"{ACKNOWLEDGED}/{fingerprint}", event.until)


def _tell_taken(step: Step[Alerting], before: Alerting, alerts: Iterable[str]) -> Step[Alerting]:
    """Somebody has just taken the last of a group that wanted somebody: told to those who keep an incident of it."""
    for group in dict.fromkeys(group for one in alerts for group in step.state.alerts[one].groups):
        state = step.state
        row = state.groups[group]
        pagers = tuple(name for name in row.told if (who := state.settings.receiver(name)) and who.send_acknowledged)
        if pagers and before.groups[group].count.wanting and not row.count.wanting:
            firing = [(one, state.alerts[one]) for one in concerned(state, f"group/{group}")]
            step = tell(step, Telling(group, pagers, "acknowledged", firing))
    return step


def _unacknowledged(step: Step[Alerting], fingerprint: str, at: datetime) -> Step[Alerting]:
    row = step.state.alerts[fingerprint]
    if row.acknowledged_by is None:
        return step
    step = keeping.update(
        step, fingerprint, at, acknowledged_by=None, acknowledged_at=None, acknowledged_until=None
    ).awaits(f"{ACKNOWLEDGED}/{fingerprint}", None)
    return Step(escalation.starts_anew(step.state, row.groups), step.emit)


def _snoozed(step: Step[Alerting], fingerprint: str, until: datetime, at: datetime) -> Step[Alerting]:
    """Nobody is told until then. What its receivers knew of it is forgotten: they are told anew."""
    if until <= at:
        return _wakes(step, fingerprint, at)
    state, row = step.state, step.state.alerts[fingerprint]
    for place in row.places:
        of = groups.pages(state, place.group)
        if of.mark(fingerprint, place.page) == "firing":
            known = state.groups[place.group]
            known = replace(known, known=replace(known.known, firing=known.known.firing - 1))
            of = of.set(fingerprint, place.page, "")
            state = state.evolve(pages=of.rows, groups=state.groups.put(place.group, known))
    step = keeping.update(Step(state, step.emit), fingerprint, at, snoozed_until=until)
    return step.awaits(f"{SNOOZED}/{fingerprint}", until)


def _wakes(step: Step[Alerting], fingerprint: str, at: datetime) -> Step[Alerting]:
    row = step.state.alerts[fingerprint]
    if row.snoozed_until is None:
        return step
    step = keeping.update(step, fingerprint, at, snoozed_until=None).awaits(f"{SNOOZED}/{fingerprint}", None)
    state = step.state
    for group in row.groups:
        state = schedule.news(state, group, state.groups[group], at, row.starts_at)
    return Step(state, step.emit)


def deadline_passed(step: Step[Alerting], what: str, fingerprint: str, at: datetime) -> Step[Alerting]:
    """An acknowledgement lapses, or a snoozed alert wakes."""
    row = step.state.alerts.get(fingerprint)
    if row is None or not row.firing:
        return step
    return (_unacknowledged if what == ACKNOWLEDGED else _wakes)(step, fingerprint, at)


def forgets(state: Alerting, fingerprint: str, row: AlertRow) -> Alerting:
    """It ends: nothing of what people wanted waits any more."""
    if row.merged_into is not None:
        state = links.merge(state, fingerprint, row.merged_into, None)
    return state.awaits(f"{ACKNOWLEDGED}/{fingerprint}", None).awaits(f"{SNOOZED}/{fingerprint}", None)


def told_of_the_end(step: Step[Alerting], fingerprint: str, at: datetime) -> Step[Alerting]:
    """Those whom it was assigned to hear that it is over, unless a group whose alerts are all over tells them."""
    row = step.state.alerts[fingerprint]
    for group in row.groups[:1]:
        known = step.state.groups[group]
        if known.count.firing:
            others = tuple(name for name in row.assigned_to if name != known.receiver)
            step = tell(step, Telling(group, others, "alert resolved", [(fingerprint, row)]))
    return step


def _tell_assigned(step: Step[Alerting], event: AlertAssign, alerts: tuple[str, ...]) -> Step[Alerting]:
    """They are told of the alerts, in one notice about the group that the command is about, or an alert's first."""
    kind, _, id = event.about.subject.partition("/")
    group = id if kind == "group" else next(iter(step.state.alerts[id].groups), "")
    if not group:
        return step
    return tell(step, Telling(group, event.to, "assigned", [(one, step.state.alerts[one]) for one in alerts]))


def _noted(step: Step[Alerting], fingerprint: str, event: AlertCommand, at: datetime) -> Step[Alerting]:
    if not event.note:
        return step
    notes = (*step.state.alerts[fingerprint].notes, Note(event.by, at, event.note))
    return keeping.update(step, fingerprint, at, notes=notes[-MOST_NOTES:])
