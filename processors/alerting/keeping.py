"""Keeping an alert: its row, the indexes that find it, and what its groups count."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from processors.alerting import index, inhibition, schedule
from processors.alerting.index import owner
from processors.alerting.priority import priority
from processors.alerting.state import Alerting, AlertRow, Climb, Count
from processors.instants import after
from processors.step import Step


def save(step: Step[Alerting], fingerprint: str, row: AlertRow, at: datetime) -> Step[Alerting]:
    """With this alert, new or changed."""
    state = step.state
    was = state.alerts.get(fingerprint)
    if row is was:
        return step
    if row.firing and (was is None or not was.firing or was.labels != row.labels):
        urgency = priority(state.settings, row.labels, at)
        row = row if row.priority == urgency else replace(row, priority=urgency)
    state = _indexed(state, fingerprint, was, row)
    state = _counted(state, was, row, at)
    return Step(state.evolve(alerts=state.alerts.put(fingerprint, row, _forget_at(state, row))), step.emit)


def update(step: Step[Alerting], fingerprint: str, at: datetime, **changes: object) -> Step[Alerting]:
    """With some fields of a known alert changed."""
    return save(step, fingerprint, replace(step.state.alerts[fingerprint], **changes), at)  # type: ignore[arg-type]


def _forget_at(state: Alerting, row: AlertRow) -> datetime | None:
    if row.ends_at is None or row.held or row.groups:
        return None
    return after(row.ends_at, timedelta(days=state.settings.resolved_retention_days))


def _indexed(state: Alerting, fingerprint: str, was: AlertRow | None, row: AlertRow) -> Alerting:
    """Known under its subject, and as the source of inhibitions, while it fires."""
    began, ended = row.firing, was is not None and was.firing
    if began != ended and not row.posted:
        change = index.add if began else index.discard
        firing = state.firing_alerts
        for name in (owner(row.subject), owner(row.rule, row.subject)):
            firing = change(firing, name, fingerprint)
        state = state.evolve(firing_alerts=firing)
    if state.settings.inhibit_rules and (began != ended or (was is not None and was.labels != row.labels)):
        before = was.labels if was is not None and ended else None
        state = inhibition.moved(state, fingerprint, before, row.labels if began else None)
    return state


def _counts(row: AlertRow) -> tuple[int, int, int]:
    return (int(row.firing), int(not row.firing), int(row.wants_somebody))


def _counted(state: Alerting, was: AlertRow | None, row: AlertRow, at: datetime) -> Alerting:
    """Its groups count it as it is now. That an alert has begun or ended is news for them."""
    now = _counts(row)
    if was is None:
        for group in row.groups:
            state = _count(state, group, now, row, at)
        return state
    before = _counts(was)
    if was.places == row.places:
        if before == now:
            return state
        delta = (now[0] - before[0], now[1] - before[1], now[2] - before[2])
        for group in row.groups:
            state = _count(state, group, delta, row, at)
        return state
    left, entered = Counter(was.groups), Counter(row.groups)
    for group in {**left, **entered}:
        by, of = entered[group], left[group]
        firing, ended, wanting = (n * by - b * of for n, b in zip(now, before, strict=True))
        state = _count(state, group, (firing, ended, wanting), row, at)
    return state


def _count(state: Alerting, group: str, delta: tuple[int, int, int], row: AlertRow, at: datetime) -> Alerting:
    firing, ended, wanting = delta
    known = state.groups[group]
    count, look, climb = known.count, known.look, known.climb
    if firing > 0 and wanting > 0 and not count.wanting and climb.position:
        climb = Climb()
    if row.firing and row.posted_until is not None:
        look = schedule.ends(look, row.posted_until)
    count = Count(count.firing + firing, count.ended + ended, count.wanting + wanting)
    counted = known.counting(count, look, climb)
    if firing or ended > 0:
        return schedule.news(state, group, counted, at, row.starts_at)
    return state.evolve(groups=state.groups.put(group, counted))
