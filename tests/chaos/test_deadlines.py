"""Deadlines: each passes once, at the tick that lets it, in order; waiting costs nothing; no crash loses one."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import psutil
import pytest

from backoffice.registry import inboxes
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.it import DeviceDeclared
from schemas.topics import Space, changelog
from tests.chaos.forms import pick
from tests.chaos.sender import Sender
from tests.chaos.spaces import PARTITIONS, drained, end_offsets, goes_on_for, own_space, passes
from tests.chaos.valid import invoice
from tests.kafka import oracle
from tests.kafka.program import eventually, in_the_end, running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

OVERDUE, SILENT = "accounting.invoice_overdue", "it.heartbeat_missed"
MONDAY = date(2024, 2, 5)
WEDNESDAY_NOON, SATURDAY_NOON = (datetime(2024, 2, day, 12, tzinfo=UTC) for day in (7, 10))

SECONDS = 5
"""Between the heartbeats of a device."""
MISSED = 3
"""Heartbeats that must be missed."""


class Fired(NamedTuple):
    """A signal of a deadline that passed. It sorts as deadlines pass."""

    due: str
    subject: str
    identity: str


def fired(bootstrap: str, space: Space, rule: str) -> dict[int, list[Fired]]:
    """What fired of a rule, in order, by the partition in which the deadline waited."""
    found: dict[int, list[Fired]] = defaultdict(list)
    for record in records(bootstrap, space.topic("alerting")):
        event = json.loads(record.value or b"")
        if event["type"] == "alerting.condition.fired" and event["data"]["rule"] == rule:
            partition = int(event["id"].partition("-")[0])
            data = event["data"]
            found[partition].append(Fired(data["due"], event["subject"], "".join(data["identity"].values())))
    return found


def count(found: dict[int, list[Fired]]) -> Counter[str]:
    """How often each subject fired."""
    return Counter(each.subject for passed in found.values() for each in passed)


def put(
    sender: Sender, topic: str, event: Event, about: About, key: bytes | None, partition: int | None, at: datetime
) -> None:
    sender.send(topic, key, encode(event, about), HEADERS, partition, at=int(at.timestamp() * 1000))


def test_each_passes_once_in_order_at_the_tick_that_lets_it(
    bootstrap: str, tmp_path: Path, report: dict[str, Any]
) -> None:
    space = own_space(bootstrap, "due", replay=True)
    invoices = pick(2_000, 100_000)
    sender = Sender(bootstrap, partitioner="murmur2_random")
    start = datetime(2024, 1, 8, tzinfo=UTC)
    stamp = int(start.timestamp() * 1000)
    due = {f"R-{n}": n % 5 for n in range(invoices)}
    numbers = list(range(invoices))
    Random(3).shuffle(numbers)
    for n in numbers:
        on = (MONDAY + timedelta(days=due[f"R-{n}"])).isoformat()
        amount = {"amount": f"{n + 1}.00", "currency": "EUR"}  # else each would be suspected to be the one before
        sent = invoice(n).saying(due_on=on, issued_on="2024-01-08", amount=amount).sent()
        sender.send(space.topic("events.accounting"), sent.key, sent.value, sent.headers, at=stamp)
    sender.placed()

    def passed(until: datetime) -> set[str]:
        passes(bootstrap, space, until, worker)
        drained(bootstrap, space, worker)
        found = fired(bootstrap, space, OVERDUE)
        for partition, each in found.items():
            assert each == sorted(each), f"partition {partition} fired out of order"
        ids = [f.identity for each in found.values() for f in each]
        assert len(ids) == len(set(ids)), "a deadline passed twice"
        return set(ids)

    with running(bootstrap, tmp_path, "worker", "--space", space.name) as worker:
        assert passed(start) == set(), "no time has passed yet"
        assert passed(WEDNESDAY_NOON) == {id_ for id_, days in due.items() if days < 2}
        assert passed(SATURDAY_NOON) == due.keys()
        assert passed(SATURDAY_NOON) == due.keys()
    oracle.check(bootstrap, space)
    report |= {"deadlines": invoices}


class Idle(NamedTuple):
    """What a worker did while nothing happened."""

    cpu: float
    """Share of a core."""
    written: int
    """Offsets taken in any topic of its space: records, and markers of transactions."""


def idle(bootstrap: str, space: Space, worker: Any, seconds: float) -> Idle:
    """Looks on for some time."""
    topics = [space.topic(t) for name, inbox in inboxes().items() for t in (inbox, changelog(name))]
    process = psutil.Process(worker.pid)
    before, ends = process.cpu_times(), end_offsets(bootstrap, topics)
    goes_on_for(seconds, worker)
    after, new_ends = process.cpu_times(), end_offsets(bootstrap, topics)
    used = after.user + after.system - before.user - before.system
    return Idle(used / seconds, sum(new_ends.values()) - sum(ends.values()))


def test_waiting_costs_nothing(bootstrap: str, tmp_path: Path, report: dict[str, Any]) -> None:
    """No transactions and no processor time beyond what an idle worker without deadlines takes."""
    space = own_space(bootstrap, "wait")
    pending, seconds = pick(20_000, 1_000_000), pick(5.0, 60.0)
    with running(bootstrap, tmp_path, "worker", "--space", space.name) as worker:
        ours(tmp_path)
        without = idle(bootstrap, space, worker, seconds)
        declare(bootstrap, space, [f"device/{n}" for n in range(pending)], seconds=86_400)
        drained(bootstrap, space, worker)
        waiting = idle(bootstrap, space, worker, seconds)
        report |= {"pending": pending, "cpu_without": round(without.cpu, 3), "cpu_waiting": round(waiting.cpu, 3)}
    assert fired(bootstrap, space, SILENT) == {}
    assert (without.written, waiting.written) == (0, 0), "an idle worker writes nothing"
    assert waiting.cpu < 1.5 * without.cpu + 0.05, "share of a core"


def ours(home: Path, log: str = "process") -> None:
    """Waits until a worker has its partitions and their state."""
    eventually(lambda: (home / f"{log}.log").read_text(), lambda said: "partitions are ours" in said, within=120)


def declare(bootstrap: str, space: Space, devices: Sequence[str], seconds: int = SECONDS) -> str:
    """Devices that will never be heard of again; returns when that is to be said."""
    now = datetime.now(UTC).replace(microsecond=0)
    sender = Sender(bootstrap, partitioner="murmur2_random")
    for device in devices:
        about = About(f"d-{device}", "/tests", device, now)
        put(
            sender,
            space.topic("events.it"),
            DeviceDeclared(heartbeat_seconds=seconds),
            about,
            device.encode(),
            None,
            now,
        )
    sender.placed()
    return (now + timedelta(seconds=seconds * MISSED)).isoformat()


def test_none_is_lost_or_doubled_when_a_worker_dies_and_another_joins(
    bootstrap: str, tmp_path: Path, report: dict[str, Any]
) -> None:
    """All partitions are idle: their own lanes' ticks let the deadlines pass, whoever has them then."""
    space = own_space(bootstrap, "survive")
    devices = pick(60, 5_000)
    first, second = ([f"device/{wave}-{n}" for n in range(devices)] for wave in "ab")
    with running(bootstrap, tmp_path, "worker", "--space", space.name, log="dies") as worker:
        ours(tmp_path, "dies")
        due = dict.fromkeys(first, declare(bootstrap, space, first))
        drained(bootstrap, space, worker, topics=["events.it"])
        worker.kill()
    assert fired(bootstrap, space, SILENT) == {}, "the worker was to die before; is this machine too slow?"
    with running(bootstrap, tmp_path, "worker", "--space", space.name, log="restores") as worker:
        ours(tmp_path, "restores")
        due |= dict.fromkeys(second, declare(bootstrap, space, second))
        drained(bootstrap, space, worker, topics=["events.it"])
        with running(bootstrap, tmp_path, "worker", "--space", space.name, log="joins") as other:
            ours(tmp_path, "joins")
            report["fired_before_it_joined"] = count(fired(bootstrap, space, SILENT)).total()
            all_fired(bootstrap, space, due.keys())
            drained(bootstrap, space, worker, other)
    found = fired(bootstrap, space, SILENT)
    assert count(found) == Counter(due.keys()), "each once"
    assert {f.subject: datetime.fromisoformat(f.due).isoformat() for each in found.values() for f in each} == due
    assert all(each == sorted(each) for each in found.values()), "in order"
    assert found.keys() == set(range(PARTITIONS)), "in every partition"
    oracle.check(bootstrap, space)


def all_fired(bootstrap: str, space: Space, subjects: Iterable[str]) -> None:
    wanted = set(subjects)
    in_the_end(lambda: wanted - count(fired(bootstrap, space, SILENT)).keys(), lambda silent: not silent)
