"""What was released of every event type: the baseline that no later change may break.

A log keeps its records, and upstream systems change after us: what was released is sent, and stands on the log, for
good. So what was released is kept, one line per event type and version in `released.jsonl`, apart from the documents in
`schemas/json`, which follow the code. It changes only by `backoffice schemas release`.

A type that is not in it is not released yet, and may change in any way.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from schemas.catalogue import event_types
from schemas.codec import Decoder, Unreadable
from schemas.compatibility import compare
from schemas.envelope import Event
from schemas.export import Document, document

RELEASED = Path(__file__).parent / "released.jsonl"

Versions = dict[int, Document]
"""The documents of one event type, by version."""


class Breach(NamedTuple):
    """What was released of an event type and does not hold any more, in words."""

    type: str
    what: str

    def __str__(self) -> str:
        return f"{self.type}: {self.what}"


def read_released(path: Path = RELEASED) -> dict[str, Versions]:
    """What was released, by CloudEvents type; nothing without the file. Raises ValueError naming a damaged line."""
    released: dict[str, Versions] = {}
    if not path.exists():
        return released
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            schema = json.loads(line)
            name, version = _identity(schema)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name}, line {number}: not the document of an event type: {error}") from error
        released.setdefault(name, {})[version] = schema
    return released


def breaches(released: Mapping[str, Versions], types: Mapping[str, type[Event]] | None = None) -> list[Breach]:
    """Everything that was released and would not be read any more by these event types (default: this program's)."""
    known = event_types(packages=("schemas",)) if types is None else types
    return [
        Breach(name, what) for name, versions in sorted(released.items()) for what in _broken(known.get(name), versions)
    ]


def release(released: Mapping[str, Versions], types: Iterable[type[Event]]) -> dict[str, Versions]:
    """What is released with these types as they are now. Earlier versions stay: logs hold their records."""
    after = {name: dict(versions) for name, versions in released.items()}
    for cls in types:
        after.setdefault(cls.type, {})[cls.version] = document(cls)
    return after


def write_released(released: Mapping[str, Versions], path: Path = RELEASED) -> None:
    """One line for each type and version, in order, so that a difference shows which."""
    lines = [
        json.dumps(_meaning(schema), ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        for _, versions in sorted(released.items())
        for _, schema in sorted(versions.items())
    ]
    path.write_text("".join(lines), encoding="utf-8")


def _broken(cls: type[Event] | None, versions: Versions) -> Iterator[str]:
    if cls is None:
        yield "event type removed, but logs hold such events"
        return
    if cls.version < (newest := max(versions)):
        yield f"version {cls.version}, but version {newest} is released"
    if cls.version in versions:
        yield from (str(c) for c in compare(versions[cls.version], document(cls)) if c.breaking)
    for version, schema in sorted(versions.items()):
        for example in schema.get("examples", ()):
            if why := _refused(cls, example):
                yield f"an event of version {version} is not read any more: {why}"


def _refused(cls: type[Event], example: Mapping[str, Any]) -> str | None:
    """Why an event that was sent earlier cannot be read now. A schema shows no validator; reading does."""
    try:
        Decoder([cls]).decode(json.dumps(example).encode())
    except Unreadable as error:
        return str(error)
    return None


def _identity(schema: Document) -> tuple[str, int]:
    """Type and version, as its `$id` names them: `urn:backoffice:hr.employee.hired:1`."""
    name, version = schema["$id"].removeprefix("urn:backoffice:").rsplit(":", 1)
    return name, int(version)


def _meaning(schema: Any) -> Any:
    """A document without its descriptions, which anybody may put into better words."""
    if isinstance(schema, list):
        return [_meaning(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _under(key, value) for key, value in schema.items() if key not in ("$schema", "description")}


def _under(key: str, value: Any) -> Any:
    """Names of fields and values of data are nobody's description, whatever they are called."""
    if key in ("properties", "$defs"):
        return {name: _meaning(schema) for name, schema in value.items()}
    return value if key in ("examples", "default", "const", "enum") else _meaning(value)
