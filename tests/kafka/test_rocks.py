"""A worker that keeps its state in RocksDB: killed under load it goes on where it stood, and reads little to do so."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from processors.engine.outbox import partition_of
from schemas.topics import Space, changelog
from tests.chaos.custom_worker import Custom, working
from tests.chaos.sender import Sender
from tests.chaos.spaces import PARTITIONS, drained, own_space, stop
from tests.chaos.valid import invoice
from tests.kafka import oracle
from tests.kafka.program import eventually, lag
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

INBOX = "events.accounting"
INVOICES = 4_000
BATCH = 100
"""Records of a transaction: small ones, so that a kill meets many of them."""


def sends_invoices(bootstrap: str, space: Space, first: int, last: int) -> None:
    sender = Sender(bootstrap)
    for n in range(first, last):
        sent = invoice(n).sent()
        assert sent.key is not None
        sender.send(space.topic(INBOX), sent.key, sent.value, sent.headers, partition_of(sent.key, PARTITIONS))
    sender.placed()


def rows_restored(log: Path) -> list[int]:
    """Rows of the changelogs that were read, at each assignment of this run in which all lanes came to be ready."""
    return [int(rows) for rows in re.findall(r"(\d+) rows of state restored", log.read_text())]


def test_killed_under_load_it_goes_on_where_it_stood(bootstrap: str, tmp_path: Path) -> None:
    space = own_space(bootstrap, "rocks")
    on_disk = Custom(space, {"store": "rocksdb", "batch_records": BATCH})
    slowly = replace(on_disk, departments=("tests.chaos.slow:accounting_everywhere",))
    sends_invoices(bootstrap, space, 0, INVOICES)
    left = INVOICES
    for n in range(3):
        with working(bootstrap, tmp_path, slowly, log=f"killed-{n}") as worker:
            before = left
            left = eventually(lambda: lag(bootstrap, space, [INBOX])[INBOX], lambda now: now < before, within=300)  # noqa: B023
            worker.kill()
    assert left > 0, "it was killed under load"
    with working(bootstrap, tmp_path, on_disk, log="last") as worker:
        drained(bootstrap, space, worker)
        stop(worker)
    assert oracle.check(bootstrap, space)["dead-letters"] == 0
    on_log = len(records(bootstrap, space.topic(changelog("accounting"))))
    read = rows_restored(tmp_path / "last.log")[0]
    assert on_log > INVOICES
    assert read < on_log / 10, f"{read} rows of {on_log} were read: more than the transactions in flight at the kill"


def test_stopped_in_good_order_it_reads_nothing_again(bootstrap: str, tmp_path: Path) -> None:
    space = own_space(bootstrap, "rocks")
    on_disk = Custom(space, {"store": "rocksdb"})
    for n in range(2):
        sends_invoices(bootstrap, space, n * 500, (n + 1) * 500)
        with working(bootstrap, tmp_path, on_disk, log=f"run-{n}") as worker:
            drained(bootstrap, space, worker)
            stop(worker)
    assert rows_restored(tmp_path / "run-1.log") == [0]
    oracle.check(bootstrap, space)


def test_another_machine_and_another_store_go_on_from_the_changelog(bootstrap: str, tmp_path: Path) -> None:
    """Partitions go from disk to memory and back to the disk that has stood still meanwhile."""
    space = own_space(bootstrap, "rocks")
    for n, store in enumerate(("rocksdb", "memory", "rocksdb")):
        sends_invoices(bootstrap, space, n * 300, (n + 1) * 300)
        with working(bootstrap, tmp_path, Custom(space, {"store": store}), log=f"run-{n}") as worker:
            drained(bootstrap, space, worker)
            stop(worker)
    in_memory, on_disk = (rows_restored(tmp_path / f"run-{n}.log")[0] for n in (1, 2))
    assert in_memory > 300
    assert 300 < on_disk < in_memory + 900
    assert not re.search("emptied", (tmp_path / "run-2.log").read_text())
    oracle.check(bootstrap, space)
