"""The client on a real broker: everything once, a refused record in the middle, no broker at all."""

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import NewTopic

from infra.admin import admin
from infra.broker import Broker
from producers.client import Client
from producers.delivery import Outgoing, Receipt
from producers.errors import BrokerAway, BufferFull, Refused, Unconfirmed, Undelivered
from schemas.codec import Decoder
from schemas.envelope import Event
from schemas.topics import Space

pytestmark = pytest.mark.kafka

PARTITIONS = 3


class PalletMoved(Event, type="warehouse.pallet.moved", kind="pallet", topic="events.warehouse"):
    """An event of a department that exists only here."""

    step: int
    note: str = ""


@pytest.fixture
def space(bootstrap: str) -> Iterator[Space]:
    """A space with one inbox that takes records of at most 100 kB, stamped by their senders."""
    space = Space(f"test-{uuid4().hex[:8]}", replay=True)
    config = {"message.timestamp.type": "CreateTime", "max.message.bytes": "100000", "retention.ms": "-1"}
    topic = space.topic("events.warehouse")
    with admin(bootstrap) as client:
        client.create_topics([NewTopic(topic, PARTITIONS, 1, topic_configs=config)])
    yield space
    with admin(bootstrap) as client:
        client.delete_topics([topic])


def log_of(bootstrap: str, space: Space) -> list[Any]:
    """Every record of the inbox, partition by partition in order of offset."""
    topic = space.topic("events.warehouse")
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed")
    with consumer:
        partitions = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        records: list[Any] = []
        while any(consumer.position(p) < end for p, end in ends.items()):
            for batch in consumer.poll(timeout_ms=1000).values():
                records += batch
    return sorted(records, key=lambda r: (r.partition, r.offset))


def move(step: int) -> tuple[PalletMoved, str]:
    return PalletMoved(step=step), f"pallet/{step % 50}"


MORNING = datetime(2016, 2, 29, 8, tzinfo=UTC)


def test_thousands_of_events_arrive_once_each_and_in_order_per_key(bootstrap: str, space: Space) -> None:
    with Client(bootstrap, space, max_records=500) as client:
        receipts = [
            client.send(event, subject, source="test", id=str(step), time=MORNING + timedelta(seconds=step))
            for step in range(5_000)
            for event, subject in [move(step)]
        ]
    records = log_of(bootstrap, space)
    decode = Decoder([PalletMoved]).decode
    events = [decode(r.value, r.headers) for r in records]
    assert Counter(e.about.id for e in events) == Counter(str(step) for step in range(5_000))
    for subject in {e.about.subject for e in events}:
        steps = [int(e.about.id) for e in events if e.about.subject == subject]
        assert steps == sorted(steps)
    assert {(r.partition, r.offset) for r in records} == {
        (d.partition, d.offset) for d in (receipt.result(0) for receipt in receipts)
    }
    assert min(r.timestamp for r in records) == int(MORNING.timestamp() * 1000), "a replay space has the event's time"


def too_large_for_the_topic(space: Space) -> Outgoing:
    """Fits the client's limit, not this topic's; random enough that compression does not save it."""
    noise = "".join(uuid4().hex for _ in range(6_000)).encode()
    return Outgoing("noise", space.topic("events.warehouse"), b"pallet/1", noise, timestamp_ms=0)


def stamped_next_week(space: Space, step: int) -> Outgoing:
    ahead = int((time.time() + 7 * 86_400) * 1000)
    return Outgoing(f"ahead-{step}", space.topic("events.warehouse"), b"pallet/1", b"{}", timestamp_ms=ahead)


@pytest.mark.parametrize("bad", ["too large", "stamped next week"])
def test_a_refused_record_in_the_middle_costs_none_of_the_others(bootstrap: str, space: Space, bad: str) -> None:
    refused = []
    with Client(bootstrap, space) as client:
        receipts = []
        for step in range(2_000):
            event, subject = move(step)
            receipts.append(client.send(event, subject, source="test", id=str(step), time=MORNING))
            if step % 700 == 350:
                record = too_large_for_the_topic(space) if bad == "too large" else stamped_next_week(space, step)
                refused.append(client.write(record))
        for receipt in refused:
            with pytest.raises(Refused, match=bad.split()[0] if bad == "too large" else "further ahead"):
                receipt.result(60)
    assert [receipt.result(0).topic for receipt in receipts] == [space.topic("events.warehouse")] * 2_000

    assert_first_copies_in_order(bootstrap, space, 2_000)


def assert_first_copies_in_order(bootstrap: str, space: Space, sent: int) -> None:
    events = [Decoder([PalletMoved]).decode(r.value, r.headers) for r in log_of(bootstrap, space)]
    first_seen = list(dict.fromkeys((e.about.subject, int(e.about.id)) for e in events))
    assert sorted(step for _, step in first_seen) == list(range(sent)), "nothing lost"
    for subject in {s for s, _ in first_seen}:
        steps = [step for s, step in first_seen if s == subject]
        assert steps == sorted(steps), "the first copies are in order"


def test_what_the_broker_finds_out_of_sequence_is_not_overtaken(bootstrap: str, space: Space) -> None:
    """As after a broker that lost records: kafka-python fails the batch, and by itself goes on with the next."""
    with Client(bootstrap, space) as client:
        client.send(*move(0), source="test", id="0", time=MORNING).result(30)
        for partition in range(PARTITIONS):
            where = TopicPartition(space.topic("events.warehouse"), partition)
            client._producer._transaction_manager.set_sequence_number(where, 1_000)
        for step in range(1, 1_500):
            client.send(*move(step), source="test", id=str(step), time=MORNING)
    assert_first_copies_in_order(bootstrap, space, 1_500)


def test_a_refusal_nobody_looked_at_is_raised_at_the_end(bootstrap: str, space: Space) -> None:
    with pytest.raises(Undelivered, match="too large for the topic"), Client(bootstrap, space) as client:
        client.write(too_large_for_the_topic(space))


def test_each_delivery_is_reported(bootstrap: str, space: Space) -> None:
    told: list[str] = []

    def tell(receipt: Receipt) -> None:
        told.append(receipt.id)

    with Client(bootstrap, space) as client:
        for step in range(10):
            event, subject = move(step)
            client.send(event, subject, source="test", id=str(step), on_delivery=tell)
        client.write(too_large_for_the_topic(space), on_delivery=tell)
    assert Counter(told) == Counter([*map(str, range(10)), "noise"])


def test_a_topic_that_is_not_there_is_refused_and_named(bootstrap: str) -> None:
    with (
        Client(bootstrap, Space("nobody"), connect_timeout=2) as client,
        pytest.raises(Refused, match=r"nobody\.events\.warehouse.*backoffice topics apply"),
    ):
        client.send(*move(1), source="test")


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_no_broker_is_said_within_seconds_with_the_address_and_what_to_do() -> None:
    address = f"127.0.0.1:{unused_port()}"
    began = time.monotonic()
    with pytest.raises(BrokerAway, match=rf"{address}.*backoffice broker start"), Client(address, connect_timeout=1):
        pass
    assert time.monotonic() - began < 10


def test_a_full_buffer_makes_the_sender_wait_and_then_says_so(bootstrap: str, space: Space) -> None:
    def fill(client: Client) -> None:
        for step in range(1_000):
            client.send(*move(step), source="test", time=MORNING)

    small = Client(bootstrap, space, max_records=1, send_timeout=0)
    with small as client, pytest.raises(BufferFull, match="1 records"):
        fill(client)


def test_what_a_hanging_broker_does_not_confirm_is_given_up_in_time_and_sending_goes_on_when_it_is_back(
    broker: Broker, space: Space
) -> None:
    if broker.pid is None:
        pytest.skip("only a broker in a process of ours can be made to hang")
    with Client(broker.bootstrap_servers, space, delivery_timeout=3, connect_timeout=3) as client:
        client.send(*move(0), source="test").result(30)
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            receipts = [client.send(*move(step), source="test") for step in range(1, 100)]
            with pytest.raises(Undelivered, match=r"(?s)99 event\(s\) .*may or may not be on the log"):
                client.flush(timeout=30)
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        assert {type(receipt.exception(0)) for receipt in receipts} == {Unconfirmed}
        client.send(*move(100), source="test").result(60)
