"""What alerting says of alerts, of the groups they are told in, and of silences: the current state of each."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from schemas.envelope import Event, Evidence, Frozen, Instant

Fingerprint = Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")]
"""The identity of an alert: 16 hex digits, as `schemas.signals.fingerprint` gives them."""

GroupId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")]
"""The identity of a group: 16 hex digits over its route and the values of its labels."""

SilenceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The identity of a silence, as whoever made it named it: a UUID when it came over the API."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote to an alert."""

    by: str
    at: Instant
    text: str


EXAMPLE_LABELS = {
    "alertname": "accounting.duplicate_invoice",
    "department": "accounting",
    "severity": "error",
    "subject": "vendor/acme",
    "invoice": "INV-7",
}


class Alert(Event, type="alerting.alert.changed", kind="alert", topic="alerts"):
    """The current state of one alert. Subject: `alert/<fingerprint>`. What a field's default says is left out."""

    sparse = True

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
    labels: dict[str, str] = Field(examples=[EXAMPLE_LABELS])
    """Those of the rule, plus `alertname`, `department`, `severity` and `subject`."""
    annotations: dict[str, str] = Field(examples=[{"summary": "Invoice INV-7 of acme came twice"}])
    """For people, never for routing: `summary`, what the rule adds, `resolution` and `acknowledgement` once given."""
    starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """When the condition began to hold."""
    ends_at: Instant | None = None
    """When it ended, or was resolved by hand."""
    due: Instant | None = None
    """The deadline that passed, when one did."""
    generator_url: str = ""
    """Where the one who raised it shows more, when it came in over the API."""
    groups: tuple[GroupId, ...] = ()
    """The groups it is told in, one for each route that takes it."""
    receivers: tuple[str, ...] = ()
    """Everybody who has been told so far, in order."""
    delivery_failed: tuple[str, ...] = ()
    """Those of them whom the last notice did not reach, for good."""
    assigned_to: tuple[str, ...] = ()
    """Who is to deal with it, receivers by name."""
    snoozed_until: Instant | None = None
    """Until when nobody is told and nothing climbs."""
    merged_into: Fingerprint | None = None
    """The alert that this one is dealt with under."""
    priority: Literal["P1", "P2", "P3", "P4", "P5"] = "P3"
    """How urgent it is: from severity, department and business hours, see `alerting.priorities`."""
    notes: tuple[Note, ...] = ()
    """What people wrote to it, the last twenty, oldest first."""
    acknowledged_by: str | None = None
    """Who took it."""
    acknowledged_at: Instant | None = None
    """When they did."""
    acknowledged_until: Instant | None = None
    """When the acknowledgement lapses and the alert climbs again; None: never."""
    escalation_step: int = Field(default=0, ge=0)
    """0: nobody beyond the first receivers; n: the n-th step of the policy has been reached."""
    evidence: tuple[Evidence, ...] = ()
    """The records it rests on, oldest first."""
    settings: dict[str, Any] = Field(default={}, examples=[{"duplicate_window_days": 7}])
    """The settings that the rule read when it said so last, by name, as they held for this subject."""


class Group(Event, type="alerting.group.changed", kind="group", topic="alerts"):
    """The current state of one group: alerts that one route tells of together. Subject: `group/<id>`.

    What is climbing is the group. It ceases with its last alert; the record then is a tombstone.
    """

    group: GroupId = Field(examples=["04c6a1ffe29b6d10"])
    """Its identity."""
    key: str = Field(examples=['{}/{department="accounting"}:{alertname="accounting.duplicate_invoice"}'])
    """Alertmanager's group key: the matchers on the way to the route, and the group's labels."""
    receiver: str = Field(examples=["accounting-clerk"])
    """Whom the route tells."""
    labels: dict[str, str] = Field(default={}, examples=[{"alertname": "accounting.duplicate_invoice"}])
    """The labels that its alerts were grouped by."""
    firing: int = Field(default=0, ge=0)
    """How many of its alerts fire."""
    resolved: int = Field(default=0, ge=0)
    """How many have ended and were not yet told to have."""
    notified_at: Instant | None = None
    """When its receiver was last told."""
    next_at: Instant | None = None
    """When it is looked at next."""
    policy: str | None = None
    """The escalation policy by which it climbs; None: by none."""
    escalation_step: int = Field(default=0, ge=0)
    """0: nobody beyond the first receiver; n: the n-th step of the policy has been reached."""
    escalates_at: Instant | None = None
    """When the next step is told; None: the clock stands."""
    told: tuple[str, ...] = ()
    """Everybody who has been told so far, in order."""
    delivery_failed: tuple[str, ...] = ()
    """Those of them whom the last notice did not reach, for good."""


class SilenceMatcher(Frozen):
    """One condition of a silence, as API v2 writes it."""

    name: str = Field(min_length=1, examples=["alertname"])
    """The label."""
    value: str = Field(examples=["accounting.duplicate_invoice"])
    """The value, or the regular expression that the whole value must match."""
    is_regex: bool = False
    """Whether it is a regular expression."""
    is_equal: bool = True
    """False: the label must not be, or match, the value."""


class Silence(Event, type="alerting.silence.changed", kind="silence", topic="alerts"):
    """The current state of one silence. Subject: `silence/<id>`. Forgotten, as a tombstone, some days after its end."""

    silence: SilenceId = Field(examples=["f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11"])
    """Its identity."""
    matchers: tuple[SilenceMatcher, ...] = Field(
        min_length=1, examples=[[{"name": "alertname", "value": "it.outage", "is_regex": False, "is_equal": True}]]
    )
    """Alerts for which all of these hold are silenced."""
    starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """From when."""
    ends_at: Instant = Field(examples=["2026-01-05T10:00:00Z"])
    """Until when; moved to the present when it is expired by hand."""
    created_by: str = Field(min_length=1, examples=["dana"])
    """Its author."""
    comment: str = Field(examples=["planned maintenance of the VPN"])
    """Why."""
    updated_at: Instant = Field(examples=["2026-01-05T07:55:00Z"])
    """When it was made or last changed."""
