"""What is shown, to take along: JSON lines, which lose nothing, or CSV, which spreadsheets open."""

import csv
import io
import json
from collections.abc import Iterable

from consumers.render import as_json, telling
from consumers.seen import Seen

COLUMNS = ("timestamp", "topic", "partition", "offset", "key", "type", "id", "source", "what", "data")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def json_lines(seen: Iterable[Seen]) -> str:
    """One object a line, as `backoffice tail -o json` writes it."""
    return "".join(f"{as_json(one)}\n" for one in seen)


def comma_separated(seen: Iterable[Seen], head: bool = True) -> str:
    """RFC 4180, with a line of names. What a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    if head:
        writer.writerow(COLUMNS)
    for one in seen:
        writer.writerow([_harmless(cell) for cell in _row(one)])
    return out.getvalue()


def _row(seen: Seen) -> list[str]:
    record, event = seen.record, seen.event
    place = [record.timestamp.isoformat(), record.topic, str(record.partition), str(record.offset)]
    key = (record.key or b"").decode(errors="replace")
    if event is None:
        return [*place, key, seen.type, "", "", telling(seen), (record.value or b"").decode(errors="replace")]
    data = json.dumps(event.model_dump(mode="json"), ensure_ascii=False)
    return [*place, key, seen.type, event.about.id, event.about.source, telling(seen), data]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
