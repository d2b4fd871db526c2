"""Posted alerts: what other programs raise, as Alertmanager's API v2 takes it. Their labels are their identity."""

from dataclasses import replace
from datetime import datetime

from processors.alerting import groups, keeping, lifecycle, schedule
from processors.alerting.state import Alerting, AlertRow
from processors.step import Step
from schemas.commands import AlertsPosted, PostedAlert
from schemas.envelope import Evidence
from schemas.signals import labels_fingerprint

MOST_LABELS = 25_000
"""Characters that the names and values of one may take together: a notice tells them up to four times."""


def posted(step: Step[Alerting], event: AlertsPosted, at: datetime) -> Step[Alerting]:
    """Each begins, goes on or ends. Raises ValueError for labels that no notice could tell."""
    evidence = (event.about.record,) if event.about.record else ()
    for said in event.alerts:
        step = _posted(step, said, event.about.subject, evidence, at)
    return step


def lapsed(step: Step[Alerting], group: str, at: datetime) -> Step[Alerting]:
    """Those of a group that were not posted again in time have ended. Noticed when the group is looked at."""
    row = step.state.groups.get(group)
    if row is None or row.look.ends_from is None or row.look.ends_from > at:
        return step
    coming = None
    for _, page in [*groups.pages(step.state, group)]:
        for fingerprint, mark in page.alerts.items():
            alert = step.state.alerts.get(fingerprint)
            if mark.startswith("left") or alert is None or not alert.firing or alert.posted_until is None:
                continue
            if alert.posted_until <= at:
                step = lifecycle.ends(step, fingerprint, replace(alert, ends_at=alert.posted_until), at)
            else:
                coming = min(coming or alert.posted_until, alert.posted_until)
    row = step.state.groups[group]
    known = replace(row, look=replace(row.look, ends_from=coming))
    return Step(step.state.evolve(groups=step.state.groups.put(group, known)), step.emit)


def _posted(
    step: Step[Alerting], said: PostedAlert, sender: str, evidence: tuple[Evidence, ...], at: datetime
) -> Step[Alerting]:
    identity = labels_fingerprint(said.labels)
    known = step.state.alerts.get(identity)
    if known is None:
        if (sum(map(len, said.labels)) + sum(map(len, said.labels.values()))) > MOST_LABELS:
            raise ValueError(f"the labels of alert {identity} are too long to be told: over {MOST_LABELS:,} characters")
        return _new(step, identity, said, sender, evidence, at)
    if known.held:
        return _while_held(step, identity, known, said, at)
    starts_at, ends_at, timeout = _merged(known, said, at)
    row = replace(
        known,
        annotations=said.annotations,
        generator_url=said.generator_url,
        starts_at=starts_at,
        ends_at=None if ends_at > at else ends_at,
        posted_until=ends_at,
        posted_timeout=timeout,
    )
    if not known.firing and row.firing:
        return lifecycle.begins(step, identity, _forgotten(row, sender, evidence), at)
    if known.firing and not row.firing:
        return lifecycle.ends(step, identity, row, at)
    if not row.firing:
        return _told_again(step, identity, row, at)
    return _renewed(step, identity, known, row, at)


def _new(
    step: Step[Alerting],
    identity: str,
    said: PostedAlert,
    sender: str,
    evidence: tuple[Evidence, ...],
    at: datetime,
) -> Step[Alerting]:
    state, places = groups.placed(step.state, identity, said.labels, (), at)
    row = AlertRow(
        rule=said.labels.get("alertname", ""),
        subject=sender,
        labels=said.labels,
        annotations=said.annotations,
        starts_at=said.starts_at,
        ends_at=None if said.ends_at > at else said.ends_at,
        posted_until=said.ends_at,
        posted_timeout=said.timeout,
        generator_url=said.generator_url,
        evidence=evidence,
        places=places,
    )
    return keeping.save(Step(state, step.emit), identity, row, at)


def _told_again(step: Step[Alerting], identity: str, row: AlertRow, at: datetime) -> Step[Alerting]:
    """In its groups, with its end if it has ended: as in Alertmanager, what has ended enters them, too."""
    state, row = groups.entered(step.state, identity, row, at)
    return keeping.save(Step(state, step.emit), identity, row, at)


def _renewed(step: Step[Alerting], identity: str, known: AlertRow, row: AlertRow, at: datetime) -> Step[Alerting]:
    step = keeping.save(step, identity, row, at)
    if row.posted_until is None or known.posted_until is None or row.posted_until >= known.posted_until:
        return step
    state = step.state
    for group in row.groups:
        there = state.groups[group]
        state = schedule.news(state, group, replace(there, look=schedule.ends(there.look, row.posted_until)), at)
    return Step(state, step.emit)


def _while_held(
    step: Step[Alerting], identity: str, known: AlertRow, said: PostedAlert, at: datetime
) -> Step[Alerting]:
    """Resolved by hand: it stays so until its sender has said that it ended, or has been silent for too long."""
    if said.ends_at <= at:
        return keeping.update(step, identity, at, held=False, posted_until=said.ends_at)
    if known.posted_until is not None and known.posted_until <= at:
        step = keeping.update(step, identity, at, held=False)
        return _posted(step, said, known.subject, known.evidence, at)
    return keeping.update(step, identity, at, posted_until=said.ends_at, posted_timeout=said.timeout)


def _forgotten(row: AlertRow, sender: str, evidence: tuple[Evidence, ...]) -> AlertRow:
    """It begins again: nobody has acknowledged it, or was told of it."""
    return AlertRow(
        rule=row.rule,
        subject=sender,
        labels=row.labels,
        annotations=row.annotations,
        starts_at=row.starts_at,
        posted_until=row.posted_until,
        posted_timeout=row.posted_timeout,
        generator_url=row.generator_url,
        evidence=evidence,
        places=row.places,
    )


def _merged(known: AlertRow, said: PostedAlert, at: datetime) -> tuple[datetime, datetime, bool]:
    """When it starts and ends, and whether the end is assumed: `types.Alert.Merge`, where the two spans overlap."""
    starts, ends = known.starts_at, known.posted_until
    if ends is None or not (starts < said.ends_at < ends or starts < said.starts_at < ends):
        return said.starts_at, said.ends_at, said.timeout
    keeps_end = ends > said.ends_at and (ends <= at if said.ends_at <= at else not known.posted_timeout)
    return min(starts, said.starts_at), ends if keeps_end else said.ends_at, said.timeout
