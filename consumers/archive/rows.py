"""From a record of the log to a row of the archive. Nothing is lost: what cannot be read is kept as it was."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

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
from schemas.codec import HEADERS, Headers
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

DEEPEST = 200
"""Levels of a JSON value that both databases take."""

MOST_INDEXED = 2_000
"""Bytes of a text that an index of PostgreSQL takes, with room for what else is in the index."""

_OURS = tuple(HEADERS)


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


class _Event(NamedTuple):
    """What a value says. `problem` tells why it is no event; `body` is None where it is not even JSON."""

    body: str | None = None
    said: Mapping[str, Any] = {}
    problem: str | None = None


def table_of(topic: str) -> str | None:
    """The table for the records of a topic (without its space); None: they are not archived."""
    return EVENTS if topic.startswith("events.") else TABLE_OF.get(topic)


def row(stood: Stood, topic_id: int, topic: str) -> Row:
    """`topic`: its name without the space, one that `table_of` knows."""
    table = table_of(topic)
    assert table is not None, topic
    event = _event(stood.value, stood.headers)
    said = event.said
    data = said.get("data")
    data = data if isinstance(data, dict) else None
    type, subject = _text(said, "type"), _text(said, "subject")
    department, rule, about = _labels(table, topic, data or {})
    problem: str | None = event.problem
    more: tuple[str | None, ...] = ()
    if table == DEAD_LETTERS:
        department, about, problem = _buried(stood.headers)
        more = (problem,)
    key, raw_key = _key(stood.key)
    where = number(topic_id, stood.partition, stood.offset)
    values = (
        where,
        stood.timestamp,
        topic_id,
        stood.partition,
        stood.offset,
        key,
        type or None,
        _text(said, "source") or None,
        _text(said, "id") or None,
        subject or None,
        _time(said.get("time")),
        department or None,
        rule or None,
        about or None,
        event.body,
        _headers(stood.headers),
        stood.value if event.body is None else None,
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
    headers = json.dumps([[name, None, _base64(value)] for name, value in stood.headers])
    plain |= {"raw": stood.value, "raw_key": stood.key, "headers": headers, "words": "", "problem": why}
    return made._replace(values=tuple(plain.values()), key=None, type="", subject="", data=None, department="", rule="")


def _event(value: bytes | None, headers: Headers) -> _Event:
    if value is None:
        return _Event()
    try:
        text = value.decode()
        parsed = _DECODER.decode(text)
        if (attributes := _binary(headers)) is not None:
            parsed = {**attributes, "data": parsed}
            text = json.dumps(parsed, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        return _Event(problem=f"not JSON: {error}"[:500])
    if why := _unstorable(text, parsed):
        return _Event(problem=why)
    if not isinstance(parsed, dict) or not all(isinstance(parsed.get(name), str) for name in ("id", "source", "type")):
        return _Event(text, problem="not a CloudEvent: it has no id, source and type")
    return _Event(text, parsed)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_constant)


def _binary(headers: Headers) -> dict[str, str] | None:
    """The attributes in `ce_` headers; None: it is an event of structured mode. Raises ValueError."""
    if tuple(headers) == _OURS:
        return None
    named = {name.lower(): value or b"" for name, value in headers}
    if named.get("content-type", b"").lower().startswith(b"application/cloudevents"):
        return None
    found = {name[3:]: value.decode() for name, value in named.items() if name.startswith("ce_")}
    return found or None


def _unstorable(text: str, parsed: Any) -> str | None:
    """Why a database would not take what Python could read."""
    if "\\u" in text:
        written = json.dumps(parsed, ensure_ascii=False)
        if "\\u0000" in written or any("\ud800" <= letter <= "\udfff" for letter in written):
            return "not JSON that a database takes: a zero character, or half of a surrogate pair"
    if text.count("[") + text.count("{") > DEEPEST and _depth(parsed) > DEEPEST:
        return f"not JSON that a database takes: more than {DEEPEST} levels deep"
    return None


def _depth(parsed: Any) -> int:
    deepest, waiting = 0, [(parsed, 1)]
    while waiting:
        value, level = waiting.pop()
        if isinstance(value, dict | list):
            deepest = max(deepest, level)
            inner = value.values() if isinstance(value, dict) else value
            waiting.extend((one, level + 1) for one in inner)
    return deepest


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
    return _clipped(found.get(H.CLASS, "")), _clipped(where), why[:2_000]


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return _clipped(value) if isinstance(value, str) else ""


def _map(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _clipped(text: str) -> str:
    """No longer than an index takes; the body has it whole."""
    if len(text) * 4 <= MOST_INDEXED:
        return text
    return text.encode("utf-8", "replace")[:MOST_INDEXED].decode(errors="ignore")


def _key(key: bytes | None) -> tuple[str | None, bytes | None]:
    if key is None:
        return None, None
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return None, key
    if "\x00" in text:
        return None, key
    clipped = _clipped(text)
    return clipped, (None if clipped == text else key)


def _time(value: Any) -> int | None:
    """An RFC 3339 instant, in milliseconds since the epoch."""
    try:
        at = datetime.fromisoformat(value)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return None


def _headers(headers: Headers) -> str | None:
    """`[name, text]`, or `[name, null, base64]` where it is no text; None where they are what ours always are."""
    if not headers or tuple(headers) == _OURS:
        return None
    return json.dumps([_header(name, value) for name, value in headers])


def _header(name: str, value: bytes | None) -> list[str | None]:
    name = name.replace("\x00", "\ufffd")
    if value is None:
        return [name, None]
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return [name, None, _base64(value)]
    return [name, None, _base64(value)] if "\x00" in text else [name, text]


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()
