"""Values of a record as columns of either database take them: no zero characters, none too long for an index."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from consumers.archive.cloudevents import OURS
from schemas.codec import Headers

MOST_INDEXED = 2_000
"""Bytes of a text that an index of PostgreSQL takes, with room for what else is in the index."""


def clipped(text: str) -> str:
    """No longer than an index takes; the body has it whole."""
    if len(text) * 4 <= MOST_INDEXED:
        return text
    return text.encode("utf-8", "replace")[:MOST_INDEXED].decode(errors="ignore")


def as_text(key: bytes | None) -> tuple[str | None, bytes | None]:
    """As text, and as it was where that is not the whole of it."""
    if key is None:
        return None, None
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return None, key
    if "\x00" in text:
        return None, key
    short = clipped(text)
    return short, (None if short == text else key)


def milliseconds(value: Any) -> int | None:
    """An RFC 3339 instant, in milliseconds since the epoch."""
    try:
        at = datetime.fromisoformat(value)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return None


def as_list(headers: Headers) -> str | None:
    """`[name, text]`, or `[name, null, base64]` where it is no text; None where they are what ours always are."""
    if not headers or tuple(headers) == OURS:
        return None
    return json.dumps([_header(name, value) for name, value in headers])


def _header(name: str, value: bytes | None) -> list[str | None]:
    name = name.replace("\x00", "\ufffd")
    if value is None:
        return [name, None]
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return [name, None, base_64(value)]
    return [name, None, base_64(value)] if "\x00" in text else [name, text]


def base_64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()
