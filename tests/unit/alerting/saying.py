"""Short ways to say what happens in alerting's tests."""

from collections.abc import Iterable
from typing import Any

from processors.alerting import alerting
from processors.alerting.groups import identity
from processors.alerting.route import Destination
from processors.alerting.settings import AlertingSettings
from schemas.alerts import Alert
from schemas.commands import AlertAcknowledge, AlertResolve
from schemas.envelope import Event
from schemas.notices import NoticeDelivered, NoticeFailed
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn, fingerprint
from tests.office import START, Office

Said = tuple[str, Event]

OUTAGE = ("it.outage", "service/vpn")
COMPLAINT = ("front_office.first_response", "complaint/C-1")

EACH_AT_ONCE: dict[str, Any] = {
    "group_by": ["..."],
    "group_wait": "0s",
    "group_interval": "0s",
    "repeat_interval": "1y",
}
"""How a root route tells of each alert by itself, without waiting and only once."""

SETTINGS: dict[str, Any] = {
    "route": {"receiver": "clerk", "escalation": "up", **EACH_AT_ONCE},
    "receivers": [{"name": name} for name in ("clerk", "manager", "executive", "security")],
    "escalation_policies": [
        {
            "name": "up",
            "steps": [
                {"targets": ["manager"], "delay_minutes": 15},
                {"targets": ["executive"], "delay_minutes": 30},
            ],
        }
    ],
}
"""One clerk for everything, then the manager after 15 minutes and the executive after 30 more."""


def office(**changes: Any) -> Office:
    """An office with alerting alone, under SETTINGS with these changes."""
    return Office(processors=[alerting], settings={"alerting": _given(changes)})


def settings(**changes: Any) -> AlertingSettings:
    return AlertingSettings.model_validate(_given(changes))


def _given(changes: dict[str, Any]) -> dict[str, Any]:
    """A route of a test's own tells of each alert at once, unless it says otherwise."""
    if "route" in changes:
        changes = {**changes, "route": {**EACH_AT_ONCE, **changes["route"]}}
    return {**SETTINGS, **changes}


def grouping(*by: str, **more: Any) -> dict[str, Any]:
    """A root route with Alertmanager's defaults that groups by these labels."""
    return {
        "receiver": "clerk",
        "escalation": "up",
        "group_by": list(by),
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        **more,
    }


def group(alert: str | None = None, route: str = "{}", receiver: str = "clerk") -> str:
    """The group of an alert that is one by itself."""
    return identity(Destination(route, receiver, group_by=("...",)), {}, alert or of())


def fires(
    rule: str = "accounting.duplicate_invoice",
    subject: str = "vendor/acme",
    severity: str = "error",
    summary: str = "Invoice INV-7 of acme came twice",
    labels: dict[str, str] | None = None,
) -> Said:
    event = ConditionFired(rule=rule, severity=severity, summary=summary, labels=labels or {}, starts_at=START)
    return subject, event


def ends(rule: str = "accounting.duplicate_invoice", subject: str = "vendor/acme") -> Said:
    return subject, ConditionResolved(rule=rule, because="the invoice was rejected", ends_at=START)


def links(explained: str = "complaint/C-1", by: str = "service/vpn", rule: str = "it.outage") -> Said:
    return explained, LinkMade(explained=explained, explained_by=by, rule=rule, because="it names the service")


def unlinks(explained: str = "complaint/C-1", by: str = "service/vpn", rule: str = "it.outage") -> Said:
    return explained, LinkWithdrawn(explained=explained, explained_by=by, rule=rule)


def of(rule: str = "accounting.duplicate_invoice", subject: str = "vendor/acme") -> str:
    """The fingerprint of an alert."""
    return fingerprint(rule, subject, {})


def acknowledges(alert: str | None = None, by: str = "dana", note: str = "") -> Said:
    return f"alert/{alert or of()}", AlertAcknowledge(by=by, note=note)


def resolves_by_hand(alert: str | None = None, by: str = "dana") -> Said:
    return f"alert/{alert or of()}", AlertResolve(by=by, note="known, harmless")


def cannot_reach(receiver: str, alert: str | None = None, step: int = 0) -> Said:
    failed = NoticeFailed(
        notice="0-1-2",
        group=group(alert),
        channel="webhook",
        attempts=5,
        escalation_step=step,
        error="webhook: HTTP 404 (final)",
    )
    return f"receiver/{receiver}", failed


def reaches(receiver: str, alert: str | None = None) -> Said:
    event = NoticeDelivered(notice="0-1-2", group=group(alert), channel="webhook", attempts=1)
    return f"receiver/{receiver}", event


def told(office: Office, since: int = 0) -> list[tuple[str, str]]:
    """Who was told, and why, in order."""
    return [(notice.receiver, notice.reason) for notice in office.notices()[since:]]


def alert(office: Office, of_: str | None = None) -> Alert:
    return office.alerts()[of_ or of()]


def reasons(office: Office) -> Iterable[str]:
    return [reason for _, reason in told(office)]
