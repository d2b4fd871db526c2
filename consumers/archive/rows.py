"""From a record of the log to a row of the archive. Nothing is lost: what cannot be read is kept as it was."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from consumers.archive import cloudevents
from consumers.archive.columns import as_list, as_text, base_64, clipped, milliseconds
from consumers.archive.tables import (
    ALERT_STATES,
    AUDIT,
    DEAD_LETTERS,
    EVENTS,
    FACTS,
    INBOX,
    LOGS,
    NOTICES,
    number,
)
from consumers.archive.words import words
from consumers.partition import Stood
from schemas.codec import Headers
from schemas.processing import DeadLetterHeaders as H

TABLE_OF = {
    "facts": FACTS,
    "alerting": INBOX,
    "alerts": ALERT_STATES,
    "notices": NOTICES,
    "dead-letters": DEAD_LETTERS,
    "audit": AUDIT,
}

COLUMNS = tuple(column.name for column in LOGS[EVENTS].columns)
"""Those of every log table, in their order, which is that of `Row.values`."""


class Row(NamedTuple):
    """A row, and what other tables want to know of it."""

    table: str
    values: tuple[Any, ...]
    number: int
    timestamp: int
    key: str | None
    type: str
    """'' where it is no event."""
    subject: str
    data: Mapping[str, Any] | None
    """The event's data; None for a tombstone and what is no event."""
    department: str
    rule: str
    gone: bool
    """A tombstone: its key is no more."""


def table_of(topic: str) -> str | None:
    """The table for the records of a topic (without its space); None: they are not archived."""
    return EVENTS if topic.startswith("events.") else TABLE_OF.get(topic)


def row(stood: Stood, topic_id: int, topic: str) -> Row:
    """`topic`: its name without the space, one that `table_of` knows."""
    table = table_of(topic)
    assert table is not None, topic
    read = cloudevents.read(stood.value, stood.headers)
    event = read.event
    data = event.get("data")
    data = data if isinstance(data, dict) else None
    type, subject = _text(event, "type"), _text(event, "subject")
    department, rule, about = _labels(table, topic, data or {})
    problem: str | None = read.problem
    more: tuple[str | None, ...] = ()
    if table == DEAD_LETTERS:
        department, about, problem = _buried(stood.headers)
        more = (problem,)
    key, raw_key = as_text(stood.key)
    where = number(topic_id, stood.partition, stood.offset)
    values = (
        where,
        stood.timestamp,
        topic_id,
        stood.partition,
        stood.offset,
        key,
        type or None,
        _text(event, "source") or None,
        _text(event, "id") or None,
        subject or None,
        milliseconds(event.get("time")),
        department or None,
        rule or None,
        about or None,
        read.body,
        as_list(stood.headers),
        stood.value if read.body is None else None,
        raw_key,
        problem,
        " ".join(words((subject, data, *more))),
    )
    return Row(
        table,
        values,
        where,
        stood.timestamp,
        key,
        type,
        subject,
        data if type else None,
        department,
        rule,
        stood.value is None,
    )


def kept_raw(made: Row, stood: Stood, why: str) -> Row:
    """The same record for a database that refused the row: as it was, with nothing taken out of it."""
    known = dict(zip(COLUMNS, made.values, strict=True))
    plain = dict.fromkeys(COLUMNS) | {
        name: known[name] for name in ("number", "timestamp", "topic", "partition", "offset")
    }
    headers = json.dumps([[name, None, base_64(value)] for name, value in stood.headers])
    plain |= {"raw": stood.value, "raw_key": stood.key, "headers": headers, "words": "", "problem": why}
    return made._replace(values=tuple(plain.values()), key=None, type="", subject="", data=None, department="", rule="")


def _labels(table: str, topic: str, data: Mapping[str, Any]) -> tuple[str, str, str]:
    """Department, rule, and what it is about."""
    if table == EVENTS:
        return topic.removeprefix("events."), "", ""
    if table == FACTS:
        return "", "", ""
    rule = _text(data, "rule")
    match table:
        case "alert_states":
            return _text(_map(data, "labels"), "department"), rule, _text(data, "subject")
        case "notices":
            return _text(_map(data, "common_labels"), "department"), "", f"group/{_text(data, 'group')}"
        case "audit":
            return "", "", _text(data, "on")
    return rule.partition(".")[0], rule, ""


def _buried(headers: Headers) -> tuple[str, str, str | None]:
    """Of a dead letter: whose it was, where it stood, and why it is dead."""
    found = {name: (value or b"").decode(errors="replace").replace("\x00", "\ufffd") for name, value in headers}
    where = "/".join(found.get(name, "?") for name in (H.TOPIC, H.PARTITION, H.OFFSET))
    why = f"{found.get(H.STAGE, '')}: {found.get(H.MESSAGE, '')}"
    return clipped(found.get(H.CLASS, "")), clipped(where), why[:2_000]


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return clipped(value) if isinstance(value, str) else ""


def _map(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}
