"""What alerting says: alerts, notices; and what it is told: commands, delivery outcomes."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from schemas.envelope import Event, Evidence, Instant
from schemas.signals import AlertingEvent

Fingerprint = Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")]
"""The identity of an alert: 16 hex digits, as `schemas.signals.fingerprint` gives them."""

_EXAMPLE_LABELS = {
    "alertname": "accounting.duplicate_invoice",
    "department": "accounting",
    "severity": "error",
    "subject": "vendor/acme",
    "invoice": "INV-7",
}


class Alert(Event, type="alerting.alert.changed", kind="alert", topic="alerts"):
    """The current state of one alert. Subject: `alert/<fingerprint>`."""

    fingerprint: Fingerprint = Field(examples=["ba18c9f2a1f2e3d4"])
    """The alert's identity: rule, subject and distinguishing labels, hashed."""
    status: Literal["firing", "resolved"] = Field(examples=["firing"])
    """Whether the condition holds. Resolved by hand counts as resolved, whatever the condition does."""
    suppressed: bool = False
    """True: nobody is told, because a linked alert explains this one."""
    suppressed_by: tuple[str, ...] = ()
    """Fingerprints of the alerts that explain it, sorted."""
    rule: str = Field(examples=["accounting.duplicate_invoice"])
    """Full name of the rule, `<department>.<rule>`."""
    rule_version: int = 1
    """The version of the rule that said so last."""
    subject: str = Field(examples=["vendor/acme"])
    """What the alert is about, `<kind>/<id>`."""
    labels: dict[str, str] = Field(examples=[_EXAMPLE_LABELS])
    """Those of the rule, plus `alertname`, `department`, `severity` and `subject`."""
    annotations: dict[str, str] = Field(examples=[{"summary": "Invoice INV-7 of acme came twice"}])
    """For people, never for routing: `summary`, what the rule adds, `resolution` and `acknowledgement` once given."""
    starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """When the condition began to hold."""
    ends_at: Instant | None = None
    """When it ended, or was resolved by hand."""
    due: Instant | None = None
    """The deadline that passed, when one did."""
    receivers: tuple[str, ...] = ()
    """Everybody who has been told so far, in order."""
    delivery_failed: tuple[str, ...] = ()
    """Those of them whom the last notice did not reach, for good."""
    acknowledged_by: str | None = None
    """Who took it."""
    acknowledged_at: Instant | None = None
    """When they did."""
    escalation_step: int = Field(default=0, ge=0)
    """0: nobody beyond the first receivers; n: the n-th step of the policy has been reached."""
    evidence: tuple[Evidence, ...] = ()
    """The records it rests on, oldest first."""
    settings: dict[str, Any] = Field(default={}, examples=[{"duplicate_window_days": 7}])
    """The settings that the rule read when it said so last, by name, as they held for this subject."""


NoticeReason = Literal[
    "first notification",
    "alert changed",
    "alert resolved",
    "escalated: not acknowledged in time",
    "escalated: delivery failed",
    "no longer suppressed",
]
"""Why somebody is told now."""


class Notice(Event, type="alerting.notice.issued", kind="receiver", topic="notices"):
    """Tell this receiver this, for this reason. Subject: `receiver/<name>`. Its id is the idempotency key."""

    receiver: str = Field(examples=["accounting-clerk"])
    """Whom to tell, a receiver of the configuration."""
    reason: NoticeReason = Field(examples=["first notification"])
    """Why they are told now."""
    status: Literal["firing", "resolved"] = Field(examples=["firing"])
    """The alert's status when the notice was issued."""
    fingerprints: tuple[str, ...] = Field(examples=[["ba18c9f2a1f2e3d4"]])
    """The alerts it is about."""
    labels: dict[str, str] = Field(examples=[_EXAMPLE_LABELS])
    """The labels these alerts have in common."""
    summary: str = Field(examples=["Invoice INV-7 of acme came twice"])
    """One sentence for people."""
    annotations: dict[str, str] = Field(default={})
    """What the alert says to people besides its summary."""
    escalation_step: int = Field(default=0, ge=0)
    """0: a notice to first receivers; n: issued by the n-th step of an escalation policy."""
    alert_starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """When the alert began."""
    alert_ends_at: Instant | None = None
    """When it ended; None while it fires."""


class AlertAcknowledge(AlertingEvent, type="alerting.alert.acknowledge", kind="alert"):
    """Somebody takes this alert: escalation stops. Subject: `alert/<fingerprint>`."""

    by: str = Field(min_length=1, examples=["dana"])
    """Who takes it, by their login."""
    note: str = ""
    """What they want others to know."""


class AlertResolve(AlertingEvent, type="alerting.alert.resolve", kind="alert"):
    """Somebody resolves this alert by hand; it holds until the condition has ended and begun again."""

    by: str = Field(min_length=1, examples=["dana"])
    """Who resolved it, by their login."""
    note: str = ""
    """Why, in their words."""


class NoticeDelivered(AlertingEvent, type="alerting.notice.delivered", kind="receiver"):
    """A notice reached its channel. Subject: `receiver/<name>`."""

    notice: str = Field(examples=["0-41-2"])
    """The notice's id."""
    fingerprints: tuple[str, ...] = Field(examples=[["ba18c9f2a1f2e3d4"]])
    """The alerts it was about."""
    channel: str = Field(examples=["webhook"])
    """The channels that took it, joined by commas."""
    attempts: int = Field(ge=1, examples=[1])
    """How many tries it took, on the channel that took most."""
    escalation_step: int = Field(default=0, ge=0)
    """That of the notice."""


class NoticeFailed(AlertingEvent, type="alerting.notice.failed", kind="receiver"):
    """A notice could not be delivered, for good. Subject: `receiver/<name>`."""

    notice: str = Field(examples=["0-41-2"])
    """The notice's id."""
    fingerprints: tuple[str, ...] = Field(examples=[["ba18c9f2a1f2e3d4"]])
    """The alerts it was about."""
    channel: str = Field(examples=["webhook"])
    """The channels that were tried, joined by commas."""
    attempts: int = Field(ge=1, examples=[5])
    """How many tries were made, on the channel that was tried most."""
    escalation_step: int = Field(default=0, ge=0)
    """That of the notice: a failure of a step already passed moves nothing."""
    error: str = Field(examples=["webhook: HTTP 404 (final)"])
    """The last error of each channel, without secrets."""
