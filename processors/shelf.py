"""Where rows rest, encoded, between the steps that touch them: here in memory; `engine/rocks.py` keeps them on disk."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from processors.agenda import EVERYTHING, Due, Timetable, deadline_in
from processors.row import DEADLINES, ROOT
from processors.seen import MemorySeen, Seen


class Shelf(Timetable, Protocol):
    """The rows of one partition as the changelog holds them. `collection` ROOT with entry "" is a key's root row.

    `put` is seen at once by whoever asks here, and is kept for good with `commit`. As a timetable it knows the
    deadlines among the rows, and which rows expire.
    """

    @property
    def seen(self) -> Seen: ...

    def get(self, key: str, collection: str, entry: str) -> bytes | None: ...

    def entries(self, key: str, collection: str) -> Iterable[str]:
        """The entries of one collection, in any order."""

    def until(self, key: str, collection: str, entry: str) -> datetime | None:
        """When this row expires by itself."""

    def put(self, key: str, collection: str, entry: str, value: bytes | None, until: datetime | None) -> None: ...

    def keys(self) -> Iterator[str]:
        """Every key of which there is a row, each once."""

    def commit(self, position: int | None) -> None:
        """What was put stays. `position`: where the changelog is read on to find what came after it."""

    def close(self) -> None: ...


class MemoryShelf:
    """Rows in dicts. It forgets with the process, so that the changelog is read again."""

    look_ahead = EVERYTHING

    def __init__(self) -> None:
        self.seen: Seen = MemorySeen()
        self._roots: dict[str, bytes] = {}
        self._entries: dict[str, dict[str, dict[str, bytes]]] = {}
        self._until: dict[tuple[str, str, str], datetime] = {}

    def get(self, key: str, collection: str, entry: str) -> bytes | None:
        if not collection:
            return self._roots.get(key)
        rows = self._entries.get(collection, _NO_KEYS).get(key)
        return rows.get(entry) if rows else None

    def entries(self, key: str, collection: str) -> Iterable[str]:
        return self._entries.get(collection, _NO_KEYS).get(key, _NO_ROWS)

    def until(self, key: str, collection: str, entry: str) -> datetime | None:
        return self._until.get((key, collection, entry))

    def put(self, key: str, collection: str, entry: str, value: bytes | None, until: datetime | None) -> None:
        if value is None:
            self._drop(key, collection, entry)
        elif collection == ROOT:
            self._roots[key] = value
        else:
            self._entries.setdefault(collection, {}).setdefault(key, {})[entry] = value
        if until is not None and value is not None:
            self._until[key, collection, entry] = until
        elif self._until:
            self._until.pop((key, collection, entry), None)

    def _drop(self, key: str, collection: str, entry: str) -> None:
        if collection == ROOT:
            self._roots.pop(key, None)
            return
        keys = self._entries.get(collection, {})
        rows = keys.get(key, {})
        rows.pop(entry, None)
        if not rows:
            keys.pop(key, None)

    def keys(self) -> Iterator[str]:
        known = set(self._roots)
        known.update(*self._entries.values())
        known.discard("")  # the partition's own rows
        return iter(known)

    @property
    def deadlines(self) -> int:
        return sum(map(len, self._entries.get(DEADLINES, _NO_KEYS).values()))

    def ahead(self, expiries: bool, after: Due | None, most: int) -> Sequence[Due]:
        """Raises ValueError for a deadline that is none."""
        dues = self._expiries() if expiries else self._deadlines()
        found = [due for due in dues if after is None or due > after]
        return found if len(found) <= most else heapq.nsmallest(most, found)

    def _deadlines(self) -> Iterator[Due]:
        for key, rows in self._entries.get(DEADLINES, _NO_KEYS).items():
            yield from (deadline_in(key, name, value) for name, value in rows.items())

    def _expiries(self) -> Iterator[Due]:
        for (key, collection, entry), until in self._until.items():
            yield Due(until, key, True, collection, entry)

    def commit(self, position: int | None) -> None:
        """Nothing outlives the process."""

    def close(self) -> None:
        """Nothing is held open."""


_NO_ROWS: dict[str, bytes] = {}
_NO_KEYS: dict[str, dict[str, bytes]] = {}
