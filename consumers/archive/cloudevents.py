"""What the value of a record says: a CloudEvent, other JSON, or nothing that a database takes; and why."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.codec import HEADERS, Headers

DEEPEST = 200
"""Levels of a JSON value that both databases take."""


OURS = tuple(HEADERS)
"""The headers that all records of ours have."""


class Read(NamedTuple):
    """`event`: attributes and data, none where it is no event, which `problem` explains. `body`: None for no JSON."""

    body: str | None = None
    event: Mapping[str, Any] = {}
    problem: str | None = None


def read(value: bytes | None, headers: Headers) -> Read:
    """An event of either mode; in `body` as one of structured mode."""
    if value is None:
        return Read()
    try:
        text = value.decode()
        parsed = _DECODER.decode(text)
        if (attributes := _binary(headers)) is not None:
            parsed = {**attributes, "data": parsed}
            text = json.dumps(parsed, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        return Read(problem=f"not JSON: {error}"[:500])
    if why := _unstorable(text, parsed):
        return Read(problem=why)
    if not isinstance(parsed, dict) or not all(isinstance(parsed.get(name), str) for name in ("id", "source", "type")):
        return Read(text, problem="not a CloudEvent: it has no id, source and type")
    return Read(text, parsed)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_constant)


def _binary(headers: Headers) -> dict[str, str] | None:
    """The attributes in `ce_` headers; None: it is an event of structured mode. Raises ValueError."""
    if tuple(headers) == OURS:
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
