"""Notices: telling receivers about an alert, and remembering who was told."""

from collections.abc import Iterable

from processors.alerting.state import Alerting, AlertRow, update
from processors.step import Step
from schemas.alerts import Notice, NoticeReason


def tell(
    step: Step[Alerting],
    fingerprint: str,
    receivers: Iterable[str],
    reason: NoticeReason,
    escalation_step: int = 0,
) -> Step[Alerting]:
    """One notice to each receiver, in order, and none twice."""
    receivers = tuple(dict.fromkeys(receivers))
    if not receivers:
        return step
    row = step.state.alerts[fingerprint]
    for receiver in receivers:
        step = step.emits(f"receiver/{receiver}", _notice(fingerprint, row, receiver, reason, escalation_step))
    told = tuple(dict.fromkeys((*row.told, *receivers)))
    undelivered = tuple(name for name in row.undelivered if name not in receivers)
    return update(step, fingerprint, told=told, undelivered=undelivered)


def _notice(fingerprint: str, row: AlertRow, receiver: str, reason: NoticeReason, escalation_step: int) -> Notice:
    annotations = dict(row.annotations)
    return Notice(
        receiver=receiver,
        reason=reason,
        status="firing" if row.firing else "resolved",
        fingerprints=(fingerprint,),
        labels=row.labels,
        summary=annotations.pop("summary", row.rule),
        annotations=annotations,
        escalation_step=escalation_step,
        alert_starts_at=row.starts_at,
        alert_ends_at=row.ends_at,
    )
