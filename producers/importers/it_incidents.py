"""The incident log of a ticket system such as ServiceNow: one line per update of an incident's record.

The format is that of the "Incident management process enriched event log" (UCI, Amaral, Fantinato, Peres 2018).
Trap: the log shows `resolved_at` and `closed_at` with their final values on every line, so that a rule that read
them early would know the future. They are passed on only with the line that closes the incident.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from producers.importers.cells import UNKNOWN, BadCell, Cell, count, day_first, flag, ranked, text
from producers.importers.lines import read_lines
from producers.importers.model import Imported, Importer, Rejected
from schemas.it import IncidentUpdated

NAME = "it-incidents"
SOURCE = f"urn:backoffice:import:{NAME}"
CLOSED = "Closed"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the field it becomes. `cell` None: a date, which depends on the time zone."""

    field: str
    column: str
    cell: Cell | None = text
    required: bool = False
    final: bool = False
    """Known only from the closing line on."""


COLUMNS = (
    Column("state", "incident_state", required=True),
    Column("priority", "priority", ranked, required=True),
    Column("opened_at", "opened_at", None, required=True),
    Column("updated_at", "sys_updated_at", None, required=True),
    Column("reassignment_count", "reassignment_count", count, required=True),
    Column("reopen_count", "reopen_count", count, required=True),
    Column("modification_count", "sys_mod_count", count, required=True),
    Column("made_sla", "made_sla", flag),
    Column("category", "category"),
    Column("subcategory", "subcategory"),
    Column("location", "location"),
    Column("assignment_group", "assignment_group"),
    Column("assigned_to", "assigned_to"),
    Column("caused_by", "caused_by"),
    Column("problem", "problem_id"),
    Column("vendor", "vendor"),
    Column("resolved_at", "resolved_at", None, final=True),
    Column("closed_at", "closed_at", None, final=True),
)
_PRINTABLE = re.compile(r"[^\x00-\x1f\ud800-\udfff]{1,200}")

NUMBER = "number"
UPDATED = "sys_updated_at"
ROW = "source_row"
"""The line's number in the system it came from, where the file has one; it makes the event's id."""


def read(path: Path, start: int = 0, *, time_zone: tzinfo | None = None) -> Iterator[Imported | Rejected]:
    """See producers.importers.model.Read."""
    date = day_first(time_zone or UTC)
    latest = datetime.min.replace(tzinfo=UTC)
    for row, cells, positions in read_lines(path, (NUMBER, *(column.column for column in COLUMNS))):
        if row > start:
            yield _line(row, cells, positions, date, latest)
        latest = max(latest, _time(cells, positions, date) or latest)


def _time(cells: list[str], positions: Mapping[str, int], date: Cell) -> datetime | None:
    """When a line was written, also one that is not read again; None where it would be rejected for it."""
    if len(cells) != len(positions):
        return None
    try:
        at: datetime = date(cells[positions[UPDATED]])
    except BadCell:
        return None
    return at


def _line(
    row: int, cells: list[str], positions: Mapping[str, int], date: Cell, latest: datetime
) -> Imported | Rejected:
    if len(cells) != len(positions):
        return Rejected(row, "wrong number of columns", f"{len(cells)} instead of {len(positions)}")
    number = cells[positions[NUMBER]]
    if number in UNKNOWN:
        return Rejected(row, "missing number", NUMBER)
    if not _PRINTABLE.fullmatch(number):
        return Rejected(row, "bad number", f"{NUMBER} has control characters or is not UTF-8")
    try:
        fields = _fields(cells, positions, date)
        event = IncidentUpdated(**fields)
    except _Bad as bad:
        return Rejected(row, bad.reason, bad.column)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return Rejected(row, "not valid", f"{first['loc'][0]}: {first['msg']}")
    source_row = cells[positions[ROW]] if ROW in positions else ""
    if not source_row.isdecimal():
        source_row = str(row)
    subject = f"{IncidentUpdated.kind}/{number}"
    return Imported(row, event.updated_at, subject, f"{NAME}/{source_row}", SOURCE, event, event.updated_at < latest)


class _Bad(Exception):
    def __init__(self, reason: str, column: str) -> None:
        self.reason = reason
        self.column = column


def _fields(cells: list[str], positions: Mapping[str, int], date: Cell) -> dict[str, Any]:
    closed = cells[positions["incident_state"]] == CLOSED
    fields: dict[str, Any] = {}
    for column in COLUMNS:
        cell = cells[positions[column.column]]
        if cell in UNKNOWN:
            if column.required:
                raise _Bad(f"missing {column.column}", column.column)
        elif closed or not column.final:
            try:
                fields[column.field] = (column.cell or date)(cell)
            except BadCell as error:
                raise _Bad(error.reason, column.column) from error
    return fields


IMPORTER = Importer(
    name=NAME,
    doc="Incident log of a ticket system (ServiceNow's columns), one line per update of a record; .csv or .csv.gz",
    department="it",
    events=(IncidentUpdated,),
    read=read,
    # The log has no response times, and its own verdict on the agreed times: `made_sla`.
    rules={"it": {"sla": "reported"}},
)
