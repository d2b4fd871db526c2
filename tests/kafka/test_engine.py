"""The engine on a real broker: whatever is sent and whatever is killed, outputs are the fold of the log."""

import itertools
import json
import signal
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from backoffice import spaces
from infra.admin import admin
from processors.engine.outbox import partition_of
from schemas.processing import DeadLetterHeaders as H
from schemas.topics import INBOX_MAX_BYTES, Space
from tests.kafka import oracle
from tests.kafka.program import eventually, lag, running
from tests.kafka.topics import Stood, records

pytestmark = pytest.mark.kafka

CLOUDEVENTS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
NOW = datetime.now(UTC)
_numbers = itertools.count()


@pytest.fixture
def live(bootstrap: str) -> Space:
    """A live space of the test's own."""
    space = Space(f"live-{uuid.uuid4().hex[:8]}")
    spaces.prepare(bootstrap, space)
    return space


@pytest.fixture
def sender(bootstrap: str) -> Iterator[KafkaProducer]:
    """A plain producer: it sends what ours would refuse."""
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), max_request_size=2 * INBOX_MAX_BYTES)
    yield producer
    producer.close()


def invoice(vendor: str, invoice: str, number: str, due: str = "2099-01-31", **envelope: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{next(_numbers)}",
        "source": "/tests",
        "type": "accounting.invoice.received",
        "subject": f"vendor/{vendor}",
        "time": NOW.isoformat(),
        "data": {
            "invoice": invoice,
            "number": number,
            "issued_on": "2026-11-02",
            "amount": {"amount": "100.00", "currency": "EUR"},
            "due_on": due,
        },
    } | envelope


def put(
    producer: KafkaProducer, topic: str, value: bytes | dict[str, Any] | None, key: str | None = "", **more: Any
) -> None:
    """Sends one record; a dict's key is its subject unless another is given."""
    if isinstance(value, dict):
        key = value.get("subject") if key == "" else key
        value = json.dumps(value).encode()
    raw = key.encode() if key is not None else None
    producer.send(topic, key=raw or None, value=value, headers=more.pop("headers", CLOUDEVENTS), **more).get(timeout=30)


def fired(bootstrap: str, space: Space) -> list[tuple[str, str]]:
    """(rule, subject) of every signal that something fired."""
    said = (json.loads(r.value or b"{}") for r in records(bootstrap, space.topic("alerting")))
    return [(e["data"]["rule"], e["subject"]) for e in said if e["type"] == "alerting.condition.fired"]


def drained(bootstrap: str, space: Space) -> None:
    inboxes = ["events.hr", "events.accounting", "events.it", "events.front_office", "facts", "alerting"]
    eventually(lambda: lag(bootstrap, space, inboxes), lambda behind: not any(behind.values()))


def reasons(letters: list[Stood]) -> dict[bytes | None, dict[str, str]]:
    return {letter.value: {n: v.decode() for n, v in letter.headers} for letter in letters}


def test_bad_records_become_dead_letters_and_stop_nothing(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    inbox = live.topic("events.accounting")
    huge = invoice("big", "R-huge", "x")
    huge["data"]["padding"] = "y" * (INBOX_MAX_BYTES - 2_000)
    huge["data"]["due_on"] = "not a date"
    bad: dict[str, bytes | dict[str, Any]] = {
        "malformed JSON": b'{"specversion": "1.0", ',
        "not an object": b"[1, 2]",
        "not UTF-8": b'{"specversion": "1.0", "id": "\xff\xfe"}',
        "empty": b"",
        "wrong type": invoice("a", "R-1", "1") | {"data": {"invoice": "R-1", "number": 7}},
        "no such event": invoice("a", "R-2", "2", type="accounting.invoice.eaten"),
        "another department's": invoice("a", "R-3", "3", type="hr.employee.hired"),
        "another kind": invoice("a", "R-4", "4", subject="employee/E-1"),
        "no id": invoice("a", "R-5", "5", id=""),
        "no zone": invoice("a", "R-6", "6", time="2026-01-01T10:00:00"),
        "huge": huge,
    }
    with running(bootstrap, tmp_path, "worker", "--space", live.name):
        put(sender, inbox, invoice("good", "R-0", "INV-1"))
        for value in bad.values():
            put(sender, inbox, value, key=None if isinstance(value, bytes) else "")
        put(sender, inbox, None, key="vendor/a")
        put(sender, inbox, invoice("a", "R-7", "7"), key="vendor/b")
        put(sender, inbox, invoice("good", "R-9", "INV-1"))
        drained(bootstrap, live)
    letters = reasons(records(bootstrap, live.topic("dead-letters")))
    assert len(letters) == len(bad) + 2
    for letter in letters.values():
        assert letter[H.TOPIC] == "events.accounting"
        assert letter[H.STAGE] == "VALUE_CONVERTER"
        assert letter[H.MESSAGE]
    assert fired(bootstrap, live) == [("accounting.duplicate_invoice", "vendor/good")]
    oracle.check(bootstrap, live)


def test_an_event_without_a_key_finds_its_partition_and_one_in_the_wrong_partition_too(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    inbox = live.topic("events.accounting")
    home = partition_of(b"vendor/acme", 4)
    with running(bootstrap, tmp_path, "worker", "--space", live.name):
        put(sender, inbox, invoice("acme", "R-1", "INV-1"))
        put(sender, inbox, invoice("acme", "R-2", "INV-1"), partition=(home + 1) % 4)
        put(sender, inbox, invoice("acme", "R-3", "INV-1"), key=None, partition=(home + 2) % 4)
        drained(bootstrap, live)
    assert fired(bootstrap, live) == [("accounting.duplicate_invoice", "vendor/acme")] * 2
    oracle.check(bootstrap, live)


def test_a_second_event_with_the_same_source_and_id_changes_nothing(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    once = invoice("acme", "R-1", "INV-1")
    with running(bootstrap, tmp_path, "worker", "--space", live.name):
        for _ in range(3):
            put(sender, live.topic("events.accounting"), once)
        drained(bootstrap, live)
    assert fired(bootstrap, live) == []
    oracle.check(bootstrap, live)


def test_a_sender_whose_clock_is_far_ahead_moves_nobody_elses(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    inbox = live.topic("events.accounting")
    ahead = int(datetime(2199, 1, 1, tzinfo=UTC).timestamp() * 1000)
    with running(bootstrap, tmp_path, "worker", "--space", live.name):
        put(sender, inbox, invoice("acme", "R-1", "INV-1", due="2150-01-01"))
        put(sender, inbox, invoice("acme", "R-2", "INV-2", time="2199-01-01T00:00:00+00:00"), timestamp_ms=ahead)
        put(sender, inbox, invoice("acme", "R-3", "INV-1", due="2150-01-01"))
        drained(bootstrap, live)
    rules = [rule for rule, _ in fired(bootstrap, live)]
    assert "accounting.duplicate_invoice" in rules
    assert "accounting.invoice_overdue" not in rules
    oracle.check(bootstrap, live)


def test_binary_mode_is_understood(bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path) -> None:
    whole = [invoice("acme", f"R-{n}", "INV-1") for n in range(2)]
    with running(bootstrap, tmp_path, "worker", "--space", live.name):
        for event in whole:
            attributes = [(f"ce_{name}", str(value).encode()) for name, value in event.items() if name != "data"]
            headers = [("content-type", b"application/json"), *attributes]
            put(
                sender,
                live.topic("events.accounting"),
                json.dumps(event["data"]).encode(),
                key="vendor/acme",
                headers=headers,
            )
        drained(bootstrap, live)
    assert fired(bootstrap, live) == [("accounting.duplicate_invoice", "vendor/acme")]


def test_a_deadline_passes_in_an_idle_partition_of_a_live_space(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    declared = {
        "specversion": "1.0",
        "id": "d-1",
        "source": "/tests",
        "type": "it.device.declared",
        "subject": "device/host-1",
        "time": NOW.isoformat(),
        "data": {"heartbeat_seconds": 1},
    }
    heard = declared | {"id": "h-1", "type": "it.heartbeat.received", "data": {}}
    with running(bootstrap, tmp_path, "worker", "--space", live.name):
        put(sender, live.topic("events.it"), declared)
        put(sender, live.topic("events.it"), heard)
        eventually(lambda: fired(bootstrap, live), lambda seen: ("it.heartbeat_missed", "device/host-1") in seen)
        drained(bootstrap, live)
    ticks = [r for r in records(bootstrap, live.topic("events.it")) if b"processing.tick" in (r.value or b"")]
    assert 1 <= len(ticks) <= 3, "one deadline, one tick (and no more than a tick of the broker's clock to spare)"
    oracle.check(bootstrap, live)


def test_changed_settings_are_read_from_then_on_and_state_is_kept(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    config = tmp_path / "backoffice.yaml"
    config.write_text(f"space: {live.name}\nrules:\n  accounting:\n    approval_limit_default: {{amount: 10}}\n")
    inbox = live.topic("events.accounting")

    def approval(n: int) -> dict[str, Any]:
        data = {"invoice": f"R-{n}", "approver": "ines"}
        return invoice("acme", f"R-{n}", "", type="accounting.invoice.approved") | {"data": data}

    with running(bootstrap, tmp_path, "worker", "--space", live.name):
        for n in (1, 2):
            put(sender, inbox, invoice("acme", f"R-{n}", f"INV-{n}"))
        put(sender, inbox, approval(1))
        drained(bootstrap, live)
        before = fired(bootstrap, live)
        with running(bootstrap, tmp_path, "rules", "apply", "--config", str(config)) as command:
            assert command.wait(60) == 0
        put(sender, inbox, approval(2))
        drained(bootstrap, live)
    assert ("accounting.approval_limit", "vendor/acme") not in before
    assert ("accounting.approval_limit", "vendor/acme") in fired(bootstrap, live)
    oracle.check(bootstrap, live)


def test_a_second_worker_joins_and_takes_its_share_and_the_first_leaves_cleanly(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    inbox = live.topic("events.accounting")

    def shares() -> list[int]:
        with admin(bootstrap) as cluster:
            (group,) = cluster.describe_groups([live.group]).values()
        return sorted(_partitions_of(member) for member in group["members"])

    with running(bootstrap, tmp_path, "worker", "--space", live.name, log="first") as first:
        eventually(shares, lambda seen: len(seen) == 1)
        with running(bootstrap, tmp_path, "worker", "--space", live.name, log="second"):
            eventually(shares, lambda seen: len(seen) == 2 and min(seen) >= 8)
            for n in range(40):
                put(sender, inbox, invoice(f"v{n % 10}", f"R-{n}", f"INV-{n // 20}"))
            first.send_signal(signal.SIGTERM)
            assert first.wait(10) == 0
            for n in range(40, 60):
                put(sender, inbox, invoice(f"v{n % 10}", f"R-{n}", f"INV-{n // 20}"))
            drained(bootstrap, live)
    assert len([rule for rule, _ in fired(bootstrap, live) if rule == "accounting.duplicate_invoice"]) == 50
    oracle.check(bootstrap, live)


def _partitions_of(member: dict[str, Any]) -> int:
    assignment = member["member_assignment"]
    return sum(len(topic["partitions"]) for topic in assignment["assigned_partitions"]) if assignment else 0


def test_too_many_dead_letters_stop_the_worker_with_a_clear_message(
    bootstrap: str, live: Space, sender: KafkaProducer, tmp_path: Path
) -> None:
    for n in range(600):
        sender.send(live.topic("events.hr"), value=b"nonsense %d" % n, partition=0)
    sender.flush()
    with running(bootstrap, tmp_path, "worker", "--space", live.name, log="stops") as worker:
        assert worker.wait(60) != 0
    assert "could not be read or applied" in (tmp_path / "stops.log").read_text()
    assert records(bootstrap, live.topic("dead-letters")) == []
