"""Trace context: which trace of another system's a record belongs to (W3C Trace Context, level 1).

An event may bring a `traceparent`, as the CloudEvents extension of that name. Whatever follows from it carries its
trace on, each record under a span of its own, whose id is made of what the record is: the same log gives the same
spans. Nothing here begins a trace, and what is no trace context counts as none: it must not cost an event.
"""

import hashlib
import re
from collections.abc import Iterable

HEADER = "traceparent"
"""The name of the HTTP header, of the CloudEvents extension, and of the header of instrumented Kafka clients."""

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
_SAMPLED = 0x01
"""The one flag that every version has."""


def read(said: str | None) -> str | None:
    """A trace context as version 00 says it; None for what is none (sections 2.2 and 4.3 of the standard)."""
    if said is None or (found := _TRACEPARENT.fullmatch(said)) is None:
        return None
    version, trace, span, flags, more = found.groups()
    if version == "ff" or trace == _NO_TRACE or span == _NO_SPAN or (version == "00" and more is not None):
        return None
    return said if version == "00" else f"00-{trace}-{span}-{int(flags, 16) & _SAMPLED:02x}"


def brought(said: str | None, headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """The trace context that a record brings: its event's own, else the one that its sender's Kafka client wrote."""
    if (context := read(said)) is not None:
        return context
    return next((read(value.decode("latin-1")) for name, value in headers if name == HEADER and value), None)


def child(parent: str | None, source: str, id: str) -> str | None:
    """The context of what the event of this source and id is a part of: the parent's trace, and a span of its own."""
    if parent is None:
        return None
    span = hashlib.blake2b(f"{parent}\n{source}\n{id}".encode(), digest_size=8).hexdigest()
    return f"{parent[:36]}{span}{parent[52:]}"
