"""One line for each thing seen: when, where, about what, what happened, and the fields that tell most."""

import json
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel
from rich.text import Text

from consumers.seen import Seen
from schemas.alerts import Alert
from schemas.envelope import Event
from schemas.notices import Notice
from schemas.processing import DeadLetterHeaders as Dead
from schemas.signals import ConditionFired, ConditionResolved

STYLES = {"critical": "bold white on red", "error": "red", "warning": "yellow", "info": "cyan"}
RESOLVED = "green"
BAD = "bold magenta"

TELLING = 5
"""How many fields of an event a line shows."""


def line(seen: Seen) -> Text:
    """The line for people; colours only, so that it reads the same without."""
    text = Text(no_wrap=True)
    text.append(f"{seen.record.timestamp:%Y-%m-%d %H:%M:%S} ", style="dim")
    text.append(f"{plain(seen.topic):<18} ", style="blue")
    text.append(f"{plain(seen.subject):<24} ", style="bold")
    for part, style in _telling(seen):
        text.append(f"{plain(part)} ", style=style)
    text.rstrip()
    return text


def telling(seen: Seen) -> str:
    """What happened, without when and where."""
    return " ".join(plain(part) for part, _ in _telling(seen) if part)


def as_json(seen: Seen) -> str:
    """The record as one JSON object."""
    return json.dumps(as_row(seen), ensure_ascii=False)


def as_row(seen: Seen) -> dict[str, Any]:
    """The record as JSON has it: its place, and the event or what is wrong with it."""
    record = seen.record
    content: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp.isoformat(),
    }
    if seen.event:
        about = seen.event.about
        content["event"] = {
            "id": about.id,
            "source": about.source,
            "type": seen.type,
            "subject": about.subject,
            "time": about.time.isoformat(),
            "data": seen.event.model_dump(mode="json"),
        }
    else:
        content |= {
            "problem": seen.problem or None,
            "key": _text(record.key),
            "value": _text(record.value),
            "headers": {name: _text(value) for name, value in record.headers},
        }
    return content


def _telling(seen: Seen) -> list[tuple[str, str]]:
    match seen.event:
        case Alert() as alert:
            status = "SUPPRESSED" if alert.suppressed else alert.status.upper()
            taken = f"(taken by {alert.acknowledged_by})" if alert.acknowledged_by else ""
            return [
                (f"{status} {seen.severity}", _style(alert.status, seen.severity)),
                (alert.rule, ""),
                (alert.annotations.get("summary", ""), ""),
                (taken, "dim"),
            ]
        case Notice() as notice:
            return [
                (f"{notice.status.upper()} {seen.severity}", _style(notice.status, seen.severity)),
                (notice.summary, ""),
                (f"({notice.reason})", "dim"),
            ]
        case ConditionFired() as fired:
            style = _style("firing", fired.severity)
            return [(f"fires {fired.severity}", style), (fired.rule, ""), (fired.summary, "")]
        case ConditionResolved() as resolved:
            return [("resolves", RESOLVED), (resolved.rule, ""), (resolved.because, "")]
        case Event() as event:
            return [(seen.type, ""), (_fields(event), "dim")]
    return _unread(seen)


def _unread(seen: Seen) -> list[tuple[str, str]]:
    if seen.topic == "dead-letters":
        said = {name: _text(value) for name, value in seen.record.headers}
        came_from = f"{said.get(Dead.TOPIC)}[{said.get(Dead.PARTITION)}]@{said.get(Dead.OFFSET)}"
        return [("DEAD LETTER", BAD), (f"{came_from} {said.get(Dead.STAGE)}: {said.get(Dead.MESSAGE)}", "")]
    if seen.problem:
        place = f"[{seen.record.partition}]@{seen.record.offset}"
        return [(f"BAD RECORD {place}", BAD), (seen.problem, "")]
    return [(_text(seen.record.value) or "(removed)", "dim")]


def _style(status: str, severity: str) -> str:
    return RESOLVED if status == "resolved" else STYLES.get(severity, "")


def _fields(event: Event) -> str:
    """The first few fields that were given and are short: ids, amounts, dates."""
    given = ((name, getattr(event, name)) for name in type(event).model_fields if name in event.model_fields_set)
    shown = [f"{name}={text}" for name, value in given if (text := _short(value))]
    return " ".join(shown[:TELLING])


def _short(value: object) -> str:
    match value:
        case None | "":
            return ""
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M}"
        case Enum():
            return str(value.value)
        case BaseModel() if "__str__" not in vars(type(value)):
            return ""
        case dict() | list() | tuple() | set():
            return ""
        case float() | Decimal():
            return format(value, "g") if isinstance(value, float) else str(value)
    return text if len(text := str(value)) <= 40 else ""


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode(errors="replace")


def plain(text: str) -> str:
    """Without control characters, which could move the terminal's cursor or hide what follows."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
