"""JSON Schema documents of every event type: what upstream systems and other programs go by.

The committed documents in schemas/json are the reference that `compare` (schemas/compatibility.py) measures against.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.catalogue import event_types
from schemas.envelope import Event
from schemas.example import example

COMMITTED = Path(__file__).parent / "json"

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Document = dict[str, Any]


def document(cls: type[Event]) -> Document:
    """The JSON Schema of the whole CloudEvents message (structured mode) of this type, with an example.

    Unknown fields are allowed, because readers ignore them; who writes is refused them all the same.
    """
    data = cls.model_json_schema(mode="validation", ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    data.pop("description", None)
    schema: Document = {
        "$schema": DRAFT,
        "$id": cls.dataschema(),
        "title": cls.__name__,
        "description": (cls.__doc__ or "").strip(),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {**_envelope(cls), "data": data},
        "examples": [example(cls)],
    }
    if cls.topic:
        schema["x-topic"] = cls.topic
    if definitions:
        schema["$defs"] = definitions
    return schema


def documents() -> dict[str, Document]:
    """The documents of every event type of this program, by CloudEvents type. A third party's are its own to export."""
    return {name: document(cls) for name, cls in event_types(packages=("schemas",)).items()}


def rendered(schema: Mapping[str, Any]) -> str:
    """The document as it is committed: the same text on every machine."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def read_documents(folder: Path = COMMITTED) -> dict[str, Document]:
    """The documents of a folder, by CloudEvents type. Raises ValueError naming a file that is not JSON."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path.name}: not JSON: {error}; export it again") from error
    return found


def write_documents(folder: Path = COMMITTED) -> list[str]:
    """Makes the folder hold exactly the current documents; returns the names of files written or removed."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {f"{name}.json": rendered(schema) for name, schema in documents().items()}
    changed = []
    for path in sorted(folder.glob("*.json")):
        if path.name not in wanted:
            path.unlink()
            changed.append(path.name)
    for name, text in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return sorted(changed)


def _envelope(cls: type[Event]) -> Document:
    """CloudEvents 1.0 attributes as this program has them; `subject` and `time` are required here."""
    text = {"type": "string", "minLength": 1, "maxLength": 500}
    kinds = cls.kinds()
    kind = (f"({'|'.join(kinds)})" if cls.other_kinds else cls.kind) or "[a-z][a-z_]*"
    possible = " or ".join(f"{kind}/<id>" for kind in kinds or ("<kind>",))
    optional = {
        "datacontenttype": "Media type of the data; application/json when left out.",
        "causationid": "Id of the event that led to this one.",
        "correlationid": "What this event belongs to, across systems.",
        "traceparent": "W3C trace context.",
    }
    return {
        "specversion": {"const": "1.0", "description": "Version of CloudEvents."},
        "id": {**text, "description": "With `source`, identifies the event; a second one is a duplicate."},
        "source": {**text, "description": "The system that says so, a URI reference."},
        "type": {"const": cls.type, "description": "What kind of event this is."},
        "subject": {
            "type": "string",
            "pattern": rf"^{kind}/[^\u0000-\u001f]+$",
            "description": f"What it is about, {possible}; also the Kafka key.",
        },
        "time": {"type": "string", "format": "date-time", "description": "When it happened, RFC 3339 with an offset."},
        "dataschema": {"type": "string", "description": f"{cls.dataschema()} for this version."},
        **{name: {"type": "string", "description": says} for name, says in optional.items()},
    }
