"""Where rows rest, encoded, between the steps that touch them: here in memory; `engine/rocks.py` keeps them on disk."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from processors.row import ROOT
from processors.seen import MemorySeen, Seen


class Shelf(Protocol):
    """The rows of one partition as the changelog holds them. `collection` ROOT with entry "" is a key's root row.

    `put` is seen at once by whoever asks here, and is kept for good with `commit`.
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

    def every(self, collection: str) -> Iterator[tuple[str, str, bytes]]:
        """(key, entry, value) of one collection over all keys."""

    def expiring(self) -> Iterator[tuple[datetime, str, str, str]]:
        """(until, key, collection, entry) of every row that expires."""

    def commit(self, position: int | None) -> None:
        """What was put stays. `position`: where the changelog is read on to find what came after it."""

    def close(self) -> None: ...


class MemoryShelf:
    """Rows in dicts. It forgets with the process, so that the changelog is read again."""

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

    def every(self, collection: str) -> Iterator[tuple[str, str, bytes]]:
        for key, rows in self._entries.get(collection, _NO_KEYS).items():
            for entry, value in rows.items():
                yield key, entry, value

    def expiring(self) -> Iterator[tuple[datetime, str, str, str]]:
        return ((until, *where) for where, until in self._until.items())

    def commit(self, position: int | None) -> None:
        """Nothing outlives the process."""

    def close(self) -> None:
        """Nothing is held open."""


_NO_ROWS: dict[str, bytes] = {}
_NO_KEYS: dict[str, dict[str, bytes]] = {}
