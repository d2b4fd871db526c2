"""Signals: what rules say to alerting."""

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from schemas.envelope import Event, Evidence, Instant

SEVERITIES = ("critical", "error", "warning", "info")
"""PagerDuty's four, worst first."""


class AlertingEvent(Event, topic="alerting"):
    """Anything in alerting's inbox."""


class ConditionFired(AlertingEvent, type="alerting.condition.fired"):
    """A rule's condition holds for the subject, or holds with other words or severity than before."""

    rule: str = Field(examples=["accounting.duplicate_invoice"])
    """Full name, `<department>.<rule>`."""
    rule_version: int = Field(default=1, ge=1)
    """The version of the rule that says so."""
    identity: dict[str, str] = Field(default={}, examples=[{"invoice": "INV-7"}])
    """The distinguishing labels: with rule and subject they say which alert this is."""
    labels: dict[str, str] = Field(default={}, examples=[{"invoice": "INV-7"}])
    """All labels of the rule, for routing; the identity's among them. Never personal data."""
    severity: str = Field(examples=["error"], pattern="^(critical|error|warning|info)$")
    """How bad it is now. Not part of the identity."""
    summary: str = Field(examples=["Invoice INV-7 of acme came twice"])
    """One sentence for people."""
    annotations: dict[str, str] = Field(default={})
    """More for people, by name; never used for routing."""
    starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """When the condition began to hold."""
    due: Instant | None = None
    """The deadline that passed, when one did."""
    evidence: tuple[Evidence, ...] = ()
    """The records it rests on, oldest first."""
    settings: dict[str, Any] = Field(default={}, examples=[{"duplicate_window_days": 7}])
    """The settings that the rule reads, by name, as they held for this subject when it said so."""


class ConditionResolved(AlertingEvent, type="alerting.condition.resolved"):
    """A rule's condition no longer holds for the subject."""

    rule: str = Field(examples=["accounting.duplicate_invoice"])
    """Full name, `<department>.<rule>`."""
    identity: dict[str, str] = Field(default={}, examples=[{"invoice": "INV-7"}])
    """The distinguishing labels, as when it fired."""
    because: str = Field(examples=["the invoice was rejected"])
    """Why, in words for people."""
    ends_at: Instant = Field(examples=["2026-01-05T09:00:00Z"])
    """When the condition ceased to hold."""
    evidence: tuple[Evidence, ...] = ()
    """The records that ended it, oldest first."""


class LinkMade(AlertingEvent, type="alerting.link.made"):
    """The alerts of one subject are explained by a condition of another: one notice, not hundreds."""

    explained: str = Field(examples=["complaint/C-17"])
    """The subject whose alerts are explained."""
    explained_by: str = Field(examples=["service/vpn"])
    """The subject of the explaining alert."""
    rule: str = Field(examples=["it.outage"])
    """The rule of the explaining alert."""
    because: str = Field(examples=["the complaint names vpn, which is down"])
    """Why, in words for people."""


class LinkWithdrawn(AlertingEvent, type="alerting.link.withdrawn"):
    """A link made earlier turned out not to hold."""

    explained: str = Field(examples=["complaint/C-17"])
    """The subject that was explained."""
    explained_by: str = Field(examples=["service/vpn"])
    """The subject of the explaining alert."""
    rule: str = Field(examples=["it.outage"])
    """The rule of the explaining alert."""


def fingerprint(rule: str, subject: str, identity: Mapping[str, str]) -> str:
    """The identity of an alert of ours: 16 hex digits over rule, subject and distinguishing labels."""
    parts = [rule, subject, *(f"{k}={v}" for k, v in sorted(identity.items()))]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


def labels_fingerprint(labels: Mapping[str, str]) -> str:
    """The identity of an alert that another program raises: Prometheus' own, 64-bit FNV-1a over its sorted labels."""
    hashed = 0xCBF29CE484222325
    for byte in b"".join([b"%s\xff%s\xff" % (name.encode(), labels[name].encode()) for name in sorted(labels)]):
        hashed = (hashed ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{hashed:016x}"
