"""Which records of a log a place on it names, and which of them are the same event."""

import json
from typing import Any

from processors.records import Record
from schemas.envelope import Evidence


def identity(record: Record) -> tuple[str, str] | None:
    """By what a record that comes again is recognised; None: it cannot be read."""
    try:
        said = json.loads(record.value or b"")
    except (ValueError, RecursionError):
        return None
    return (str(said.get("source")), str(said.get("id"))) if isinstance(said, dict) else None


def carries(record: Record, named: Evidence) -> bool:
    """Whether a record is the one that is named, or a fact of it."""
    if (record.topic, record.partition, record.offset) == (named.topic, named.partition, named.offset):
        return True
    if named.topic == record.topic or named.id.encode() not in (record.value or b""):
        return False
    try:
        said = json.loads(record.value or b"")
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and (said.get("causationid") == named.id or _names(said.get("data"), named))


def _names(value: Any, named: Evidence) -> bool:
    """Whether this place on the log is anywhere in a JSON value."""
    if isinstance(value, list):
        return any(_names(each, named) for each in value)
    if not isinstance(value, dict):
        return False
    here = (value.get("topic"), value.get("partition"), value.get("offset"), value.get("id"))
    return here == (named.topic, named.partition, named.offset, named.id) or any(
        _names(each, named) for each in value.values()
    )
