"""A RocksDB directory of one partition: opened, checked, written as a whole, emptied when it cannot be trusted.

Every write carries its own number in one of `LINKS` rows. RocksDB has checksums over what is in a file, but
none that tells that a file of its write-ahead log is gone while a later one is there: the numbers do.
"""

import json
import logging
import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakSet

from rocksdict import Rdict, ReadOptions, WriteBatch

from processors.engine.rocks_options import Memory, options
from processors.engine.state_directory import LOCK_WAIT, StateDirectory, is_outside, take

log = logging.getLogger(__name__)

FORMAT = 2
"""Grows when the layout of keys or values changes: what lies on a disk in another format is not read."""

LINKS = 1_024
"""More writes than happen between two write-ahead logs of which the older is still needed."""

_STANDING = b"m"
_LINK = b"n"
_DAMAGED = "DAMAGED"
"""The file that marks a directory in which something could not be read."""


class Standing(NamedTuple):
    """What a directory says of itself. `at`: milliseconds since the epoch; `writes`: how many there were."""

    format: int
    identity: str
    position: int | None
    at: int
    writes: int


class Disk:
    """An open directory. The first byte of a key tells what it is: `m` and `n` are this class's own."""

    def __init__(self, path: Path, identity: str, memory: Memory, lock_wait: float = LOCK_WAIT) -> None:
        """Takes the directory for this process; empties it if it is another identity's, or damaged.

        Raises StateDirectory when it cannot be written, or another process keeps it.
        """
        self.path = path
        self._identity = identity
        self._memory = memory
        self._scans: WeakSet[Any] = WeakSet()
        self._database: Rdict | None = None
        self.damaged: str | None = None
        """What could not be read, though the machine is well: only emptying the directory helps."""
        self._release = take(path, lock_wait, self)
        try:
            if why := self._marked() or self._load():
                self._start_anew(why)
        except BaseException:
            self._release()
            raise

    def _marked(self) -> str | None:
        try:
            return (self.path / _DAMAGED).read_text()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(error) from error

    def _load(self) -> str | None:
        """Opens what is there. Returns why it cannot be trusted."""
        try:
            made = options(self._memory)
            # Named for the rows, too: else they keep what RocksDB has saved, which has no shared cache, no filters.
            self._database = Rdict(str(self.path), made, {"default": made})
        except Exception as error:
            if is_outside(error):
                raise self._failed(error) from error
            return str(error)
        try:
            self._standing = self._read_standing()
        except (StateDirectory, ValueError, TypeError) as error:
            self._close()
            if isinstance(error, StateDirectory) and self.damaged is None:
                raise
            return str(error)
        return None

    def _read_standing(self) -> Standing:
        """Raises ValueError, TypeError or StateDirectory when it is not to be trusted."""
        value = self.get(_STANDING)
        if value is None:
            if next(self.scan(b""), None) is not None:
                raise ValueError("it does not say whose it is")
            return Standing(FORMAT, self._identity, None, 0, 0)
        found = Standing(**json.loads(value))
        if found.format != FORMAT:
            raise ValueError(f"it is in format {found.format}, and this program writes {FORMAT}")
        if found.identity != self._identity:
            raise ValueError(f"it belongs to {found.identity}, and this is {self._identity}")
        links = dict(self.scan(_LINK))
        for n in range(max(1, found.writes - LINKS + 1), found.writes + 1):
            if links.get(_link(n)) != n.to_bytes(8):
                raise ValueError(f"its write {n} of {found.writes} is missing")
        return found

    @property
    def position(self) -> int | None:
        """Where the changelog is read on; None: from its beginning."""
        return self._standing.position

    @property
    def written_at(self) -> datetime:
        """When, by this machine's clock, it was written last."""
        return datetime.fromtimestamp(self._standing.at / 1000, UTC)

    def _db(self) -> Rdict:
        if self._database is None:
            raise StateDirectory(self.path, "it is closed", "this is a mistake in the program")
        return self._database

    def get(self, key: bytes) -> bytes | None:
        try:
            value: bytes | None = self._db().get(key)
        except Exception as error:
            raise self._failed(error) from error
        return value

    def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        """The values of many keys, in their order, for less than one by one."""
        wanted = list(keys)
        try:
            values: list[bytes | None] = self._db().get(wanted) if wanted else []
        except Exception as error:
            raise self._failed(error) from error
        return values

    def scan(self, prefix: bytes, start: bytes = b"", end: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Each (key, value) under a prefix, in order, as of the first look. `start` and `end` (exclusive) narrow it."""
        rows = self._scan(start or prefix, end or after(prefix))
        self._scans.add(rows)
        return rows

    def _scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        within = ReadOptions()
        if end:
            within.set_iterate_upper_bound(end)
        rows = None
        try:
            rows = self._db().iter(within)
            rows.seek(start)
            while rows.valid():
                yield rows.key(), rows.value()
                rows.next()
            rows.status()  # what cannot be read looks like the end until one asks
        except Exception as error:
            raise self._failed(error) from error
        finally:
            del rows  # in the traceback of an error it would keep the directory open

    def write(self, batch: WriteBatch, position: int | None) -> None:
        """All of it or nothing, with the changelog's position. Raises StateDirectory, and nothing is written."""
        n = self._standing.writes + 1
        standing = self._standing._replace(position=position, at=time.time_ns() // 1_000_000, writes=n)
        batch.put(_link(n), n.to_bytes(8))
        batch.put(_STANDING, json.dumps(standing._asdict()).encode())
        try:
            self._db().write(batch)
        except Exception as error:
            raise self._failed(error) from error
        self._standing = standing

    def wipe(self, why: str) -> None:
        """Forgets everything, and says so in the log."""
        self._close()
        self._start_anew(why)

    def _start_anew(self, why: str) -> None:
        self.damaged = None
        log.warning("state directory %s: %s; it is emptied, and the changelog read from its beginning", self.path, why)
        try:
            shutil.rmtree(self.path)
            self.path.mkdir()
        except OSError as error:
            raise self._failed(error) from error
        if again := self._load():
            raise StateDirectory(self.path, f"RocksDB cannot use it even when empty: {again}")

    def close(self) -> None:
        """Lets the directory go."""
        self._close()
        self._release()

    def _close(self) -> None:
        for scan in list(self._scans):
            scan.close()  # one left half way would keep the directory open
        database, self._database = self._database, None
        if database is not None:
            try:
                database.close()
            except Exception as error:  # noqa: BLE001 - what could not be written out now, its log or the changelog has
                log.warning("state directory %s: not closed in good order: %s", self.path, error)

    def _failed(self, error: Exception) -> StateDirectory:
        """What to raise for it. A damaged directory is marked, so that the next start empties it."""
        if isinstance(error, StateDirectory):
            return error
        if is_outside(error):
            return StateDirectory(self.path, str(error))
        self.damaged = str(error)
        try:
            (self.path / _DAMAGED).write_text(str(error))
        except OSError as unmarked:
            return StateDirectory(self.path, f"{error}; and it cannot be marked as damaged: {unmarked}")
        return StateDirectory(self.path, str(error), "started again, the worker reads the changelog instead")


def after(prefix: bytes) -> bytes:
    """The first key behind all those with this prefix."""
    return prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else b""


def _link(n: int) -> bytes:
    return _LINK + (n % LINKS).to_bytes(2)
