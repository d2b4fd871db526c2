"""The shelf on disk: rows of one partition in RocksDB, for state larger than memory and restarts that read little.

What is put lies in memory until `commit`, which writes it with the changelog's position at once. Keys begin with
what they are: `r` rows, by collection; `d`, `e`, `u` and `w` what time will do to them; `s` and `c` ids seen.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby, islice
from pathlib import Path

from rocksdict import WriteBatch

from processors.agenda import Due
from processors.engine.rocks_disk import Disk
from processors.engine.rocks_options import Memory
from processors.engine.rocks_seen import RocksSeen
from processors.engine.rocks_timetable import Put, RocksTimetable, collections, dues_in, row_name
from processors.engine.state_directory import LOCK_WAIT, StateDirectory
from processors.row import DEADLINES, ROOT
from processors.seen import Seen

LOOK_AHEAD = 2_000
"""Deadlines, and expiries, read from the disk at once: in that time a thousand of them could be written."""

_NO_ROWS: dict[str, Put] = {}


@cache
def memory_of(total: int) -> Memory:
    """What all shelves of this process share, in bytes."""
    return Memory(total)


class RocksShelf:
    """A `Shelf`. Whatever goes wrong with the directory is raised as `state_directory.StateDirectory`."""

    look_ahead = LOOK_AHEAD

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
        self._put: dict[tuple[str, str], dict[str, Put]] = {}
        self._seen = RocksSeen(self._disk)
        self.seen: Seen = self._seen
        self._timetable = RocksTimetable(self._disk)

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
        return self._disk.get(b"r" + row_name(collection, key, entry))

    def entries(self, key: str, collection: str) -> Iterable[str]:
        put = self._put.get((collection, key), _NO_ROWS)
        prefix = b"r" + row_name(collection, key, "")
        kept = [name for row, _ in self._disk.scan(prefix) if (name := row[len(prefix) :].decode()) not in put]
        return kept + [entry for entry, (value, _) in put.items() if value is not None]

    def until(self, key: str, collection: str, entry: str) -> datetime | None:
        if entry in (put := self._put.get((collection, key), _NO_ROWS)):
            return put[entry][1]
        return self._timetable.until(key, collection, entry)

    def put(self, key: str, collection: str, entry: str, value: bytes | None, until: datetime | None) -> None:
        where = (collection, key)
        rows = self._put.get(where)
        if rows is None:
            rows = self._put[where] = {}
        rows[entry] = (value, None if value is None else until)

    def keys(self) -> Iterator[str]:
        touched = {key for _, key in self._put}
        found = heapq.merge(*(self._keys_of(collection) for collection in collections(self._disk, b"r")))
        yield from (key for key, _ in groupby(found) if key and key not in touched)
        yield from (key for key in touched if key and self._remains(key))

    def _keys_of(self, collection: str) -> Iterator[str]:
        rows = self._disk.scan(f"r{collection}\x1f".encode())
        for key, _ in groupby(row.split(b"\x1f", 2)[1] for row, _ in rows):
            yield key.decode()

    def _remains(self, key: str) -> bool:
        """Whether there is a row of a key, with what was put."""
        names = {ROOT, *collections(self._disk, b"r"), *(collection for collection, _ in self._put)}
        return any(self.entries(key, name) for name in names)

    @property
    def deadlines(self) -> int:
        """As of the last commit."""
        return self._timetable.deadlines

    def ahead(self, expiries: bool, after: Due | None, most: int) -> list[Due]:
        kept = (due for due in self._timetable.ahead(expiries, after) if not self._is_put(due))
        put = sorted(due for due in dues_in(self._put, expiries) if after is None or due > after)
        return list(islice(heapq.merge(kept, put), most))

    def _is_put(self, due: Due) -> bool:
        """Whether its row was put since it was written down."""
        collection, entry = (due.name, due.entry) if due.expiry else (DEADLINES, due.name)
        return entry in self._put.get((collection, due.key), _NO_ROWS)

    def commit(self, position: int | None) -> None:
        """Writes everything that was put, at once. `position` None: it has not changed. Raises StateDirectory."""
        batch = self._seen.forget(lambda part: self._disk.write(part, self.position))
        for (collection, key), rows in self._put.items():
            for entry, (value, _) in rows.items():
                _write(batch, b"r" + row_name(collection, key, entry), value)
        self._timetable.write(batch, self._put)
        self._seen.write(batch)
        self._disk.write(batch, self.position if position is None else position)
        self._timetable.written()
        self._seen.written()
        self._put.clear()

    def close(self) -> None:
        self._disk.close()


def _write(batch: WriteBatch, key: bytes, value: bytes | None) -> None:
    if value is None:
        batch.delete(key)
    else:
        batch.put(key, value)
