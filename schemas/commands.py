"""What alerting is told: by people, through the command line, the API or a link in a mail; and by other programs."""

from pydantic import Field

from schemas.alerts import Fingerprint, SilenceId, SilenceMatcher
from schemas.envelope import Frozen, Instant
from schemas.signals import AlertingEvent


class Command(AlertingEvent):
    """Somebody wants something."""

    by: str = Field(min_length=1, examples=["dana"])
    """Who wants it, by their login."""


class AlertCommand(Command, kind="alert", other_kinds=("group",)):
    """About one alert, subject `alert/<fingerprint>`, or about all that fire in one group, subject `group/<id>`."""

    note: str = Field(default="", max_length=2000)
    """What they want others to know."""


class AlertAcknowledge(AlertCommand, type="alerting.alert.acknowledge"):
    """Somebody takes it: escalation stops. A second person takes it over from the first."""

    until: Instant | None = None
    """When the acknowledgement lapses and the alert climbs again; None: never."""


class AlertUnacknowledge(AlertCommand, type="alerting.alert.unacknowledge"):
    """Nobody has it any more: escalation starts anew."""


class AlertAssign(AlertCommand, type="alerting.alert.assign"):
    """These are to deal with it, instead of whoever was before. They are told."""

    to: tuple[str, ...] = Field(max_length=20, examples=[["accounting-manager"]])
    """Receivers by name; empty: nobody in particular."""


class AlertResolve(AlertCommand, type="alerting.alert.resolve"):
    """Somebody resolves it by hand; it holds until the condition has ended and begun again."""


class AlertSnooze(AlertCommand, type="alerting.alert.snooze"):
    """Nobody is told and nothing climbs until then; who is told after that is told anew."""

    until: Instant = Field(examples=["2026-01-05T12:00:00Z"])
    """Until when. In the past: not snoozed any more."""


class AlertNote(AlertCommand, type="alerting.alert.note"):
    """Somebody writes something to it."""

    note: str = Field(min_length=1, max_length=2000, examples=["the vendor was called and will answer by noon"])
    """What they write."""


class AlertMerge(AlertCommand, type="alerting.alert.merge"):
    """It is dealt with under another alert: it tells nobody and does not climb while that one fires."""

    into: Fingerprint | None = Field(examples=["04c6a1ffe29b6d10"])
    """The other alert; None: by itself again."""


class SilenceSet(Command, type="alerting.silence.set", kind="silence"):
    """A silence, new or changed. Subject: `silence/<id>`. `by` is its author."""

    silence: SilenceId = Field(examples=["f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11"])
    """Its identity."""
    matchers: tuple[SilenceMatcher, ...] = Field(
        min_length=1, examples=[[{"name": "alertname", "value": "it.outage", "is_regex": False, "is_equal": True}]]
    )
    """Alerts for which all of these hold are silenced. One of them at least must not match an empty label."""
    starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """From when."""
    ends_at: Instant = Field(examples=["2026-01-05T10:00:00Z"])
    """Until when."""
    comment: str = Field(examples=["planned maintenance of the VPN"])
    """Why."""


class SilenceExpire(Command, type="alerting.silence.expire", kind="silence"):
    """A silence ends now. Subject: `silence/<id>`."""

    silence: SilenceId = Field(examples=["f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11"])
    """Its identity."""


class PostedAlert(Frozen):
    """One alert as another program raises it (Alertmanager's API v2)."""

    labels: dict[str, str] = Field(min_length=1, examples=[{"alertname": "DiskFull", "severity": "critical"}])
    """All its labels, none of them empty: they are its identity."""
    annotations: dict[str, str] = Field(default={})
    """What it says to people."""
    starts_at: Instant = Field(examples=["2026-01-05T08:00:00Z"])
    """When it began."""
    ends_at: Instant = Field(examples=["2026-01-05T08:05:00Z"])
    """When it ended, or will have unless it is raised again before."""
    timeout: bool = False
    """Whether the end is only assumed, because the sender named none."""
    generator_url: str = ""
    """Where the sender shows more."""


class AlertsPosted(AlertingEvent, type="alerting.alerts.posted", kind="sender"):
    """Another program raises alerts, or says that they have ended. Subject: `sender/<name>`."""

    alerts: tuple[PostedAlert, ...] = Field(
        min_length=1,
        examples=[
            [
                {
                    "labels": {"alertname": "DiskFull"},
                    "starts_at": "2026-01-05T08:00:00Z",
                    "ends_at": "2026-01-05T08:05:00Z",
                }
            ]
        ],
    )
    """No more than fit into a record; a post of more is several."""
