"""State restored from its changelog: killed in the middle of it, and a changelog that holds what is not ours."""

import random
import time
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from infra.admin import admin
from processors.row import ROOT, row_key
from producers.client import Client
from schemas.accounting import InvoiceReceived
from schemas.topics import Space, changelog
from tests.chaos.fleet import Fleet
from tests.chaos.forms import pick
from tests.chaos.load import PATIENCE, Load
from tests.chaos.verdict import judge
from tests.chaos.watch import Watch
from tests.happenings import example
from tests.kafka import oracle
from tests.kafka.program import eventually
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

INVOICES = pick(short=3_000, long=80_000)
KILLS = pick(short=2, long=6)
"""Workers killed while they restore, one after another."""

VENDORS = 40
"""Of whom some are in every partition."""

READY = "rows of state restored"
"""What a worker logs when it has restored all it was assigned."""


def invoices(bootstrap: str, space: Space, count: int) -> None:
    """An invoice each of so many vendors: several rows of state each."""
    with Client(bootstrap, space, send_timeout=300, delivery_timeout=300) as client:
        for n in range(count):
            event = example(InvoiceReceived, invoice=f"B-{n}", number=f"B-{n}")
            client.send(event, f"vendor/b{n}", source="/tests/restoring", id=f"b-{n}")


def members(bootstrap: str, space: Space) -> set[str]:
    """The members of the group that have partitions."""
    with admin(bootstrap) as cluster:
        (group,) = cluster.describe_groups([space.group]).values()
    return {member["member_id"] for member in group["members"] if member["member_assignment"]}


def test_workers_are_killed_one_after_another_while_they_restore(
    bootstrap: str, live: Space, tmp_path: Path, report: dict[str, Any]
) -> None:
    rng = random.Random(54)
    hits, tries = 0, 0
    with Fleet(bootstrap, tmp_path, live) as fleet:
        invoices(bootstrap, live, INVOICES)
        fleet.settle()
        rows = len(records(bootstrap, live.topic(changelog("accounting"))))
        with Load(bootstrap, live) as load:
            while hits < KILLS:
                tries += 1
                before = members(bootstrap, live)
                worker = fleet.start()
                eventually(lambda known=before: members(bootstrap, live) - known, bool, PATIENCE)  # type: ignore[misc]
                load.goes_on(rng.randrange(1, 60))
                worker.kill()
                hits += READY not in worker.said()
                assert tries < 10 * KILLS, "the restore is over before anybody can be killed in it"
            with Watch(bootstrap, live) as watch:
                began = time.time()
                last = fleet.start()
                restored = watch.next_output(began)
        fleet.settle()
    assert READY in last.said()
    report |= judge(bootstrap, live, load)
    report |= {"changelog_rows": rows, "killed_in_restore": hits, "output_after_start_seconds": round(restored, 2)}


FOREIGN = {
    "key that is no text": (b"\xff", b"x", repr(b"\xff")),
    "row of another processor": (row_key("planet/mars", "", ""), b"{}", repr(row_key("planet/mars", "", ""))),
    "key of another program": (b'{"customer": 7}', b"{}", '{"customer": 7}'),
    "deadline that is no JSON": (row_key("vendor/v1", "deadlines", "x"), b"not JSON", "deadline 'x' of vendor/v1"),
    "place that is no JSON": (b"", b"not JSON", "the row b''"),
}
"""Key, value, and how the worker names it. Without a key there is none: a compacted topic takes no such record."""


@pytest.mark.parametrize("kind", pick(short=list(FOREIGN)[:2], long=list(FOREIGN)))
def test_a_foreign_record_in_a_changelog_stops_the_worker_before_it_processes(
    bootstrap: str, live: Space, tmp_path: Path, kind: str
) -> None:
    key, value, words = FOREIGN[kind]
    with Fleet(bootstrap, tmp_path, live) as fleet:
        processed(bootstrap, live, fleet)
        written(bootstrap, live, key, value)
        said = refused(bootstrap, live, fleet)
    assert words in said, said[-2000:]


def test_a_row_that_cannot_be_read_stops_the_worker_that_touches_it_until_it_is_mended(
    bootstrap: str, live: Space, tmp_path: Path
) -> None:
    """Nobody decodes a row before a record wants it."""
    with Fleet(bootstrap, tmp_path, live) as fleet:
        processed(bootstrap, live, fleet)
        roots = {row_key(f"vendor/b{n}", ROOT, ""): f"vendor/b{n}" for n in range(VENDORS)}
        rows = records(bootstrap, live.topic(changelog("accounting")))
        spoilt = next(row for row in reversed(rows) if row.partition == 0 and row.key in roots)
        assert spoilt.key is not None
        written(bootstrap, live, spoilt.key, b"not JSON")
        said = refused(bootstrap, live, fleet)
        assert f"the root row of {roots[spoilt.key]} does not fit its state" in said, said[-2000:]
        written(bootstrap, live, spoilt.key, spoilt.value)
        fleet.settle()
    outputs = oracle.check(bootstrap, live)
    assert outputs["alerting"] >= VENDORS, "each vendor's second invoice of a number is told"


def processed(bootstrap: str, space: Space, fleet: Fleet) -> None:
    """An invoice of each vendor, and nothing left to do."""
    invoices(bootstrap, space, VENDORS)
    fleet.settle()
    oracle.check(bootstrap, space)


def written(bootstrap: str, space: Space, key: bytes, value: bytes | None) -> None:
    """By somebody else, on the changelog of accounting's first partition."""
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","))
    producer.send(space.topic(changelog("accounting")), key=key, value=value, partition=0).get(timeout=30)
    producer.close()


def refused(bootstrap: str, space: Space, fleet: Fleet) -> str:
    """A worker ends by itself with nothing of that partition done, though there is work; returns what it said."""
    standing = committed(bootstrap, space)
    assert standing
    with Client(bootstrap, space) as client:
        for n in range(VENDORS):
            event = example(InvoiceReceived, invoice=f"C-{n}", number=f"B-{n}")  # a second invoice of that number
            client.send(event, f"vendor/b{n}", source="/tests/restoring", id=f"c-{n}")
    said = fleet.start().fails()
    assert f"{space.topic(changelog('accounting'))}/0" in said, said[-2000:]
    assert committed(bootstrap, space) == standing, "it went on with half a state"
    return said


def committed(bootstrap: str, space: Space) -> dict[str, int]:
    """The group's offsets where the changelog was spoilt."""
    with admin(bootstrap) as cluster:
        offsets = cluster.list_group_offsets({space.group: None})[space.group]
    spoilt = (space.topic("events.accounting"), 0)
    return {tp.topic: found.offset for tp, found in offsets.items() if (tp.topic, tp.partition) == spoilt}
