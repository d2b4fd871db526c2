"""Alerts, groups and silences as API v2 writes them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from consumers.api.standing import Held
from consumers.api.suppression import Status, state
from schemas.alerts import Alert, Silence


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as go-openapi writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alert(held: Held[Alert], status: Status, receivers: Sequence[str], assumed_end: datetime) -> dict[str, Any]:
    """A `gettableAlert`. Alertmanager's alerts all have an end; one that has none yet is given an assumed one."""
    event = held.event
    written: dict[str, Any] = {
        "annotations": event.annotations,
        "endsAt": stamp(event.ends_at or assumed_end),
        "fingerprint": event.fingerprint,
        "receivers": [{"name": name} for name in receivers],
        "startsAt": stamp(event.starts_at),
        "status": {
            "inhibitedBy": list(status.inhibited_by),
            "mutedBy": list(status.muted_by),
            "silencedBy": list(status.silenced_by),
            "state": "suppressed" if status.suppressed else "active",
        },
        "updatedAt": stamp(held.updated_at),
        "labels": event.labels,
    }
    return {**written, "generatorURL": event.generator_url} if event.generator_url else written


def lives(alert: Alert, at: datetime) -> bool:
    """Whether API v2 tells of it: it fires, and its end has not passed, noticed by alerting or not yet."""
    return alert.status == "firing" and (alert.ends_at is None or alert.ends_at >= at)


def silence(held: Held[Silence], at: datetime) -> dict[str, Any]:
    """A `gettableSilence`."""
    event = held.event
    return {
        "id": event.silence,
        "status": {"state": state(event, at)},
        "updatedAt": stamp(event.updated_at),
        "comment": event.comment,
        "createdBy": event.created_by,
        "endsAt": stamp(event.ends_at),
        "matchers": [
            {"isEqual": m.is_equal, "isRegex": m.is_regex, "name": m.name, "value": m.value} for m in event.matchers
        ],
        "startsAt": stamp(event.starts_at),
    }


_ORDER = ("active", "pending", "expired")


def in_order(silences: Sequence[Held[Silence]], at: datetime) -> list[Held[Silence]]:
    """Active ones that end first, then pending ones that begin first, then those that expired last."""

    def place(held: Held[Silence]) -> tuple[int, timedelta, str]:
        now = state(held.event, at)
        until = {
            "active": held.event.ends_at - at,
            "pending": held.event.starts_at - at,
            "expired": at - held.event.ends_at,
        }
        return _ORDER.index(now), until[now], held.event.silence

    return sorted(silences, key=place)
