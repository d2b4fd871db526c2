"""One partition of very many devices, each with a deadline, on disk and without a broker: as much as one lane keeps.

`python -m tests.chaos.devices grow <directory> <devices>` restores them, as a lane does from its changelog, and says
what an event costs at each power of ten; `reopen` opens the directory again and lets the first deadlines pass. Each
line it prints is a JSON object.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import psutil

from processors.departments.it import department
from processors.engine.rocks import RocksShelf
from processors.engine.rocks_options import MEMORY, Memory
from processors.fold import Fold
from processors.records import Output, Record
from processors.row import DEADLINES, Row, read_row_key
from processors.store import to_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.it import DeviceDeclared, HeartbeatReceived
from schemas.processing import Tick

START = datetime(2024, 1, 8, tzinfo=UTC)
INTERVAL = 86_400
"""Seconds between the heartbeats of a device: three of them later it is silent."""

BATCH = 1_000
READ = 10_000
"""Rows that are restored in one go."""

HEARD = 5_000
"""Heartbeats, of devices drawn from all there are, that the cost of an event is taken from."""

WAKES = 100
"""Milliseconds, in each of which up to ten deadlines pass, after the directory was opened again."""


class Partition:
    """A fold over a directory. Records are applied in batches, each of which is written."""

    def __init__(self, directory: Path) -> None:
        self.shelf = RocksShelf.open(directory, "tests/devices", Memory(MEMORY))
        self.fold = Fold(department, shelf=self.shelf)
        self.fold.loaded()

    def restores(self, rows: Iterable[Row]) -> None:
        """Reads rows of a changelog, and writes them."""
        more = iter(rows)
        while part := list(islice(more, READ)):
            self.fold.load(part)
            self.shelf.commit(None)
        self.fold.loaded()

    def hears(self, said: Iterable[tuple[Event, str, datetime]]) -> list[Output]:
        """Applies events about subjects at instants; returns what came out."""
        came: list[Output] = []
        events = iter(said)
        while batch := list(islice(events, BATCH)):
            for event, subject, at in batch:
                came += self._hears(event, subject, at)
            self.fold.take_changes()
            self.shelf.commit(self.fold.next_offset)
        return came

    def _hears(self, event: Event, subject: str, at: datetime) -> Sequence[Output]:
        offset = self.fold.next_offset
        value = encode(event, About(f"d{offset}", "/tests", subject, at))
        key = None if isinstance(event, Tick) else subject.encode()
        return self.fold.apply(Record(department.inbox, 0, offset, to_ms(at), key, value, HEADERS))


def rows_of(devices: Iterable[int]) -> Iterator[Row]:
    """What the changelog holds of each: all that the rules wrote for one, with other names and instants."""
    one = Fold(department)
    value = encode(DeviceDeclared(heartbeat_seconds=INTERVAL), About("d", "/tests", _name(0), START))
    one.apply(Record(department.inbox, 0, 0, to_ms(START), _name(0).encode(), value, HEADERS))
    written = [row for row in one.take_changes() if row.key.startswith(_name(0).encode())]
    for n in devices:
        name, due = _name(n).encode(), declared_at(n) + timedelta(seconds=3 * INTERVAL)
        for row in written:
            is_deadline = read_row_key(row.key)[1] == DEADLINES
            said = f'"{due.isoformat()}"'.encode() if is_deadline else row.value
            yield Row(row.key.replace(_name(0).encode(), name), said, None)


def _name(n: int) -> str:
    return f"device/{n:08}"


def declared_at(n: int) -> datetime:
    """Ten in a millisecond: so many fall due in one instant that their order counts."""
    return START + timedelta(milliseconds=n // 10)


def grow(directory: Path, devices: int) -> Iterator[dict[str, Any]]:
    partition, rng, began = Partition(directory), Random(7), time.monotonic()
    size, known = 1_000, 0
    while known < devices:
        partition.restores(rows_of(range(known, size)))
        grown = time.monotonic() - began
        known, now = size, declared_at(size)
        drawn = [_name(rng.randrange(known)) for _ in range(HEARD)]
        used, heard = time.thread_time(), time.monotonic()
        partition.hears((HeartbeatReceived(), device, now) for device in drawn)
        used, heard = time.thread_time() - used, time.monotonic() - heard
        yield {
            "devices": known,
            "seconds": round(grown, 1),
            "cpu_us_per_event": round(used / HEARD * 1e6, 1),
            "us_per_event": round(heard / HEARD * 1e6, 1),
            "waiting": partition.fold.store.agenda.waiting,
            "rss_mib": rss_mib(),
        }
        size = min(10 * size, devices)
    partition.shelf.close()


def reopen(directory: Path) -> Iterator[dict[str, Any]]:
    before, began = rss_mib(), time.monotonic()
    partition = Partition(directory)
    opened = time.monotonic() - began
    waiting, earliest = partition.fold.store.agenda.waiting, partition.fold.store.agenda.earliest
    assert earliest is not None
    wakes = [earliest + timedelta(milliseconds=n) for n in range(1, WAKES + 1)]
    came = partition.hears((Tick(partition=0), "partition/0", at) for at in wakes)
    signals = [json.loads(output.value or b"") for output in came if output.topic == "alerting"]
    fired = [(signal["data"]["due"], signal["subject"]) for signal in signals]
    yield {
        "opened_seconds": round(opened, 2),
        "waiting": waiting,
        "passed": len(fired),
        "in_order": fired == sorted(fired),
        "left": partition.fold.store.agenda.waiting,
        "rss_mib_before": before,
        "rss_mib": rss_mib(),
    }
    partition.shelf.close()


def rss_mib() -> int:
    return int(psutil.Process().memory_info().rss // 2**20)


def main(what: str, directory: str, *rest: str) -> None:
    found = grow(Path(directory), int(rest[0])) if what == "grow" else reopen(Path(directory))
    for line in found:
        print(json.dumps(line), flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
