"""What alerting remembers: alerts by fingerprint, which subject has which, and the links between subjects."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from processors.alerting import index
from processors.alerting.index import Node, owner
from processors.alerting.settings import AlertingSettings
from processors.rows import Rows
from processors.step import State, Step
from schemas.alerts import Alert
from schemas.envelope import Evidence


@dataclass(frozen=True, slots=True)
class Climb:
    """How far an alert has climbed by one escalation policy.

    `position` counts on over repeats, `number` is the policy's step there; both 0: only the first
    receivers know. `told` are the receivers of that position: when one cannot be reached, the next is told.
    """

    policy: str
    told: tuple[str, ...]
    position: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert: all that its Alert event says, and what to do next about it."""

    rule: str
    rule_version: int
    subject: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    due: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    suppressed_by: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    climbs: tuple[Climb, ...] = ()
    held: bool = False
    """Resolved by hand while the condition still holds: it says nothing until it has ended and begun again."""

    @property
    def firing(self) -> bool:
        return self.ends_at is None

    @property
    def wants_somebody(self) -> bool:
        """Whether the clock of escalation runs for it."""
        return self.firing and not self.suppressed_by and self.acknowledged_by is None

    def event(self, fingerprint: str) -> Alert:
        """The alert as consumers see it."""
        return Alert(
            fingerprint=fingerprint,
            status="firing" if self.firing else "resolved",
            suppressed=bool(self.suppressed_by),
            suppressed_by=self.suppressed_by,
            rule=self.rule,
            rule_version=self.rule_version,
            subject=self.subject,
            labels=self.labels,
            annotations=self.annotations,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            due=self.due,
            receivers=self.told,
            delivery_failed=self.undelivered,
            acknowledged_by=self.acknowledged_by,
            acknowledged_at=self.acknowledged_at,
            escalation_step=max((climb.number for climb in self.climbs), default=0),
            evidence=self.evidence,
            settings=self.settings,
        )


@dataclass(frozen=True, kw_only=True)
class Alerting(State):
    """The whole office's alerts. Every entry below is a row of its own."""

    alerts: Rows[AlertRow] = field(default_factory=Rows)
    """By fingerprint: the firing, those resolved by hand, and for some days the resolved."""
    firing_alerts: Rows[Node] = field(default_factory=Rows)
    """An index: the fingerprints that fire for a subject, and for a rule on a subject."""
    links: Rows[Node] = field(default_factory=Rows)
    """An index: what explains a subject's alerts, and which subjects a condition explains."""
    settings: AlertingSettings = field(default=AlertingSettings())

    def with_alert(self, fingerprint: str, row: AlertRow) -> "Alerting":
        """With this alert as it is now, known under its subject while it fires."""
        change = index.add if row.firing else index.discard
        firing = self.firing_alerts
        for name in (owner(row.subject), owner(row.rule, row.subject)):
            firing = change(firing, name, fingerprint)
        return self.evolve(
            alerts=self.alerts.put(fingerprint, row, self._forget_at(row)),
            firing_alerts=firing,
        )

    def _forget_at(self, row: AlertRow) -> datetime | None:
        if row.ends_at is None or row.held:
            return None
        return row.ends_at + timedelta(days=self.settings.resolved_retention_days)


def save(step: Step[Alerting], fingerprint: str, row: AlertRow) -> Step[Alerting]:
    """With this alert, new or changed."""
    return Step(step.state.with_alert(fingerprint, row), step.emit)


def update(step: Step[Alerting], fingerprint: str, **changes: object) -> Step[Alerting]:
    """With some fields of a known alert changed."""
    return save(step, fingerprint, replace(step.state.alerts[fingerprint], **changes))  # type: ignore[arg-type]
