"""Ids of events seen, on disk: a look-up asks bloom filters in memory first, so that a new id costs no reading.

`s` + digest of an id holds the minute in which it was seen; `c` + minute + name is a chunk as on the changelog,
which tells what to forget together. An id counts as seen until its minute lies before the horizon.
"""

import json
from collections.abc import Callable
from hashlib import blake2b
from itertools import islice

from rocksdict import WriteBatch

from processors.engine.rocks_disk import Disk
from processors.seen import parts, read_chunk

DIGEST_BYTES = 16
"""Of 10 million ids, two that share a digest come with a probability of 10^-25."""

FORGET_AT_ONCE = 4 * 1024 * 1024
"""Bytes of what is forgotten in one write."""

_MINUTE_BYTES = 8


class RocksSeen:
    """A `Seen`. What is new waits in memory for `take`, and what was taken for the shelf's commit."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._new: dict[str, int] = {}
        self._taken: dict[str, int] = {}
        self._chunks: dict[bytes, bytes | None] = {}
        """Chunks taken and not yet written; None: it goes."""
        self._horizon = self._kept_horizon = 0
        first = next(disk.scan(b"c"), None)
        self._earliest = None if first is None else _minute(first[0])
        """No id is of an earlier minute."""

    def __contains__(self, event: str) -> bool:
        minute = self._new.get(event)
        if minute is None:
            minute = self._taken.get(event)
        if minute is None:
            found = self._disk.get(_digest(event))
            minute = -1 if found is None else int.from_bytes(found)
        return minute >= self._horizon

    def add(self, event: str, minute: int) -> None:
        self._new[event] = minute
        if self._earliest is None or minute < self._earliest:
            self._earliest = minute

    def expire(self, before: int) -> None:
        if self._earliest is not None and self._earliest < before:
            self._horizon = max(self._horizon, before)

    def forget_new(self) -> None:
        self._new.clear()
        self._horizon = self._kept_horizon

    def take(self, stamp: int) -> list[tuple[str, bytes | None]]:
        taken: list[tuple[str, bytes | None]] = []
        if self._horizon > self._kept_horizon:
            taken += [(_entry(chunk), None) for chunk in self._forget()]
        minutes: dict[int, list[str]] = {}
        for event, minute in self._new.items():
            if minute >= self._horizon:
                minutes.setdefault(minute, []).append(event)
                self._taken[event] = minute
        for minute, events in minutes.items():
            for n, part in enumerate(parts(events)):
                entry = f"{minute}.{stamp}.{n}"
                value = json.dumps(part, separators=(",", ":")).encode()
                self._chunks[_chunk(minute, entry)] = value
                taken.append((entry, value))
        self._new.clear()
        return taken

    def _forget(self) -> list[bytes]:
        """The chunks before the horizon, marked to go."""
        self._kept_horizon = self._horizon
        first, end = (_chunk(minute, "") for minute in (self._earliest or 0, self._horizon))
        # From the earliest on: what was forgotten before lies in front of it until RocksDB has tidied up.
        on_disk = (chunk for chunk, _ in self._disk.scan(b"c", first, end) if chunk not in self._chunks)
        gone = [*on_disk, *(chunk for chunk, value in self._chunks.items() if chunk < end and value is not None)]
        self._chunks.update(dict.fromkeys(gone))
        self._taken = {event: minute for event, minute in self._taken.items() if minute >= self._horizon}
        left = [_minute(chunk) for chunk, _ in islice(self._disk.scan(b"c", end), 1)]
        left += [*self._taken.values(), *(minute for minute in self._new.values() if minute >= self._horizon)]
        self._earliest = min(left, default=None)
        return gone

    def load(self, entry: str, value: bytes | None) -> None:
        minute = int(entry.partition(".")[0])
        if not 0 <= minute < 1 << (8 * _MINUTE_BYTES):
            raise ValueError(f"there is no minute {minute}")
        if value is not None:
            self._taken.update(dict.fromkeys(read_chunk(value), minute))
            self._earliest = minute if self._earliest is None else min(minute, self._earliest)
        else:
            loaded = self._chunks.get(_chunk(minute, entry))
            for event in read_chunk(loaded) if loaded else ():
                if self._taken.get(event) == minute:
                    del self._taken[event]
        self._chunks[_chunk(minute, entry)] = value

    # What only the shelf's commit does.

    def forget(self, write: Callable[[WriteBatch], None]) -> WriteBatch:
        """A batch that begins with what goes, as ids that go may be new again.

        After a long rest a week of ids goes in one transaction: then all but the last part is written at once.
        A crash after that does no harm, as the changelog has that transaction already.
        """
        batch = WriteBatch(raw_mode=True)
        for chunk in [chunk for chunk, value in self._chunks.items() if value is None]:
            if batch.size_in_bytes() > FORGET_AT_ONCE:
                write(batch)
                batch = WriteBatch(raw_mode=True)
            if (stored := self._disk.get(chunk)) is not None:
                for event in read_chunk(stored):
                    batch.delete(_digest(event))
                batch.delete(chunk)
        return batch

    def write(self, batch: WriteBatch) -> None:
        """What was taken or loaded, into the shelf's batch."""
        for chunk, value in self._chunks.items():
            if value is not None:
                batch.put(chunk, value)
        for event, minute in self._taken.items():
            batch.put(_digest(event), minute.to_bytes(_MINUTE_BYTES))

    def written(self) -> None:
        """The batch is on the disk."""
        self._chunks.clear()
        self._taken.clear()


def _digest(event: str) -> bytes:
    return b"s" + blake2b(event.encode(), digest_size=DIGEST_BYTES).digest()


def _chunk(minute: int, entry: str) -> bytes:
    return b"c" + minute.to_bytes(_MINUTE_BYTES) + entry.encode()


def _minute(chunk: bytes) -> int:
    return int.from_bytes(chunk[1 : 1 + _MINUTE_BYTES])


def _entry(chunk: bytes) -> str:
    return chunk[1 + _MINUTE_BYTES :].decode()
