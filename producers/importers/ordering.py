"""Bringing a log into the order of time: rows by sorting them on disk, events of sorted rows by a short wait."""

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from producers.importers.model import Imported

EARLIEST = datetime.min.replace(tzinfo=UTC)


class Row(NamedTuple):
    """One row of a file: its number from 1, and its cells."""

    number: int
    cells: list[str]


def by_time(rows: Iterable[Row], time: Callable[[list[str]], datetime | None]) -> Iterator[Row]:
    """The rows in order of time, those of one instant as in the file; rows without a time come last.

    They wait in a temporary database, so a file may be larger than memory.
    """
    with closing(sqlite3.connect("")) as database:  # "": a file of its own that vanishes
        database.execute("create table rows (at real, number integer, cells text)")
        database.executemany(
            "insert into rows values (?, ?, ?)",
            ((at.timestamp() if (at := time(row.cells)) else None, row.number, json.dumps(row.cells)) for row in rows),
        )
        for number, cells in database.execute("select number, cells from rows order by at is null, at, number"):
            yield Row(number, json.loads(cells))


class Waiting:
    """Events of rows that are in order of time, where a row may tell of something that happened later than itself.

    `of` takes a row's events and gives those that no later row can come before.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, int, Imported]] = []
        self._given = EARLIEST

    def of(self, row: int, at: datetime, events: Iterable[Imported]) -> Iterator[Imported]:
        """`at`: the row's own time."""
        for n, event in enumerate(events):
            heapq.heappush(self._heap, (event.at, row, n, event))
        while self._heap and (self._heap[0][0], self._heap[0][1]) <= (at, row):
            yield self._next()

    def rest(self) -> Iterator[Imported]:
        """What still waits when the file has ended."""
        while self._heap:
            yield self._next()

    def _next(self) -> Imported:
        event = heapq.heappop(self._heap)[-1]
        late = event.at < self._given
        self._given = max(self._given, event.at)
        return replace(event, late=True) if late else event
