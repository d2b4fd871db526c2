"""HTTP POST for channels: which answers are delivered, final, or worth another try."""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import httpx

from consumers.notify.channels.base import Final, Transient
from consumers.notify.channels.pool import POOL
from schemas.notices import Notice
from schemas.tracing import HEADER

LONGEST_ANSWER = 4096
"""Bytes of an answer that are read. Nobody has more to say about a notice."""


class Poster:
    """Posts JSON to one address. Errors name the channel and the answer, never the address: it may hold a password."""

    def __init__(
        self,
        kind: str,
        url: str,
        timeout_seconds: float = 10,
        now: Callable[[], float] = time.time,
        reasons: Collection[str] = (),
    ) -> None:
        """`now`: seconds since the epoch, for `Retry-After` dates. `reasons`: answers that an error may repeat; any
        other might repeat what was sent."""
        self._kind = kind
        self._url = url
        self._seconds = timeout_seconds
        self._now = now
        self._reasons = reasons
        self._timeout = httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, 5))
        self._client: httpx.Client | None = POOL.borrow()

    def post(self, body: bytes, headers: Mapping[str, str] = {}) -> None:
        """Returns once the other side has taken it. Raises Transient or Final."""
        assert self._client is not None
        headers = {"Content-Type": "application/json", **headers}
        try:
            with self._client.stream(
                "POST", self._url, content=body, headers=headers, timeout=self._timeout
            ) as response:
                said = self._read(response)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Final(f"{self._kind}: the address is not valid (correct it in the configuration)") from error
        except httpx.RequestError as error:
            # The error's own text may contain the address.
            raise Transient(f"{self._kind}: {type(error).__name__}") from error
        self._judge(response, said)

    def _read(self, response: httpx.Response) -> bytes:
        """The beginning of the answer, and no more of one that does not end."""
        said = b""
        began = time.monotonic()
        for part in response.iter_bytes():
            said += part
            if len(said) >= LONGEST_ANSWER or time.monotonic() - began > self._seconds:
                break
        return said[:LONGEST_ANSWER]

    def _judge(self, response: httpx.Response, said: bytes) -> None:
        status = response.status_code
        if response.is_success:
            return
        word = said.decode(errors="replace").strip()
        why = f"{self._kind}: HTTP {status}{f' {word}' if word in self._reasons else ''}"
        if status in (408, 425, 429) or status >= 500:
            raise Transient(why, self._retry_after(response))
        if response.is_redirect:
            raise Final(f"{why}, redirected (configure the final address)")
        raise Final(f"{why} (final)")

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
        if self._client is not None:
            self._client = None
            POOL.give_back()


def idempotency_key(notice: Notice) -> str:
    """The notice's id as a header may hold it."""
    return quote(notice.about.id, safe="/:")


def trace_of(notice: Notice) -> dict[str, str]:
    """The notice's trace context under its name, where it has one, as a header or as part of what is sent."""
    return {HEADER: notice.about.traceparent} if notice.about.traceparent else {}


def headers_of(notice: Notice) -> dict[str, str]:
    """By which the other side recognises a repetition, and goes on with the trace of what led to the notice."""
    return {"Idempotency-Key": idempotency_key(notice), **trace_of(notice)}


def rfc3339(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
