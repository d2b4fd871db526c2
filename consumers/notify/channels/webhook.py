"""The webhook channel: Alertmanager's payload, an idempotency key, and a signature when there is a secret."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from consumers.notify.channels.posting import Poster, headers_of, rfc3339, trace_of
from schemas.notices import Notice, NoticeAlert
from schemas.tracing import HEADER

SIGNATURE_HEADER = "X-Backoffice-Signature"
NO_END = "0001-01-01T00:00:00Z"
"""How Alertmanager, being written in Go, says that an alert has not ended."""


class Webhook:
    """Posts to one address."""

    kind = "webhook"
    per_group = False

    def __init__(
        self,
        url: str,
        secret: str | None = None,
        timeout_seconds: float = 10,
        max_alerts: int = 0,
        external_url: str = "",
        now: Callable[[], float] = time.time,
        authorization: str | None = None,
    ) -> None:
        """`max_alerts` 0: all. `authorization`: that header's value, with which we log in.

        `now` gives seconds since the epoch, for signatures and `Retry-After` dates.
        """
        self._secret = secret
        self._max_alerts = max_alerts
        self._external_url = external_url
        self._now = now
        self._login = {} if authorization is None else {"Authorization": authorization}
        self._poster = Poster(self.kind, url, timeout_seconds, now)

    def deliver(self, notice: Notice) -> None:
        body = json.dumps(payload(notice, self._max_alerts, self._external_url), ensure_ascii=False).encode()
        headers = {**headers_of(notice), **self._login}
        if self._secret is not None:
            headers[SIGNATURE_HEADER] = signature(self._secret, int(self._now()), body)
        self._poster.post(body, headers)

    def close(self) -> None:
        self._poster.close()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`, so that an old request cannot be sent again."""
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


def payload(notice: Notice, max_alerts: int = 0, external_url: str = "") -> dict[str, Any]:
    """Alertmanager's webhook payload, version 4.

    Ours adds `notificationReason` (why somebody is told now), `notices` (the ids of what it tells: its own, or
    those of the notices that were held back and come as one), and, where an event brought a trace context,
    `traceparent`, of the notice and of each alert.
    """
    told = notice.alerts[: max_alerts or None]
    return {
        "version": "4",
        "groupKey": notice.group_key,
        "truncatedAlerts": notice.truncated + len(notice.alerts) - len(told),
        "status": notice.status,
        "receiver": notice.receiver,
        "groupLabels": notice.group_labels,
        "commonLabels": notice.common_labels,
        "commonAnnotations": notice.common_annotations,
        "externalURL": external_url,
        "notificationReason": notice.reason,
        "notices": list(notice.stands_for) or [notice.about.id],
        **trace_of(notice),
        "alerts": [_alert(alert) for alert in told],
    }


def _alert(alert: NoticeAlert) -> dict[str, Any]:
    return {
        "status": alert.status,
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": rfc3339(alert.starts_at),
        "endsAt": rfc3339(alert.ends_at) if alert.ends_at else NO_END,
        "generatorURL": alert.generator_url,
        "fingerprint": alert.fingerprint,
        **({HEADER: alert.traceparent} if alert.traceparent else {}),
    }
