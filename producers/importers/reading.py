"""An importer from a mapping: reads a file's rows, in order of time, as the events that the mapping makes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import takewhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from producers.importers.cells import BadCell
from producers.importers.compiled import ABSENT, Compiler, Maker, Value, checked
from producers.importers.mapping import Mapping as LogMapping
from producers.importers.model import Imported, Importer, Rejected
from producers.importers.ordering import EARLIEST, Row, Waiting, by_time
from producers.importers.tables import Table, opened_table
from schemas.envelope import Event


def importer(mapping: LogMapping, types: Mapping[str, type[Event]]) -> Importer:
    """The importer that a mapping describes; `types` are the event types there are. Raises UnusableMapping."""
    classes = tuple(checked(event, types, place) for place, event in enumerate(mapping.events))

    def read(path: Path, *, time_zone: tzinfo | None = None, rows: int | None = None) -> Iterator[Imported | Rejected]:
        zone = time_zone or (ZoneInfo(mapping.time_zone) if mapping.time_zone else UTC)
        with opened_table(path, mapping.columns, mapping.delimiter) as table:
            yield from _Reader.of(mapping, classes, table, zone).read(rows)

    return Importer(mapping.name, mapping.doc, tuple(dict.fromkeys(classes)), read, mapping.rules)


@dataclass(slots=True)
class _Reader:
    """One reading of one file."""

    mapping: LogMapping
    table: Table
    makers: tuple[Maker, ...]
    time: Value
    row_id: Value | None
    file: str
    latest: datetime = EARLIEST
    """The time of the latest row so far; one without a time may be taken to be of then."""

    @classmethod
    def of(cls, mapping: LogMapping, classes: tuple[type[Event], ...], table: Table, zone: tzinfo) -> "_Reader":
        compiler = Compiler(table.positions, frozenset(mapping.unknown), zone)
        makers = tuple(compiler.event(*pair) for pair in zip(mapping.events, classes, strict=True))
        time = compiler.cell(mapping.time, required=True)
        return cls(mapping, table, makers, time, compiler.text(mapping.id) if mapping.id else None, table.identity)

    def read(self, limit: int | None) -> Iterator[Imported | Rejected]:
        waiting = Waiting()
        for row in self._rows(limit):
            if (wrong := self._malformed(row)) is not None:
                yield wrong
                continue
            try:
                at = self._time(row.cells)
                events = list(self._events(row, at))
            except BadCell as bad:
                yield Rejected(row.number, bad.reason, bad.column)
                continue
            if not events and self.mapping.otherwise == "reject":
                yield Rejected(row.number, "none of the events")
            self.latest = max(self.latest, at)
            yield from waiting.of(row.number, self.latest, events)
        yield from waiting.rest()

    def _rows(self, limit: int | None) -> Iterator[Row]:
        rows = self.table.rows if limit is None else takewhile(lambda row: row.number <= limit, self.table.rows)
        if not (self.mapping.sort or self.table.grouped):
            return rows
        return by_time(rows, self._time_or_none)

    def _malformed(self, row: Row) -> Rejected | None:
        if len(row.cells) == self.table.width:
            return None
        return Rejected(row.number, "wrong number of columns", f"{len(row.cells)} instead of {self.table.width}")

    def _time(self, cells: list[str]) -> datetime:
        found: Any = self.time(cells)
        return self.latest if found == "previous" else found

    def _time_or_none(self, cells: list[str]) -> datetime | None:
        if len(cells) != self.table.width:
            return None
        try:
            found: Any = self.time(cells)
        except BadCell:
            return None
        return None if found == "previous" else found

    def _events(self, row: Row, at: datetime) -> Iterator[Imported]:
        """The events of a row, which is taken whole or not at all: raises BadCell when one cannot be read."""
        source, name = self._name(row)
        said = 0
        for maker in self.makers:
            if maker.applies(row.cells):
                found = maker.at(row.cells, at)
                id = name if not said else f"{name}/{said}"
                yield Imported(row.number, found, maker.subject(row.cells), id, source, maker.event(row.cells))
                said += 1

    def _name(self, row: Row) -> tuple[str, str]:
        """Source and id: by what tells a row apart anywhere, else by its number in this very file."""
        source = f"urn:backoffice:import:{self.mapping.name}"
        if self.row_id is not None and (said := self.row_id(row.cells)) is not ABSENT:
            return source, f"{self.mapping.name}/{said}"
        return f"{source}:{self.file}", f"{self.mapping.name}/row-{row.number}"
