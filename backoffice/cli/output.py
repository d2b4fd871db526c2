"""How commands show what they found: a table for people, JSON or CSV for programs.

What a command was asked for goes to standard output and nothing else does: remarks and errors go to standard error.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from backoffice.cli.options import out
from consumers.render import plain

Row = Mapping[str, Any]

WIDE = 200
"""Columns of a table where no terminal says how wide it is."""


class Output(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="For people, or for programs: JSON, or CSV with a header.")
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` is the field of a row, and the heading of a CSV; `title` is a table's heading."""

    name: str
    title: str | None = None
    cell: Callable[[Row], str | Text] | None = None
    """What a table shows of a row, where that is not simply the field."""
    folds: bool = False
    """Whether a long text goes on in the next line. Others are never broken."""
    right: bool = False
    """Numbers."""
    hidden: bool = False
    """For programs only: a table has no room for it, or says it in another column."""

    def shown(self, row: Row) -> str | Text:
        return self.cell(row) if self.cell else plain(_text(row.get(self.name)))


Columns = Sequence[Column | str]


def show(rows: Iterable[Row], columns: Columns, output: Output, nothing: str = "") -> None:
    """Rows as a table of these columns, a JSON array of whole rows, or CSV of these columns.

    `nothing` is what people read where there are no rows; programs get an empty array, or a header alone.
    """
    found = list(rows)
    chosen = [column if isinstance(column, Column) else Column(column) for column in columns]
    match output:
        case Output.json:
            document(found)
        case Output.csv:
            csv_rows(([row.get(column.name) for column in chosen] for row in found), [c.name for c in chosen])
        case Output.table if found:
            out.print(_table(found, [column for column in chosen if not column.hidden]))
        case Output.table if nothing:
            out.print(nothing)


def show_one(thing: Row, output: Output, people: Callable[[], None]) -> None:
    """One thing: as `people` prints it, as one JSON object, or as CSV with a line for each field."""
    match output:
        case Output.json:
            document(thing)
        case Output.csv:
            csv_rows(thing.items(), ["field", "value"])
        case Output.table:
            people()


def stream(rows: Iterable[Row], columns: Sequence[str], output: Output, people: Callable[[Row], None]) -> None:
    """What comes one after the other, perhaps for ever: a line each, as people read it, as JSON, or as CSV."""
    if output is Output.csv:
        csv_rows(([row.get(column) for column in columns] for row in rows), columns)
        return
    for row in rows:
        if output is Output.json:
            written(f"{_json(row)}\n")
        else:
            people(row)


def document(thing: object) -> None:
    """One JSON document: indented where somebody reads it on a terminal."""
    written(f"{_json(thing, indent=2 if out.is_terminal else None)}\n")


def csv_rows(rows: Iterable[Iterable[Any]], header: Sequence[str]) -> None:
    """CSV as RFC 4180 has it, but with plain line feeds. Lists are joined by commas; what is nested more is JSON."""
    for row in chain([header], ([_flat_text(value) for value in row] for row in rows)):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        written(line.getvalue())


def written(text: str) -> None:
    """Text as it is, which a console for people would wrap and expand."""
    try:
        out.file.write(text)
        out.file.flush()
    except BrokenPipeError:
        out.on_broken_pipe()


def _table(rows: Sequence[Row], columns: Sequence[Column]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        heading = column.name.replace("_", " ") if column.title is None else column.title
        table.add_column(
            heading,
            no_wrap=not column.folds,
            overflow="fold" if column.folds else "ellipsis",
            justify="right" if column.right else "left",
        )
    for row in rows:
        table.add_row(*(column.shown(row) for column in columns))
    if not out.is_terminal:
        out.width = max(out.width, WIDE)
    return table


def _json(thing: object, indent: int | None = None) -> str:
    return json.dumps(thing, ensure_ascii=False, indent=indent, default=as_json)


def as_json(value: object) -> object:
    """What JSON does not know itself: instants, amounts of money, sets and our own models."""
    match value:
        case BaseModel():
            return value.model_dump(mode="json")
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case set() | frozenset():
            return sorted(value, key=str)
        case Mapping():
            return dict(value)
    return str(value)


def stamp(at: datetime) -> str:
    """RFC 3339, `Z` for UTC."""
    return at.isoformat().replace("+00:00", "Z")


def _text(value: object) -> str:
    """A field as a table shows it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case list() | tuple() | set() | frozenset():
            return ", ".join(_text(one) for one in value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.1f}"
    return str(value)


def _flat_text(value: object) -> str:
    """A field as a CSV has it."""
    match value:
        case None:
            return ""
        case str():
            return str(value)
        case bool():
            return "true" if value else "false"
        case datetime():
            return stamp(value)
        case list() | tuple() | set() | frozenset() if all(isinstance(one, str | int | float) for one in value):
            return ",".join(str(one) for one in value)
        case Mapping() | list() | tuple() | BaseModel():
            return _json(value)
    return str(value)
