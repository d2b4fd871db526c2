"""Notices: tell this receiver this, for this reason; and what became of it."""

from datetime import datetime
from operator import not_
from typing import Literal

from pydantic import Field

from schemas.alerts import EXAMPLE_LABELS, Fingerprint, GroupId
from schemas.envelope import Event, Frozen, Instant
from schemas.signals import SEVERITIES, AlertingEvent

NoticeReason = Literal[
    "first notification",
    "new alerts added",
    "some alerts resolved",
    "all alerts resolved",
    "repeat interval elapsed",
    "alert changed",
    "escalated: not acknowledged in time",
    "escalated: delivery failed",
    "escalated: nobody is on call",
    "assigned",
    "no longer suppressed",
    "alert resolved",
    "held back until now",
]
"""Why somebody is told now. The first five are Alertmanager's; the last is the notifier's own."""


class NoticeAlert(Frozen):
    """One alert as a notice tells of it."""

    fingerprint: Fingerprint = Field(examples=["ba18c9f2a1f2e3d4"])
    """Its identity."""
    status: Literal["firing", "resolved"] = Field(examples=["firing"])
    """How it stood when the notice was issued."""
    labels: dict[str, str] = Field(examples=[EXAMPLE_LABELS])
    """All its labels."""
    annotations: dict[str, str] = Field(default={}, examples=[{"summary": "Invoice INV-7 of acme came twice"}])
    """What it says to people, its `summary` among it."""
    starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """When it began."""
    ends_at: Instant | None = None
    """When it ended; None while it fires."""
    generator_url: str = ""
    """Where the one who raised it shows more."""
    traceparent: str | None = Field(
        default=None, exclude_if=not_, examples=["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
    )
    """The trace context of the latest record it rests on; left out where none has one."""


class Notice(Event, type="alerting.notice.issued", kind="receiver", topic="notices"):
    """Tell this receiver of this group, for this reason. Subject: `receiver/<name>`. Its id is the idempotency key."""

    receiver: str = Field(examples=["accounting-clerk"])
    """Whom to tell, a receiver of the configuration."""
    reason: NoticeReason = Field(examples=["first notification"])
    """Why they are told now."""
    status: Literal["firing", "resolved"] = Field(examples=["firing"])
    """`resolved` when every alert of it is."""
    group: GroupId = Field(examples=["04c6a1ffe29b6d10"])
    """The group it is about. Mails of one group are one thread; a pager takes it as the key of an incident."""
    group_key: str = Field(examples=['{}:{alertname="accounting.duplicate_invoice"}'])
    """Alertmanager's group key."""
    group_labels: dict[str, str] = Field(default={}, examples=[{"alertname": "accounting.duplicate_invoice"}])
    """The labels the alerts were grouped by."""
    alerts: tuple[NoticeAlert, ...] = Field(
        min_length=1,
        examples=[
            [
                {
                    "fingerprint": "ba18c9f2a1f2e3d4",
                    "status": "firing",
                    "labels": EXAMPLE_LABELS,
                    "starts_at": "2026-01-05T08:00:00Z",
                }
            ]
        ],
    )
    """The alerts in full, in the order of their labels, no more than fit into a record."""
    truncated: int = Field(default=0, ge=0)
    """How many more there are."""
    common_labels: dict[str, str] = Field(default={}, examples=[EXAMPLE_LABELS])
    """The labels that all alerts of the notice have in common."""
    common_annotations: dict[str, str] = Field(default={}, examples=[{"summary": "Invoice INV-7 of acme came twice"}])
    """The annotations that they have in common."""
    summary: str = Field(examples=["Invoice INV-7 of acme came twice"])
    """One sentence for people."""
    policy: str | None = None
    """The escalation policy of the group."""
    escalation_step: int = Field(default=0, ge=0)
    """0: a notice to first receivers; n: issued by the n-th step of an escalation policy."""
    acknowledged_by: str | None = None
    """Who has taken all of its alerts that fire; None: nobody, or not all of them."""
    stands_for: tuple[str, ...] = ()
    """The ids of the notices that this one tells together, because they were held back. Never on the log."""

    @property
    def severity(self) -> str:
        """The worst of its alerts that fire, else of all; `info` when none says."""
        firing = [alert for alert in self.alerts if alert.status == "firing"]
        said = {alert.labels.get("severity") for alert in firing or self.alerts}
        return next((severity for severity in SEVERITIES if severity in said), "info")

    @property
    def starts_at(self) -> datetime:
        """When the first of its alerts began."""
        return min(alert.starts_at for alert in self.alerts)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Of the alerts told in full."""
        return tuple(alert.fingerprint for alert in self.alerts)


class NoticeDelivered(AlertingEvent, type="alerting.notice.delivered", kind="receiver"):
    """A notice reached its channel. Subject: `receiver/<name>`."""

    notice: str = Field(examples=["0-41-2"])
    """The notice's id."""
    group: GroupId = Field(examples=["04c6a1ffe29b6d10"])
    """The group it was about."""
    channel: str = Field(examples=["webhook"])
    """The channels that took it, joined by commas."""
    attempts: int = Field(ge=0, examples=[1])
    """How many tries it took, on the channel that took most; 0: its channels do not tell of what has ended."""
    escalation_step: int = Field(default=0, ge=0)
    """That of the notice."""


class NoticeFailed(AlertingEvent, type="alerting.notice.failed", kind="receiver"):
    """A notice could not be delivered, for good. Subject: `receiver/<name>`."""

    notice: str = Field(examples=["0-41-2"])
    """The notice's id."""
    group: GroupId = Field(examples=["04c6a1ffe29b6d10"])
    """The group it was about."""
    channel: str = Field(examples=["webhook"])
    """The channels that were tried, joined by commas."""
    attempts: int = Field(ge=0, examples=[5])
    """How many tries were made, on the channel that was tried most; 0: none, all had failed too often just before."""
    escalation_step: int = Field(default=0, ge=0)
    """That of the notice: a failure of a step already passed moves nothing."""
    error: str = Field(examples=["webhook: HTTP 404 (final)"])
    """The last error of each channel, without secrets."""
