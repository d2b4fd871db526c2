"""The shelf on disk: rows of one partition in RocksDB, for state larger than memory and restarts that read little.

What is put lies in memory until `commit`, which writes it with the changelog's position at once. Keys begin with
the collection, so that all deadlines lie together: `r` rows, `u` when a row expires, `s` and `c` ids seen.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path

from rocksdict import WriteBatch

from processors.engine.rocks_disk import Disk, after
from processors.engine.rocks_options import Memory
from processors.engine.rocks_seen import RocksSeen
from processors.engine.state_directory import LOCK_WAIT, StateDirectory
from processors.row import ROOT
from processors.seen import Seen
from processors.store import from_ms, to_ms

_SEPARATOR = "\x1f"
_NO_ROWS: dict[str, "_Put"] = {}
_Put = tuple[bytes | None, datetime | None]


@cache
def memory_of(total: int) -> Memory:
    """What all shelves of this process share, in bytes."""
    return Memory(total)


class RocksShelf:
    """A `Shelf`. Whatever goes wrong with the directory is raised as `state_directory.StateDirectory`."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._begin()

    @classmethod
    def open(cls, path: Path, identity: str, memory: Memory, lock_wait: float = LOCK_WAIT) -> "RocksShelf":
        """The rows in a directory, none if it is new. `identity`: whose they are; those of another one are wiped.

        Blocks while RocksDB recovers, and up to `lock_wait` seconds while another process has the directory.
        """
        disk = Disk(path, identity, memory, lock_wait)
        try:
            return cls(disk)
        except StateDirectory:
            if disk.damaged is None:
                disk.close()
                raise
        disk.wipe(disk.damaged)
        return cls(disk)

    def _begin(self) -> None:
        self._put: dict[tuple[str, str], dict[str, _Put]] = {}
        self._seen = RocksSeen(self._disk)
        self.seen: Seen = self._seen
        self._expiring = set(self._collections(b"u"))
        """Collections in which a row has ever expired: elsewhere there is no instant to take back."""

    @property
    def position(self) -> int | None:
        """Where the changelog is read on to find what came after the last commit; None: from its beginning."""
        return self._disk.position

    def outdated(self, beginning: int, end: int, delete_retention: timedelta, now: datetime) -> str | None:
        """Why this cannot be brought up to date from a changelog that holds the offsets `beginning` to `end`.

        A compacted topic forgets that a row was dropped once that is `delete_retention` ago (the topic's
        delete.retention.ms): rows that stood still longer might come back. Half of it is left for clocks that
        differ and for the time that reading takes.
        """
        position = self.position
        if position is None:
            return None
        if position > end:
            return f"it stands at {position}, and its changelog ends at {end}"
        if position < beginning:
            return f"it stands at {position}, and its changelog begins at {beginning}"
        stood = now - self._disk.written_at
        missed = end - 1 - position  # the last offset is a transaction's marker, no row
        if missed > 0 and not -delete_retention / 2 <= stood <= delete_retention / 2:
            return f"it was written {stood} ago, and the changelog says only for {delete_retention} what was dropped"
        return None

    def wipe(self, why: str) -> None:
        """Forgets everything, and says so in the log."""
        self._disk.wipe(why)
        self._begin()

    def get(self, key: str, collection: str, entry: str) -> bytes | None:
        if self._put and entry in (put := self._put.get((collection, key), _NO_ROWS)):
            return put[entry][0]
        return self._disk.get(f"r{collection}\x1f{key}\x1f{entry}".encode())

    def entries(self, key: str, collection: str) -> Iterable[str]:
        put = self._put.get((collection, key), _NO_ROWS)
        prefix = f"r{collection}\x1f{key}\x1f".encode()
        kept = [name for row, _ in self._disk.scan(prefix) if (name := row[len(prefix) :].decode()) not in put]
        return kept + [entry for entry, (value, _) in put.items() if value is not None]

    def until(self, key: str, collection: str, entry: str) -> datetime | None:
        if entry in (put := self._put.get((collection, key), _NO_ROWS)):
            return put[entry][1]
        until = self._disk.get(f"u{collection}\x1f{key}\x1f{entry}".encode()) if collection in self._expiring else None
        return None if until is None else from_ms(int.from_bytes(until))

    def put(self, key: str, collection: str, entry: str, value: bytes | None, until: datetime | None) -> None:
        where = (collection, key)
        rows = self._put.get(where)
        if rows is None:
            rows = self._put[where] = {}
        rows[entry] = (value, None if value is None else until)

    def keys(self) -> Iterator[str]:
        touched = {key for _, key in self._put}
        found = heapq.merge(*(self._keys_of(collection) for collection in self._collections(b"r")))
        yield from (key for key, _ in groupby(found) if key and key not in touched)
        yield from (key for key in touched if key and self._remains(key))

    def _keys_of(self, collection: str) -> Iterator[str]:
        rows = self._disk.scan(f"r{collection}\x1f".encode())
        for key, _ in groupby(row.split(b"\x1f", 2)[1] for row, _ in rows):
            yield key.decode()

    def _remains(self, key: str) -> bool:
        """Whether there is a row of a key, with what was put."""
        names = {ROOT, *self._collections(b"r"), *(collection for collection, _ in self._put)}
        return any(self.entries(key, name) for name in names)

    def _collections(self, kind: bytes) -> Iterator[str]:
        """The collections of which there is a row on the disk: one look for each."""
        start = kind
        while (row := next(self._disk.scan(kind, start), None)) is not None:
            name = row[0][1:].partition(b"\x1f")[0]
            yield name.decode()
            start = after(kind + name + b"\x1f")

    def every(self, collection: str) -> Iterator[tuple[str, str, bytes]]:
        put = [(key, dict(rows)) for (name, key), rows in self._put.items() if name == collection]
        changed = dict(put)
        for row, value in self._disk.scan(f"r{collection}\x1f".encode()):
            _, key, entry = row.decode().split(_SEPARATOR, 2)
            if entry not in changed.get(key, _NO_ROWS):
                yield key, entry, value
        for key, rows in put:
            yield from ((key, entry, value) for entry, (value, _) in rows.items() if value is not None)

    def expiring(self) -> Iterator[tuple[datetime, str, str, str]]:
        put = {where: dict(rows) for where, rows in self._put.items()}
        for row, ms in self._disk.scan(b"u"):
            collection, key, entry = row[1:].decode().split(_SEPARATOR, 2)
            if entry not in put.get((collection, key), _NO_ROWS):
                yield from_ms(int.from_bytes(ms)), key, collection, entry
        for (collection, key), rows in put.items():
            yield from ((until, key, collection, entry) for entry, (_, until) in rows.items() if until is not None)

    def commit(self, position: int | None) -> None:
        """Writes everything that was put, at once. `position` None: it has not changed. Raises StateDirectory."""
        batch = self._seen.forget(lambda part: self._disk.write(part, self.position))
        expiring = set(self._expiring)
        for (collection, key), rows in self._put.items():
            where = f"{collection}\x1f{key}\x1f"
            for entry, (value, until) in rows.items():
                row = f"{where}{entry}".encode()
                _write(batch, b"r" + row, value)
                if until is not None:
                    expiring.add(collection)
                    batch.put(b"u" + row, to_ms(until).to_bytes(8))
                elif collection in expiring:
                    batch.delete(b"u" + row)
        self._seen.write(batch)
        self._disk.write(batch, self.position if position is None else position)
        self._expiring = expiring
        self._seen.written()
        self._put.clear()

    def close(self) -> None:
        self._disk.close()


def _write(batch: WriteBatch, key: bytes, value: bytes | None) -> None:
    if value is None:
        batch.delete(key)
    else:
        batch.put(key, value)
