"""Deadlines and expiries on disk in the order of time: the next few are read, and no more, however many there are.

`d` + instant + key + name stands for a deadline, `e` + instant + key + collection + entry for a row that expires; so
they sort as they fire. `u` + row says when a row expires, and `w` how many deadlines there are.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from rocksdict import WriteBatch

from processors.agenda import Due, deadline_in
from processors.engine.rocks_disk import Disk, after
from processors.row import DEADLINES
from processors.store import from_ms, to_ms

Put = tuple[bytes | None, datetime | None]
"""A row's value, None if it was dropped, and when it expires."""

Changes = Mapping[tuple[str, str], Mapping[str, Put]]
"""Rows put, by entry; these by collection and key."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE_EPOCH = 1 << 63
"""Added to microseconds, so that they sort as bytes also before 1970."""


class RocksTimetable:
    """Written with the rows that it is about: a batch is asked to, and `written` says that it has been."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.deadlines = int.from_bytes(disk.get(b"w") or b"")
        """How many there are on the disk."""
        self._next_deadlines = self.deadlines
        self._expiring = set(collections(disk, b"u"))
        """Collections in which a row has ever expired: elsewhere there is no instant to look for."""

    def until(self, key: str, collection: str, entry: str) -> datetime | None:
        if collection not in self._expiring:
            return None
        until = self._disk.get(b"u" + row_name(collection, key, entry))
        return None if until is None else from_ms(int.from_bytes(until, signed=True))

    def ahead(self, expiries: bool, start: Due | None) -> Iterator[Due]:
        """What there is on the disk behind `start` (None: of all), in order."""
        kind = b"e" if expiries else b"d"
        # The smallest key behind another is that key and a zero.
        rows = self._disk.scan(kind, start=_mark(start) + b"\x00" if start else b"")
        return (_due(mark) for mark, _ in rows)

    def write(self, batch: WriteBatch, put: Changes) -> None:
        """Moves what was put from where it stood. Raises ValueError for a deadline that is none."""
        self._next_deadlines = self.deadlines
        self._expiring |= {name for (name, _), rows in put.items() if any(until for _, until in rows.values())}
        self._write_deadlines(batch, put)
        self._write_expiries(batch, put)
        if self._next_deadlines != self.deadlines:
            batch.put(b"w", self._next_deadlines.to_bytes(8))

    def _write_deadlines(self, batch: WriteBatch, put: Changes) -> None:
        rows = [(key, name, row) for (c, key), found in put.items() if c == DEADLINES for name, row in found.items()]
        before = self._disk.get_many(b"r" + row_name(DEADLINES, key, name) for key, name, _ in rows)
        for (key, name, (value, _)), old in zip(rows, before, strict=True):
            self._next_deadlines += (value is not None) - (old is not None)
            _move(
                batch,
                None if old is None else deadline_in(key, name, old),
                None if value is None else deadline_in(key, name, value),
            )

    def _write_expiries(self, batch: WriteBatch, put: Changes) -> None:
        rows = [
            (key, collection, entry, until)
            for (collection, key), found in put.items()
            if collection in self._expiring
            for entry, (_, until) in found.items()
        ]
        names = [b"u" + row_name(collection, key, entry) for key, collection, entry, _ in rows]
        for (key, collection, entry, until), name, old in zip(rows, names, self._disk.get_many(names), strict=True):
            if until is not None:
                batch.put(name, to_ms(until).to_bytes(8, signed=True))
            elif old is not None:
                batch.delete(name)
            _move(
                batch,
                None if old is None else Due(from_ms(int.from_bytes(old, signed=True)), key, True, collection, entry),
                None if until is None else Due(until, key, True, collection, entry),
            )

    def written(self) -> None:
        """The batch is on the disk."""
        self.deadlines = self._next_deadlines


def dues_in(put: Changes, expiries: bool) -> Iterator[Due]:
    """What there is among rows put, in any order. Raises ValueError for a deadline that is none."""
    for (collection, key), rows in put.items():
        for entry, (value, until) in rows.items():
            if expiries and until is not None:
                yield Due(until, key, True, collection, entry)
            if not expiries and collection == DEADLINES and value is not None:
                yield deadline_in(key, entry, value)


def collections(disk: Disk, kind: bytes) -> Iterator[str]:
    """The collections of which there is a row of a kind on the disk: one look for each."""
    start = kind
    while (row := next(disk.scan(kind, start), None)) is not None:
        name = row[0][1:].partition(b"\x1f")[0]
        yield name.decode()
        start = after(kind + name + b"\x1f")


def row_name(collection: str, key: str, entry: str) -> bytes:
    """What stands behind the kind in the key of a row."""
    return f"{collection}\x1f{key}\x1f{entry}".encode()


def _move(batch: WriteBatch, old: Due | None, new: Due | None) -> None:
    if old == new:
        return
    if old is not None:
        batch.delete(_mark(old))
    if new is not None:
        batch.put(_mark(new), b"")


def _mark(due: Due) -> bytes:
    """The key of a due. A key has no control characters, so that what it ends with sorts before all that it begins."""
    instant = ((due.at - _EPOCH) // _MICROSECOND + _BEFORE_EPOCH).to_bytes(8)
    if due.expiry:
        return b"e" + instant + f"{due.key}\x1f{due.name}\x1f{due.entry}".encode()
    return b"d" + instant + f"{due.key}\x1f{due.name}".encode()


def _due(mark: bytes) -> Due:
    """The inverse of `_mark`."""
    at = _EPOCH + (int.from_bytes(mark[1:9]) - _BEFORE_EPOCH) * _MICROSECOND
    if mark[:1] == b"e":
        key, collection, entry = mark[9:].decode().split("\x1f", 2)
        return Due(at, key, True, collection, entry)
    key, name = mark[9:].decode().split("\x1f", 1)
    return Due(at, key, False, name, "")
