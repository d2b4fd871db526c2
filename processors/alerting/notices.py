"""Notices: telling receivers about an alert, and remembering who was told."""

import json
from collections.abc import Iterable
from typing import Literal

from processors.alerting.state import Alerting, AlertRow, update
from processors.step import Step
from schemas.notices import Notice, NoticeAlert, NoticeReason


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
    status: Literal["firing", "resolved"] = "firing" if row.firing else "resolved"
    alert = NoticeAlert(
        fingerprint=fingerprint,
        status=status,
        labels=row.labels,
        annotations=row.annotations,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
    return Notice(
        receiver=receiver,
        reason=reason,
        status=status,
        group=fingerprint,
        group_key=f"{{}}:{{fingerprint={json.dumps(fingerprint)}}}",
        alerts=(alert,),
        common_labels=row.labels,
        common_annotations=row.annotations,
        summary=row.annotations.get("summary", row.rule),
        escalation_step=escalation_step,
    )
