"""The disk that state lies on: full, not writable, damaged. The worker says so, and nothing is lost or comes twice."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from processors.engine.watchdog import FAILED
from schemas.topics import Space
from tests.chaos.custom_worker import Custom, working
from tests.chaos.forms import pick
from tests.chaos.sender import Sender
from tests.chaos.spaces import PARTITIONS, drained, own_space, stop
from tests.chaos.valid import invoice
from tests.kafka import oracle
from tests.small_disk import change, fill, mounted

pytestmark = pytest.mark.kafka

INBOX = "events.accounting"
INVOICES = pick(300, 3_000)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "64m") as disk:
        yield disk


def on_disk(space: Space) -> Custom:
    """A worker with its state in RocksDB, which may take little memory and so writes files all the time."""
    return Custom(space, {"store": "rocksdb", "state_memory": 16 * 1024 * 1024})


def home_on(disk: Path, tmp_path: Path) -> Path:
    """A worker's home: its data lies on the disk, its log does not."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "worker").symlink_to(disk)
    return home


def sends_invoices(bootstrap: str, space: Space, first: int, last: int) -> None:
    """With many lines, so that few of them take much room."""
    sender = Sender(bootstrap)
    for n in range(first, last):
        lines = [{"line": f"{line}", "value": {"amount": f"{n}.{line:02}"}} for line in range(100)]
        sent = invoice(n).saying(lines=lines).sent()
        sender.send(space.topic(INBOX), sent.key, sent.value, sent.headers)
    sender.placed()


def processed(bootstrap: str, space: Space, home: Path, log: str) -> str:
    """Runs a worker until it has processed everything; returns what it said."""
    with working(bootstrap, home, on_disk(space), log=log) as worker:
        drained(bootstrap, space, worker)
        stop(worker)
    return (home / f"{log}.log").read_text()


def ends(bootstrap: str, space: Space, home: Path, log: str) -> str:
    """Runs a worker that ends by itself, as one that failed; returns what it said."""
    with working(bootstrap, home, on_disk(space), log=log) as worker:
        assert worker.wait(300) == FAILED
    return (home / f"{log}.log").read_text()


def ended_within(seconds: float, worker: "subprocess.Popen[bytes]") -> bool:
    try:
        worker.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_a_full_disk_ends_the_worker_until_there_is_room(
    bootstrap: str, tmp_path: Path, small_disk: Path, report: dict[str, Any]
) -> None:
    space, home = own_space(bootstrap, "full"), home_on(small_disk, tmp_path)
    sent = INVOICES
    sends_invoices(bootstrap, space, 0, sent)
    with working(bootstrap, home, on_disk(space), log="filled") as worker:
        drained(bootstrap, space, worker)
        filled = fill(small_disk)
        while not ended_within(1, worker):  # what RocksDB has laid out already it can still fill
            sends_invoices(bootstrap, space, sent, sent + 200)
            sent += 200
        assert worker.returncode == FAILED
    report["invoices until it failed"] = sent
    for said in ((home / "filled.log").read_text(), ends(bootstrap, space, home, "still-full")):
        assert re.search(r"state directory \S+: .*No space left on device.*; make room", said)
    filled.unlink()
    change(small_disk, "size=1g")
    assert "emptied" not in processed(bootstrap, space, home, "room")
    oracle.check(bootstrap, space)


def test_a_read_only_disk_ends_the_worker_until_it_can_be_written(
    bootstrap: str, tmp_path: Path, small_disk: Path
) -> None:
    space, home = own_space(bootstrap, "read-only"), home_on(small_disk, tmp_path)
    sends_invoices(bootstrap, space, 0, INVOICES)
    change(small_disk, "size=1g")
    processed(bootstrap, space, home, "before")
    change(small_disk, "ro")
    sends_invoices(bootstrap, space, INVOICES, 2 * INVOICES)
    said = ends(bootstrap, space, home, "read-only")
    assert re.search(r"state directory \S+: .*Read-only file system.*; make room or allow writing there", said)
    change(small_disk, "rw")
    assert "emptied" not in processed(bootstrap, space, home, "writable")
    oracle.check(bootstrap, space)


@pytest.mark.parametrize("what", ["CURRENT", "*.sst"])
def test_a_damaged_directory_is_emptied_and_filled_from_the_changelog(
    bootstrap: str, tmp_path: Path, what: str
) -> None:
    space = own_space(bootstrap, "damaged")
    sends_invoices(bootstrap, space, 0, INVOICES)
    processed(bootstrap, space, tmp_path, "whole")
    garbled = [garble(file) for file in tmp_path.glob(f"worker/*/state/*/accounting/*/{what}")]
    assert len({file.parent for file in garbled}) == PARTITIONS
    sends_invoices(bootstrap, space, INVOICES, 2 * INVOICES)
    said = processed(bootstrap, space, tmp_path, "damaged")
    assert said.count("it is emptied, and the changelog read from its beginning") == PARTITIONS
    (read,) = (int(rows) for rows in re.findall(r"(\d+) rows of state restored", said))
    assert read > INVOICES, "all of the changelog was read"
    oracle.check(bootstrap, space)


def garble(file: Path) -> Path:
    """Overwrites a file with as many random bytes."""
    file.write_bytes(Random(file.name).randbytes(file.stat().st_size))
    return file
