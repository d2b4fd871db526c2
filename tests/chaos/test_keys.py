"""Keys hashed as librdkafka hashes them, which is not as Kafka's own clients do: each finds its partition, once."""

import json
import re
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backoffice.registry import departments
from backoffice.states import states
from processors.engine.outbox import partition_of
from schemas.processing import Tick
from schemas.topics import Space
from tests.chaos.comparing import without_places
from tests.chaos.forms import pick
from tests.chaos.sender import Sender
from tests.chaos.spaces import PARTITIONS, drained, own_space, passes, stop
from tests.chaos.valid import Valid, invoice
from tests.kafka import oracle
from tests.kafka.program import running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

INVOICES = pick(400, 20_000)
INBOX = "events.accounting"
SENT_AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
"""One instant for all."""


def numbered(n: int) -> Valid:
    """An invoice whose number an earlier one of the same vendor may have had."""
    return invoice(n).saying(number=f"INV-{n % 97}")


def lived_through(bootstrap: str, home: Path, partitioner: str) -> tuple[Space, list[tuple[str, int, int]]]:
    """A space with the invoices processed, and where each was sent to."""
    space = own_space(bootstrap, "keys", replay=True)
    sender = Sender(bootstrap, **({"partitioner": partitioner} if partitioner else {}))
    with running(bootstrap, home, "worker", "--space", space.name, log=space.name) as worker:
        for n in range(INVOICES):
            sent = numbered(n).sent()
            sender.send(space.topic(INBOX), sent.key, sent.value, sent.headers, at=int(SENT_AT.timestamp() * 1000))
        placed = sender.placed()
        passes(bootstrap, space, SENT_AT, worker)  # no later: what is sent on is applied behind this tick
        drained(bootstrap, space, worker)
        stop(worker)
    oracle.check(bootstrap, space)
    return space, placed


def remembered(bootstrap: str, space: Space) -> dict[str, Any]:
    (accounting,) = (d for d in departments() if d.name == "accounting")
    found = states(bootstrap, space, accounting, PARTITIONS)
    return {key: without_places(state) for key, state in found}


def said(bootstrap: str, space: Space) -> dict[str, list[Any]]:
    """What was said of each vendor, in order, without ids and places."""
    found: dict[str, list[Any]] = {}
    for record in records(bootstrap, space.topic("alerting"), space.topic("facts")):
        event = json.loads(record.value or b"")
        if event["type"] == Tick.type:
            continue
        # Which record of several partitions was the first to be heard is a race.
        data = {name: value for name, value in event["data"].items() if name not in ("evidence", "record")}
        data["because of"] = [each["id"] for each in event["data"].get("evidence", ())]
        found.setdefault(event["subject"], []).append((event["type"], event["time"], data))
    return found


def test_keys_of_librdkafka_end_in_the_right_partition_once(
    bootstrap: str, tmp_path: Path, report: dict[str, Any]
) -> None:
    usual, _ = lived_through(bootstrap, tmp_path, "murmur2_random")
    other, placed = lived_through(bootstrap, tmp_path, "")
    keys = [numbered(n).key for n in range(INVOICES)]
    assert [partition for _, partition, _ in placed] == [zlib.crc32(key) % PARTITIONS for key in keys]
    astray = [key for key in keys if zlib.crc32(key) % PARTITIONS != partition_of(key, PARTITIONS)]
    assert len(astray) > INVOICES // 4, "else nothing is tested"
    assert said(bootstrap, usual)
    assert said(bootstrap, other) == said(bootstrap, usual)
    assert remembered(bootstrap, other) == remembered(bootstrap, usual)
    assert records(bootstrap, other.topic("dead-letters")) == []
    assert forwarded(tmp_path / f"{usual.name}.log") == 0
    assert forwarded(tmp_path / f"{other.name}.log") == len(astray), "the worker's log counts them"
    stood = Counter(r.key for r in records(bootstrap, other.topic(INBOX)) if r.key and r.partition == _home(r.key))
    assert stood == Counter(keys), "each stands once in the partition it belongs to"
    report |= {"invoices": INVOICES, "sent_on": len(astray)}


def _home(key: bytes) -> int:
    return partition_of(key, PARTITIONS)


def forwarded(log: Path) -> int:
    """How many records a worker said it has sent on, when it ended."""
    return sum(int(n) for n in re.findall(r"(\d+) forwarded", log.read_text()))
