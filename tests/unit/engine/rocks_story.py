"""Commits that can be told from their numbers alone, and what a shelf must hold after each: `python -m … <directory>`.

Run as a program it commits on and on, from where the directory stands, and prints each number once it is written.
"""

import sys
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from processors.agenda import EVERYTHING, Due, deadline_in
from processors.engine.rocks import RocksShelf
from processors.engine.rocks_options import Memory
from processors.row import DEADLINES, ROOT
from processors.seen import MINUTE
from processors.store import from_ms

IDENTITY = "tests/library/1"
COLLECTIONS = (ROOT, "loans", DEADLINES)
WINDOW = 20
"""Commits for which an id counts as seen: each commit is a minute of its own."""


def opened(directory: Path, **how: Any) -> RocksShelf:
    """With buffers so small that files are written and merged all the time."""
    return RocksShelf.open(directory, IDENTITY, Memory(4 * 1024 * 1024), **how)


def rows_of(n: int) -> dict[tuple[str, str, str], tuple[bytes | None, datetime | None]]:
    """What commit `n` puts and drops."""
    rng = Random(n)
    rows: dict[tuple[str, str, str], tuple[bytes | None, datetime | None]] = {}
    for _ in range(30):
        collection = rng.choice(COLLECTIONS)
        where = (f"member/{rng.randrange(60)}", collection, "" if collection == ROOT else f"book-{rng.randrange(5)}")
        value = None if rng.random() < 0.2 else _value(collection, n, rng)
        until = from_ms((n + rng.randrange(9)) * MINUTE) if collection == "loans" and rng.random() < 0.5 else None
        rows[where] = (value, until if value is not None else None)
    return rows


def _value(collection: str, n: int, rng: Random) -> bytes:
    if collection == DEADLINES:
        return b'"%s"' % from_ms((n + rng.randrange(9)) * MINUTE + rng.randrange(3)).isoformat().encode()
    return b"%d " % n + rng.randbytes(rng.randrange(4_000))


def ids_of(n: int) -> list[str]:
    return [f"/tests {n}.{i}" for i in range(10)]


def commit(shelf: RocksShelf, n: int) -> None:
    for (key, collection, entry), (value, until) in rows_of(n).items():
        shelf.put(key, collection, entry, value, until)
    shelf.seen.expire(n - WINDOW)
    for event in ids_of(n):
        shelf.seen.add(event, n)
    shelf.seen.take(n)
    shelf.commit(n)


def expected(n: int) -> dict[str, Any]:
    """What there must be after commit `n`."""
    rows: dict[tuple[str, str, str], tuple[bytes | None, datetime | None]] = {}
    for each in range(1, n + 1):
        rows |= rows_of(each)
    left = {where: row for where, row in rows.items() if row[0] is not None}
    return {
        "rows": {where: value for where, (value, _) in left.items()},
        "keys": sorted({key for key, _, _ in left}),
        "deadlines": sorted(
            deadline_in(key, entry, value or b"")
            for (key, name, entry), (value, _) in left.items()
            if name == DEADLINES
        ),
        "expiring": sorted(
            Due(until, key, True, name, entry) for (key, name, entry), (_, until) in left.items() if until is not None
        ),
        "seen": [event for each in range(1, n + 1) if each >= n - WINDOW for event in ids_of(each)],
    }


def found(shelf: RocksShelf, n: int) -> dict[str, Any]:
    """What there is, read in every way that there is to read."""
    keys = sorted(shelf.keys())
    rows = {
        (key, name, entry): shelf.get(key, name, entry)
        for key in keys
        for name in COLLECTIONS
        for entry in shelf.entries(key, name)
    }
    deadlines, expiring = (shelf.ahead(expiries, None, EVERYTHING) for expiries in (False, True))
    assert all(shelf.until(due.key, due.name, due.entry) == due.at for due in expiring)
    assert shelf.deadlines == len(deadlines)
    return {
        "rows": rows,
        "keys": keys,
        "deadlines": deadlines,
        "expiring": expiring,
        "seen": [event for each in range(1, n + 3) for event in ids_of(each) if event in shelf.seen],
    }


def main(directory: Path) -> None:
    shelf = opened(directory)
    n = shelf.position or 0
    while True:
        n += 1
        commit(shelf, n)
        print(n, flush=True)  # noqa: T201 - whoever kills this process wants to know how far it came


if __name__ == "__main__":
    main(Path(sys.argv[1]))
