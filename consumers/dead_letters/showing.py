"""Dead letters as plain values, for JSON and for pages."""

import json
from typing import Any

from consumers.dead_letters.dealing import Outcome
from consumers.dead_letters.letter import Letter, Summary
from consumers.dead_letters.standing import Alike, Fate


def text(raw: bytes | None) -> str | None:
    """Bytes as people read them; what is not UTF-8 is marked."""
    return None if raw is None else raw.decode(errors="replace")


def pretty(raw: bytes | None) -> str:
    """A value to be read or edited: JSON indented, anything else as it is."""
    try:
        return json.dumps(json.loads(raw or b""), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text(raw) or ""


def of_summary(letter: Summary, fate: Fate | None = None) -> dict[str, Any]:
    return {
        "letter": letter.number,
        "at": letter.at.isoformat(),
        "key": letter.key,
        "type": letter.type,
        "from": {"topic": letter.topic, "partition": letter.partition, "offset": letter.offset},
        "stage": letter.stage,
        "exception": letter.exception,
        "message": letter.message,
        "tries": letter.tries,
        "fate": str(fate) if fate else None,
    }


def of_letter(letter: Letter, fate: Fate | None = None) -> dict[str, Any]:
    return {
        **of_summary(letter.summary(), fate),
        "key": text(letter.key),
        "message": letter.message,
        "fields": list(letter.fields),
        "processor": letter.processor,
        "headers": {name: text(value) for name, value in letter.headers},
        "value": text(letter.value),
        "stacktrace": letter.stacktrace,
    }


def of_alike(alike: Alike) -> dict[str, Any]:
    return {
        "count": alike.count,
        **alike.reason._asdict(),
        "first": alike.first.isoformat(),
        "last": alike.last.isoformat(),
        "example": alike.example,
    }


def of_outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "letter": outcome.number,
        "done": not outcome.refused,
        "to": outcome.to or None,
        "tries": outcome.tries,
        "refused": outcome.refused or None,
    }
