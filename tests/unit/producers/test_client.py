"""The client's promises, with a producer in memory that fails as kafka-python's does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError, OutOfOrderSequenceNumberError
from kafka.future import Future

from producers.client import Client
from producers.connection import Connection
from producers.delivery import Outgoing, Receipt
from producers.errors import BrokerAway, BufferFull, Refused, Unconfirmed, Undelivered
from producers.outstanding import Outstanding
from schemas.codec import Decoder
from schemas.commands import AlertAcknowledge
from schemas.processing import Tick
from schemas.topics import Space

GOOD, REFUSED, LATE, ASTRAY = b"good", b"refused", b"late", b"astray"
"""What becomes of a record. One that went astray is taken when it comes again, alone."""
TAKEN = (GOOD, ASTRAY)
FATES = [GOOD] * 8 + [REFUSED, LATE, ASTRAY]

Sent = tuple[str, bytes]
"""Key and what becomes of the record."""


@dataclass
class Broker:
    """A log of (key, value), and how its producers go about it."""

    log: list[tuple[bytes, bytes]] = field(default_factory=list)
    batch: int = 3
    forgets: bool = False
    """Takes what is good in a batch that it refuses, but does not get to say so: that was in flight elsewhere."""
    prompt: bool = True
    """The fate of a full batch is known before the `send` that filled it returns, rather than at some time after."""
    lingers: bool = True
    opened: int = 0
    stamps: list[int | None] = field(default_factory=list)
    current: "Producer | None" = None

    def idempotent(self) -> "Producer":
        self.opened += 1
        self.current = Producer(self, self.batch)
        return self.current

    def one_by_one(self) -> "Producer":
        return Producer(self, 1, idempotent=False)


class Producer:
    """As kafka-python 3.0.12 does it (kafka.producer.sender), for one partition, on a thread of its own.

    An idempotent one whose batch is refused is then in its fatal state: it sends nothing more, and fails all it has.
    After a batch that is late or astray (out of sequence) it is not, and goes on with the next one.
    """

    def __init__(self, broker: Broker, batch: int, idempotent: bool = True) -> None:
        self.broker = broker
        self.batch = batch
        self.idempotent = idempotent
        self.fatal: Exception | None = None
        self.waiting: list[tuple[bytes, bytes, Any]] = []
        self.changed = threading.Condition()
        self.closing = False
        self.busy = True
        self._transaction_manager = SimpleNamespace(transition_to_fatal_error=partial(setattr, self, "fatal"))
        self.sender = threading.Thread(target=self.run, daemon=True)
        self.sender.start()

    def partitions_for(self, topic: str) -> set[int]:
        return {0}

    def send(self, topic: str, *, value: bytes, key: bytes, timestamp_ms: int | None, **_: Any) -> Any:
        self.broker.stamps.append(timestamp_ms)
        future = Future()
        with self.changed:
            self.waiting.append((key, value, future))
            self.changed.notify_all()
            if self.broker.prompt:
                self.changed.wait_for(lambda: not self.busy and not self.due())
        return future

    def due(self) -> bool:
        return len(self.waiting) >= (self.batch if self.broker.lingers and not self.closing else 1)

    def run(self) -> None:
        while batch := self.next_batch():
            self.transmit(batch)

    def next_batch(self) -> list[tuple[bytes, bytes, Any]]:
        with self.changed:
            self.busy = False
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.due() or self.closing)
            self.busy = True
            batch, self.waiting = self.waiting[: self.batch], self.waiting[self.batch :]
            return batch

    def transmit(self, batch: list[tuple[bytes, bytes, Any]]) -> None:
        error = self.fatal or self.failure({value.split()[0] for _, value, _ in batch})
        if isinstance(error, MessageSizeTooLargeError) and not self.fatal:
            self.fatal = error
            if self.broker.forgets:
                self.broker.log += [(key, value) for key, value, _ in batch if value.startswith(TAKEN)]
        for key, value, future in batch:
            self.settle(key, value, future, error)

    def failure(self, fates: set[bytes]) -> Exception | None:
        """What a whole batch fails with."""
        error: Exception | None = None
        if self.idempotent and REFUSED in fates:
            error = MessageSizeTooLargeError("too large")
        elif self.idempotent and ASTRAY in fates:
            error = OutOfOrderSequenceNumberError("astray")
        return error

    def settle(self, key: bytes, value: bytes, future: Future, error: Exception | None) -> None:
        if error:
            future.failure(error)
        elif value.startswith(REFUSED):
            future.failure(MessageSizeTooLargeError("too large"))
        elif value.startswith(LATE):
            future.failure(KafkaTimeoutError("late"))
        else:
            self.broker.log.append((key, value))
            future.success(SimpleNamespace(topic="t", partition=0, offset=len(self.broker.log), timestamp=0))

    def close(self, timeout: float) -> None:
        self.hurry(closing=True)
        self.sender.join()

    def hurry(self, closing: bool = False) -> None:
        with self.changed:
            self.closing |= closing
            self.changed.notify_all()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Broker], Client]:
    def use(broker: Broker) -> Client:
        return client_of(broker, monkeypatch)

    return use


def client_of(broker: Broker, patch: pytest.MonkeyPatch) -> Client:
    patch.setattr(Connection, "idempotent", lambda self: broker.idempotent())
    patch.setattr(Connection, "one_by_one", lambda self: broker.one_by_one())
    return Client("nowhere:9092", delivery_timeout=5)


def record(number: int, key: str, fate: bytes) -> Outgoing:
    return Outgoing(str(number), "t", key.encode(), fate + b" %d" % number)


def finish(broker: Broker, client: Client) -> None:
    """What kafka-python does by itself after some milliseconds: send also what does not fill a batch."""
    broker.lingers = False
    if broker.current:
        broker.current.hurry()
    assert client._outstanding.room.wait_empty(10)


def steps(log: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, int]]:
    """The first copy of each record on the log: its key and number."""
    yield from dict.fromkeys((key, int(value.split()[1])) for key, value in log)


@example([("a", ASTRAY), ("a", GOOD)], 1, False, True)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(FATES)), max_size=40),
    st.integers(1, 8),
    st.booleans(),
    st.booleans(),
)
def test_whatever_fails_the_rest_arrives_in_order(sent: list[Sent], batch: int, forgets: bool, prompt: bool) -> None:
    broker = Broker(batch=batch, forgets=forgets, prompt=prompt)
    with pytest.MonkeyPatch.context() as patch:
        client = client_of(broker, patch)
        receipts = [client.write(record(n, key, fate)) for n, (key, fate) in enumerate(sent)]
        finish(broker, client)
        outcomes = [type(receipt.exception(0)) for receipt in receipts]
        client.close()

    wanted = {GOOD: type(None), ASTRAY: type(None), REFUSED: Refused, LATE: Unconfirmed}
    assert outcomes == [wanted[fate] for _, fate in sent]
    for key in "abc":
        arrived = [n for k, n in steps(broker.log) if k == key.encode()]
        assert arrived == [n for n, (k, fate) in enumerate(sent) if k == key and fate in TAKEN]
    if not forgets:
        assert len(broker.log) == sum(fate in TAKEN for _, fate in sent), "nothing twice"


def test_while_what_failed_is_repeated_nothing_else_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    broker, may_go_on = Broker(batch=1), threading.Event()
    client = client_of(broker, monkeypatch)

    def one_by_one(self: Connection) -> Any:
        may_go_on.wait(30)
        return broker.one_by_one()

    monkeypatch.setattr(Connection, "one_by_one", one_by_one)
    failed = client.write(record(1, "a", ASTRAY))
    client.send_timeout = 0
    with pytest.raises(BufferFull, match="still being repeated"):
        client.write(record(2, "a", GOOD))
    may_go_on.set()
    assert failed.result(30).offset == 1
    client.close()


def test_what_is_confirmed_is_not_repeated_even_before_that_was_noticed() -> None:
    outstanding = Outstanding(10, 1_000)
    on_its_way, confirmed = Future(), Future().success(None)
    for future in (confirmed, on_its_way):
        outstanding.add(record(1, "a", GOOD), None, future)
    assert [pending.future for pending in outstanding.unconfirmed()] == [on_its_way]


def test_a_failing_on_delivery_harms_nobody_else(
    use: Callable[[Broker], Client], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(receipt: Receipt) -> None:
        raise ZeroDivisionError

    broker = Broker(batch=3)
    with use(broker) as client:
        refused = [client.write(record(n, "a", REFUSED), on_delivery=fail) for n in range(2)]
        good = client.write(record(2, "a", GOOD))
        assert good.result(30).offset == 1
    assert [type(receipt.exception(0)) for receipt in refused] == [Refused, Refused]
    assert caplog.text.count("on_delivery of event") == 2


def test_problems_nobody_looked_at_are_raised_once(use: Callable[[Broker], Client]) -> None:
    broker = Broker(batch=1)
    client = use(broker)
    looked_at = client.write(record(1, "a", REFUSED))
    client.write(record(2, "a", LATE))
    client.write(record(3, "a", REFUSED), on_delivery=lambda receipt: None)
    finish(broker, client)
    with pytest.raises(Refused, match=r"'1' .* too large for the topic"):
        looked_at.result(5)
    with pytest.raises(Undelivered, match=r"1 event\(s\) were not delivered:\n  - event '2'") as undelivered:
        client.flush()
    assert [type(problem) for problem in undelivered.value.problems] == [Unconfirmed]
    client.close()


def test_the_blocks_own_error_is_not_hidden_by_what_was_not_delivered(use: Callable[[Broker], Client]) -> None:
    def interrupted() -> None:
        with use(Broker(batch=1)) as client:
            client.write(record(1, "a", LATE))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()


def test_flush_says_how_many_are_outstanding(use: Callable[[Broker], Client]) -> None:
    client = use(Broker(batch=10))
    client.write(record(1, "a", GOOD))
    with pytest.raises(Unconfirmed, match="1 records are still not confirmed by nowhere:9092 after 0 s"):
        client.flush(timeout=0)


def test_when_the_broker_goes_away_in_the_middle_of_a_repair_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(batch=2)
    client = client_of(broker, monkeypatch)

    def away(self: Connection) -> Any:
        raise self.away()

    monkeypatch.setattr(Connection, "one_by_one", away)
    receipts = [client.write(record(1, "a", GOOD)), client.write(record(2, "a", REFUSED))]
    for receipt in receipts:
        with pytest.raises(Unconfirmed, match="no Kafka broker answered"):
            receipt.result(5)
    assert client.write(record(3, "a", GOOD)), "a later send connects again"
    finish(broker, client)
    assert broker.log == [(b"a", b"good 3")]
    assert broker.opened == 2


def test_an_event_is_written_to_its_topic_under_its_subject(use: Callable[[Broker], Client]) -> None:
    broker = Broker(batch=1)
    with use(broker) as client:
        at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
        receipt = client.send(AlertAcknowledge(by="dana"), "alert/ab", source="test", id="7", time=at)
        assert receipt.result(5).offset == 1
    ((key, value),) = broker.log
    event = Decoder([AlertAcknowledge]).decode(value)
    assert (key, event.about.id, event.about.time) == (b"alert/ab", "7", at)


@pytest.mark.parametrize(
    ("subject", "changes", "says"),
    [
        ("vendor/acme", {}, r"the subject of alerting\.alert\.acknowledge is alert/<id> or group/<id>"),
        ("alert", {}, "not of the form <kind>/<id>"),
        ("alert/ab", {"source": ""}, "needs an id and a source"),
        ("alert/ab", {"time": datetime(2026, 3, 2)}, "no time zone"),  # noqa: DTZ001 - the point
    ],
)
def test_what_is_misaddressed_is_refused_at_once(
    use: Callable[[Broker], Client], subject: str, changes: dict[str, Any], says: str
) -> None:
    broker = Broker(batch=1)
    with use(broker) as client, pytest.raises(Refused, match=says):
        client.send(AlertAcknowledge(by="dana"), subject, **({"source": "test"} | changes))
    assert broker.log == []


def test_an_event_of_no_topic_needs_one_named(use: Callable[[Broker], Client]) -> None:
    with use(Broker(batch=1)) as client:
        with pytest.raises(Refused, match=r"processing\.tick\.appended belongs to no topic"):
            client.send(Tick(partition=0), "partition/0", source="test")
        client.send(Tick(partition=0), "partition/0", source="test", topic="events.it", partition=0).result(5)


def test_what_is_too_large_is_refused_before_it_is_sent(use: Callable[[Broker], Client]) -> None:
    broker = Broker(batch=1)
    with use(broker) as client:
        with pytest.raises(Refused, match=r"more than the 1,048,576 bytes .* reference to large content"):
            client.send(AlertAcknowledge(by="dana" * 262_144), "alert/ab", source="test")
        client.send(AlertAcknowledge(by="dana"), "alert/ab", source="test").result(5)
    assert len(broker.log) == 1


@pytest.mark.parametrize(("space", "stamp"), [(Space("past", replay=True), 86_400_000), (Space(), None)])
def test_only_in_a_replay_space_does_a_record_carry_the_events_time(
    use: Callable[[Broker], Client], space: Space, stamp: int | None
) -> None:
    broker = Broker(batch=1)
    with use(broker) as client:
        client.space = space
        client.send(AlertAcknowledge(by="dana"), "alert/ab", source="test", time=datetime(1970, 1, 2, tzinfo=UTC))
    assert broker.stamps == [stamp]


def test_nothing_connects_before_it_is_used() -> None:
    with suppress(BrokerAway):
        Client("127.0.0.1:1").close()
