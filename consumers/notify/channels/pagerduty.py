"""The PagerDuty channel: one incident for each group, by the Events API v2.

https://developer.pagerduty.com/docs/events-api-v2/trigger-events/: 202 is taken, 400 is final, 429 and 5xx are worth
another try. The group is the key of the incident, so a notice that is sent twice changes nothing.
"""

import json
from typing import Any

from consumers.links import Links, no_links
from consumers.notify.channels.posting import Poster, headers_of, rfc3339, trace_of
from consumers.notify.templates import Text, oneline, plain, shown
from schemas.notices import Notice, NoticeAlert

EVENTS_URL = "https://events.pagerduty.com/v2/enqueue"
LONGEST_SUMMARY = 1024
"""Characters, by the API."""

LONGEST_VALUE = 1000
"""Characters of a label or annotation in an incident's details."""

LARGEST_EVENT = 512 * 1024
"""Bytes, by the API."""


class PagerDuty:
    """Triggers, acknowledges and resolves incidents of one service."""

    kind = "pagerduty"
    per_group = True

    def __init__(
        self,
        routing_key: str,
        url: str = EVENTS_URL,
        timeout_seconds: float = 10,
        title: str | None = None,
        links: Links = no_links,
    ) -> None:
        self._routing_key = routing_key
        self._title = Text(title, "summary.j2")
        self._links = links
        self._poster = Poster(self.kind, url, timeout_seconds)

    def deliver(self, notice: Notice) -> None:
        self._poster.post(self._body(notice), headers_of(notice))

    def _body(self, notice: Notice) -> bytes:
        """The event, with as many alerts as the API takes."""
        for limit in (50, 10, 1, 0):
            body = json.dumps(self._event(notice, limit), ensure_ascii=False).encode()
            if len(body) <= LARGEST_EVENT:
                break
        return body

    def _event(self, notice: Notice, limit: int) -> dict[str, Any]:
        event = {"routing_key": self._routing_key, "event_action": action(notice), "dedup_key": notice.group}
        if event["event_action"] != "trigger":
            return event
        links = [{"href": link.url, "text": link.text} for link in self._links(notice)]
        title = oneline(self._title.render(notice))[:LONGEST_SUMMARY]
        payload = incident(notice, title or notice.group, limit)
        return {**event, "payload": payload, "links": links, "client": "Backoffice"}

    def close(self) -> None:
        self._poster.close()


def action(notice: Notice) -> str:
    """What an incident is to do."""
    if notice.status == "resolved":
        return "resolve"
    return "acknowledge" if notice.acknowledged_by else "trigger"


def incident(notice: Notice, summary: str, limit: int) -> dict[str, Any]:
    """The `payload` of an event."""
    labels = notice.common_labels
    alerts, hidden = shown(notice, limit)
    said = {
        "summary": summary,
        "source": labels.get("instance") or labels.get("subject") or notice.receiver,
        "severity": notice.severity,
        "timestamp": rfc3339(notice.starts_at),
        "component": labels.get("subject"),
        "group": labels.get("department"),
        "class": labels.get("alertname"),
        "custom_details": {
            "reason": notice.reason,
            "notice": notice.about.id,
            **trace_of(notice),
            "alerts": [_details(alert) for alert in alerts],
            "more_alerts": hidden,
        },
    }
    return {name: value for name, value in said.items() if value is not None}


def _details(alert: NoticeAlert) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "status": alert.status,
        "labels": _cut(alert.labels),
        "annotations": _cut(alert.annotations),
    }


def _cut(values: dict[str, str]) -> dict[str, str]:
    return {name: str(plain(value[:LONGEST_VALUE])) for name, value in values.items()}
