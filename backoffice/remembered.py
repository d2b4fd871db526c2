"""What is remembered of one key now: its latest rows, read from the changelog."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from processors.engine import changelog
from processors.engine.outbox import partition_of
from processors.fold import Fold
from processors.layout import layout_of
from processors.processor import Processor
from processors.row import ROOT, Row, read_row_key, row_key
from processors.standing import META
from processors.step import State
from schemas.topics import Space
from schemas.topics import changelog as changelog_of


@dataclass(frozen=True, slots=True)
class Remembered:
    """One key as a processor's changelog has it. `rows` are all its rows, those that today's code does not read too.

    `offset`: where its partition stands, the next of the inbox; `clock`: the time there.
    """

    processor: Processor
    partition: int
    key: str
    offset: int
    clock: datetime
    rows: tuple[Row, ...]
    state: State

    def as_json(self) -> dict[str, Any]:
        """For people: the state by its fields, and under which position of the log it is so."""
        return self._head() | {"state": plain(self.state)}

    def as_rows(self) -> dict[str, Any]:
        """As they stand on the changelog, row by row."""
        return self._head() | {"rows": [_raw(row) for row in self.rows]}

    def _head(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "processor": self.processor.name,
            "inbox": self.processor.inbox,
            "partition": self.partition,
            "next_offset": self.offset,
            "clock": self.clock.isoformat(),
        }


def plain(state: State) -> dict[str, Any]:
    """A state as JSON has it: the fields of its root row, and each collection by entry. What is empty is left out."""
    layout = layout_of(type(state))
    root = json.loads(layout.dump_root(state))
    collections = {
        name: {entry: json.loads(layout.dump_row(name, row)) for entry, row in getattr(state, name).items()}
        for name in layout.collections
    }
    return {**root, **{name: rows for name, rows in collections.items() if rows}}


def keepers(processors: Iterable[Processor], key: str) -> list[Processor]:
    """The processors that keep something under keys of this kind: one whose events are about it, and correlation."""
    kind, slash, _ = key.partition("/")
    return [p for p in processors if (kind in p.aggregates and (not slash if p.single else bool(slash)))]


def kinds(processors: Iterable[Processor]) -> list[str]:
    """What a key may begin with."""
    return sorted({kind for p in processors for kind in p.aggregates})


def remembered(bootstrap: str, space: Space, processor: Processor, partitions: int, key: str) -> Remembered | None:
    """What a processor remembers under a key, as last committed; None: nothing.

    It reads the changelog of the key's partition to its end, and keeps only the rows of this key.
    """
    partition = 0 if processor.single else partition_of(key.encode(), partitions)
    return latest(processor, partition, key, asyncio.run(_rows(bootstrap, space, processor, partition, key)))


def latest(processor: Processor, partition: int, key: str, rows: Iterable[Row]) -> Remembered | None:
    """The last of each row wins. `rows` are those of the key, in the log's order, and the partition's own."""
    last = {row.key: row for row in rows}
    own = [row for where, row in sorted(last.items()) if where != META.encode() and row.value is not None]
    if not own:
        return None
    fold = Fold(processor, partition)
    fold.restore(last.values())
    state = fold.given(fold.store.entity(key))
    return Remembered(processor, partition, key, fold.next_offset, fold.clock, tuple(own), state)


def keys(bootstrap: str, space: Space, processor: Processor, partition: int, kind: str = "") -> Iterator[str]:
    """The keys of which something is remembered in a partition, in order."""
    live: set[bytes] = set()
    for row in asyncio.run(_rows(bootstrap, space, processor, partition)):
        (live.discard if row.value is None else live.add)(row.key)
    found = {read_row_key(row)[0] for row in live if row != META.encode()}
    return iter(sorted(key for key in found if key and (not kind or key.partition("/")[0] == kind)))


async def _rows(
    bootstrap: str, space: Space, processor: Processor, partition: int, key: str | None = None
) -> list[Row]:
    """The rows of a key and the partition's own; without a key all of them, without what they say."""
    prefix = None if key is None else row_key(key, ROOT, "")[:-1]
    found: dict[bytes, Row] = {}
    async with changelog.opened(bootstrap, space.topic(changelog_of(processor.name)), partition) as log:
        async for part in log.rows():
            for row in part:
                if prefix is None:
                    found[row.key] = row._replace(value=None if row.value is None else b"")
                elif row.key == META.encode() or row.key.startswith(prefix):
                    found[row.key] = row
    return list(found.values())


def _raw(row: Row) -> dict[str, Any]:
    _, collection, entry = read_row_key(row.key)
    until = {} if row.until is None else {"until": row.until.isoformat()}
    return {"collection": collection, "entry": entry, "value": json.loads(row.value or b"null"), **until}
