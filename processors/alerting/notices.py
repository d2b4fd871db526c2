"""Notices: what a receiver is told of a group, and that it was."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from processors.alerting import groups, labels
from processors.alerting.state import Alerting, AlertRow, GroupRow
from processors.step import Step
from schemas.envelope import trace_of
from schemas.notices import Notice, NoticeAlert, NoticeReason

MOST_BYTES = 700_000
"""What the alerts told in full may take together, as JSON: the notice has to fit into a record."""

MOST_NAMED = 50
"""In a group of no more alerts, the record of each tells who was told of it and how far it has climbed; of a larger one
the group's record alone does."""

_SHORT = 1_000
"""Characters of an annotation, where a single alert would not fit."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told of a group: to whom, why, and of which alerts."""

    group: str
    receivers: tuple[str, ...]
    reason: NoticeReason
    alerts: Sequence[tuple[str, AlertRow]]


def tell(step: Step[Alerting], telling: Telling) -> Step[Alerting]:
    """One notice to each receiver, in order, and none twice. What they were told is remembered."""
    receivers = tuple(dict.fromkeys(telling.receivers))
    if not receivers or not telling.alerts:
        return step
    row = step.state.groups[telling.group]
    notice = _notice(telling, row)
    trace = _trace(telling)
    for receiver in receivers:
        step = step.emits(f"receiver/{receiver}", notice.model_copy(update={"receiver": receiver}), trace)
    state = step.state
    state = state.evolve(groups=state.groups.put(telling.group, _told(row, receivers)))
    if row.count.members <= MOST_NAMED:
        for fingerprint, _ in telling.alerts:
            alert = replace(_told_of(state.alerts[fingerprint], receivers), escalation_step=row.climb.number)
            state = state.evolve(alerts=state.alerts.put(fingerprint, alert))
    return Step(state, step.emit)


def _trace(telling: Telling) -> str | None:
    """The trace that a notice goes on with: of its alerts, the latest that has one, those that fire before others."""
    alerts = sorted((row for _, row in telling.alerts), key=lambda row: (row.firing, row.starts_at))
    return next((trace for row in reversed(alerts) if (trace := trace_of(row.evidence))), None)


def _told(row: GroupRow, receivers: Sequence[str]) -> GroupRow:
    return replace(row, told=_joined(row.told, receivers), undelivered=_without(row.undelivered, receivers))


def _told_of(row: AlertRow, receivers: Sequence[str]) -> AlertRow:
    return replace(row, told=_joined(row.told, receivers), undelivered=_without(row.undelivered, receivers))


def _joined(known: Iterable[str], receivers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *receivers)))


def _without(known: Iterable[str], receivers: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in known if name not in receivers)


def _notice(telling: Telling, row: GroupRow) -> Notice:
    order = labels.order(alert.labels for _, alert in telling.alerts)
    alerts = sorted(telling.alerts, key=lambda one: order(one[1].labels))
    shown = tuple(_fitting(alerts))
    status: Literal["firing", "resolved"] = "firing" if any(alert.firing for _, alert in alerts) else "resolved"
    common = labels.common([alert.labels for _, alert in alerts])
    return Notice(
        receiver=row.receiver,
        reason=telling.reason,
        status=status,
        group=telling.group,
        group_key=groups.key(row),
        group_labels=row.labels,
        alerts=shown,
        truncated=len(alerts) - len(shown),
        common_labels=common,
        common_annotations=_cut(labels.common([alert.annotations for _, alert in alerts])),
        summary=_summary(alerts, common),
        policy=row.policy,
        escalation_step=row.climb.number,
        acknowledged_by=_taken_by(alerts),
    )


def _taken_by(alerts: Sequence[tuple[str, AlertRow]]) -> str | None:
    """Who has taken all of them that fire, each once."""
    takers = [alert.acknowledged_by for _, alert in alerts if alert.firing]
    known = [name for name in takers if name is not None]
    return ", ".join(dict.fromkeys(known)) if known and len(known) == len(takers) else None


def _fitting(alerts: Sequence[tuple[str, AlertRow]]) -> Iterator[NoticeAlert]:
    """As many as fit, one at least."""
    left = MOST_BYTES
    for fingerprint, row in alerts:
        alert = _detail(fingerprint, row, row.annotations)
        size = len(alert.model_dump_json().encode())
        if size > left and left == MOST_BYTES:
            alert = _detail(fingerprint, row, _cut(row.annotations))
        elif size > left:
            return
        left -= size
        yield alert


def _detail(fingerprint: str, row: AlertRow, annotations: dict[str, str]) -> NoticeAlert:
    return NoticeAlert(
        fingerprint=fingerprint,
        status="firing" if row.firing else "resolved",
        labels=row.labels,
        annotations=annotations,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        generator_url=row.generator_url,
        traceparent=trace_of(row.evidence),
    )


def _cut(annotations: dict[str, str]) -> dict[str, str]:
    """Without what is too long to be told beside others."""
    return {name: text if len(text) <= _SHORT else f"{text[:_SHORT]}…" for name, text in [*annotations.items()][:50]}


def _summary(alerts: Sequence[tuple[str, AlertRow]], common: dict[str, str]) -> str:
    if len(alerts) == 1:
        ((_, only),) = alerts
        return only.annotations.get("summary") or only.rule or "An alert without a name"
    firing = sum(alert.firing for _, alert in alerts)
    ended = len(alerts) - firing
    of = f" of {common['alertname']}" if "alertname" in common else ""
    if not firing:
        return f"{ended} alerts{of} have ended"
    fire = f"{firing} alerts{of} fire" if firing > 1 else f"1 alert{of} fires"
    return f"{fire}, {ended} {'have' if ended > 1 else 'has'} ended" if ended else fire
