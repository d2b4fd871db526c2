"""The webhook channel: Alertmanager's payload, an idempotency key, and a signature when there is a secret."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx

from consumers.notify.channels.base import Final, Transient
from schemas.notices import Notice, NoticeAlert

SIGNATURE_HEADER = "X-Backoffice-Signature"
NO_END = "0001-01-01T00:00:00Z"
"""How Alertmanager, being written in Go, says that an alert has not ended."""


class Webhook:
    """Posts to one address over one kept connection."""

    kind = "webhook"

    def __init__(
        self,
        url: str,
        secret: str | None = None,
        timeout_seconds: float = 10,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` gives seconds since the epoch, for signatures and `Retry-After` dates."""
        self._url = url
        self._secret = secret
        self._now = now
        timeout = httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, 5))
        self._client = httpx.Client(timeout=timeout, follow_redirects=False)

    def deliver(self, notice: Notice) -> None:
        body = json.dumps(payload(notice), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": quote(notice.about.id, safe="/:")}
        if self._secret is not None:
            headers[SIGNATURE_HEADER] = signature(self._secret, int(self._now()), body)
        try:
            response = self._client.post(self._url, content=body, headers=headers)
        except httpx.RequestError as error:
            # The error's own text may contain the address, which may contain a password.
            raise Transient(f"webhook: {type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise Final("webhook: the address is not valid (correct it in the configuration)") from error
        self._judge(response)

    def _judge(self, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_success:
            return
        if status == 429 or status >= 500:
            raise Transient(f"webhook: HTTP {status}", self._retry_after(response))
        if response.is_redirect:
            raise Final(f"webhook: HTTP {status}, redirected (configure the final address)")
        raise Final(f"webhook: HTTP {status} (final)")

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds, from a number or an HTTP date (RFC 9110, section 10.2.3); None when it says neither."""
        value = response.headers.get("retry-after", "")
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            date = parsedate_to_datetime(value)
        except ValueError:
            return None
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, date.timestamp() - self._now())

    def close(self) -> None:
        self._client.close()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`, so that an old request cannot be sent again."""
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


def payload(notice: Notice) -> dict[str, Any]:
    """Alertmanager's webhook payload, version 4.

    Ours adds `notificationReason` (why somebody is told now).
    """
    return {
        "version": "4",
        "groupKey": notice.group_key,
        "truncatedAlerts": notice.truncated,
        "status": notice.status,
        "receiver": notice.receiver,
        "groupLabels": notice.group_labels,
        "commonLabels": notice.common_labels,
        "commonAnnotations": notice.common_annotations,
        "externalURL": "",
        "notificationReason": notice.reason,
        "alerts": [_alert(alert) for alert in notice.alerts],
    }


def _alert(alert: NoticeAlert) -> dict[str, Any]:
    return {
        "status": alert.status,
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": _rfc3339(alert.starts_at),
        "endsAt": _rfc3339(alert.ends_at) if alert.ends_at else NO_END,
        "generatorURL": alert.generator_url,
        "fingerprint": alert.fingerprint,
    }


def _rfc3339(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
