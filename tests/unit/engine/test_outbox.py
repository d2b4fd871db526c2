"""What a partition sends, in one transaction: each record where its key belongs, each row with its expiry."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.structs import RecordMetadata
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kafka.partitioner.default import DefaultPartitioner

from processors.engine import outbox as outbox_module
from processors.engine.changelog import _rows
from processors.engine.outbox import Outbox, TransactionTimeout, partition_of
from processors.records import Output
from processors.row import Row
from processors.store import to_ms
from schemas.codec import HEADERS
from schemas.topics import DEAD_LETTER_MAX_BYTES, INBOX_MAX_BYTES, Space
from tests.unit.core.library import minutes
from tests.unit.engine.standins import INBOX, LIVE, REPLAY, SETTINGS

CHANGELOG = TopicPartition("backoffice.changelog.library", INBOX.partition)
KEYS = st.one_of(st.binary(max_size=40), st.text(max_size=20).map(lambda t: t.encode("utf-8", "replace")))


@given(KEYS, st.integers(1, 64))
def test_a_key_belongs_where_kafka_python_would_send_it(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == by_kafka_python(key, partitions)


def test_many_keys_belong_where_kafka_python_would_send_them() -> None:
    keys = [f"vendor/{n}".encode() for n in range(2_000)]
    assert [partition_of(key, 12) for key in keys] == [by_kafka_python(key, 12) for key in keys]


def by_kafka_python(key: bytes, partitions: int) -> int:
    every = set(range(partitions))
    cluster = SimpleNamespace(
        topics=lambda: {"t"},
        partitions_for_topic=lambda topic: every,
        available_partitions_for_topic=lambda topic: every,
    )
    partition: int = DefaultPartitioner().partition("t", key, key, None, None, cluster)
    return partition


class Producer:
    """aiokafka's producer as far as an outbox goes: it writes down what it is asked for."""

    def __init__(self, **told: Any) -> None:
        self.told = told
        self.asked: list[object] = []
        self.sent: dict[TopicPartition, list[Any]] = {}
        self.fails: BaseException | None = None
        self.fails_at = 0
        """Which of the batches sent, counted from 0, is refused."""
        self.log_ends: dict[TopicPartition, int] = {}
        """Where each partition ended before."""
        self.answers = asyncio.Event()
        """Until then the broker says nothing to what was sent."""
        self.answers.set()
        self.offsets_answered = asyncio.Event()
        self.offsets_answered.set()
        self.batch_size = told["max_batch_size"]

    async def start(self) -> None:
        self.asked.append("start")

    async def stop(self) -> None:
        self.asked.append("stop")

    async def begin_transaction(self) -> None:
        self.asked.append("begin")

    async def commit_transaction(self) -> None:
        self.asked.append("commit")

    async def send_offsets_to_transaction(self, offsets: Any, group: str) -> None:
        self.asked.append(("offsets", {tp: each.offset for tp, each in offsets.items()}, group))
        await self.offsets_answered.wait()

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(self.batch_size, 0, is_transactional=1)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> "asyncio.Future[RecordMetadata]":
        nth = self.asked.count("send")
        self.asked.append("send")
        batch.close()
        records = list(DefaultRecordBatch(bytes(batch._build())))
        where = TopicPartition(topic, partition)
        first = self.log_ends.get(where, 0)
        self.log_ends[where] = first + len(records)
        self.sent.setdefault(where, []).extend(records)
        return asyncio.ensure_future(self._answer(nth, RecordMetadata(topic, partition, where, first, -1, 0, 0)))

    async def _answer(self, nth: int, says: RecordMetadata) -> RecordMetadata:
        await self.answers.wait()
        if self.fails is not None and nth == self.fails_at:
            raise self.fails
        return says


Commit = Callable[..., Producer]


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Producer, Outbox]]:
    """An outbox and the producer it asks. Facts have four partitions, dead letters have one."""
    monkeypatch.setattr(outbox_module, "AIOKafkaProducer", Producer)

    def make(space: Space = LIVE, **settings: Any) -> tuple[Producer, Outbox]:
        told = replace(SETTINGS, **settings)
        made = Outbox(space, "library", INBOX, lambda topic: 1 if topic.endswith("dead-letters") else 4, told)
        assert isinstance(made._producer, Producer)
        return made._producer, made

    return make


Made = Callable[..., tuple[Producer, Outbox]]


@pytest.fixture
def commit(outbox: Made) -> Commit:
    """Commits outputs, rows and an offset; gives the producer that was asked to."""

    def run(
        outputs: list[Output], rows: list[Row], next_offset: int | None = 9, space: Space = LIVE, **told: Any
    ) -> Producer:
        async def story() -> Producer:
            producer, made = outbox(space)
            for name, value in told.items():
                setattr(producer, name, value)
            await made.open()
            await made.commit(outputs, rows, next_offset)
            await made.close()
            return producer

        return asyncio.run(story())

    return run


def output(topic: str = "facts", key: bytes | None = b"a", partition: int | None = None, value: bytes = b"v") -> Output:
    return Output(topic, key, value, HEADERS, minutes(3), partition)


def test_outputs_rows_and_offset_are_one_transaction(commit: Commit) -> None:
    producer = commit([output()], [Row(b"k", b"1", None)], 9)
    assert producer.asked == [
        "start",
        "begin",
        "send",
        "send",
        ("offsets", {INBOX: 9}, "backoffice.processors"),
        "commit",
        "stop",
    ]


def test_a_tick_acknowledges_nothing(commit: Commit) -> None:
    assert commit([output()], [], None).asked == ["start", "begin", "send", "commit", "stop"]


def test_a_batch_without_outputs_or_rows_sends_no_empty_batches(commit: Commit) -> None:
    offset = ("offsets", {INBOX: 9}, "backoffice.processors")
    assert commit([], [], 9).asked == ["start", "begin", offset, "commit", "stop"]


# The group's offset


def told(outbox: Made, story: Callable[[Outbox], Awaitable[None]], space: Space = LIVE, **settings: Any) -> list[int]:
    """The offsets that the group was told while this happened."""

    async def run() -> list[object]:
        producer, made = outbox(space, **settings)
        await story(made)
        return producer.asked

    asked = asyncio.run(run())
    return [each[1][INBOX] for each in asked if isinstance(each, tuple)]


async def two_batches(made: Outbox) -> None:
    await made.commit([output()], [Row(b"k", b"1", None)], 9)
    await made.commit([output()], [Row(b"k", b"2", None)], 11)


def test_the_first_transaction_tells_the_group(outbox: Made) -> None:
    """So that whoever had the partition before and still remembers it sees that somebody else has had it."""
    assert told(outbox, two_batches, offset_interval=3_600.0) == [9]


def test_once_the_interval_has_passed_the_next_transaction_tells_it(outbox: Made) -> None:
    assert told(outbox, two_batches, offset_interval=0.0) == [9, 11]


def test_a_replay_space_tells_it_each_time(outbox: Made) -> None:
    """A feeder waits for each offset."""
    assert told(outbox, two_batches, REPLAY, offset_interval=3_600.0) == [9, 11]


def test_what_was_not_told_is_told_when_asked_to_and_only_once(outbox: Made) -> None:
    async def story(made: Outbox) -> None:
        assert made.tells_in() is None
        await two_batches(made)
        assert 0 < (made.tells_in() or 0) <= 3_600
        await made.tell()
        assert made.tells_in() is None
        await made.tell()

    assert told(outbox, story, offset_interval=3_600.0) == [9, 11]


def test_a_tick_may_carry_what_is_left_to_tell(outbox: Made) -> None:
    async def story(made: Outbox) -> None:
        made.stands_at(7)
        assert made.tells_in() == 0
        await made.commit([output()], [], None)
        assert made.tells_in() is None

    assert told(outbox, story, offset_interval=3_600.0) == [7]


def test_a_group_that_refused_to_be_told_has_still_to_be_told(outbox: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        producer, made = outbox()

        async def refuses(offsets: object, group: str) -> None:
            raise RuntimeError("no coordinator")

        monkeypatch.setattr(producer, "send_offsets_to_transaction", refuses)
        with pytest.raises(RuntimeError, match="no coordinator"):
            await made.commit([output()], [], 9)
        assert made.tells_in() == 0

    asyncio.run(story())


@pytest.mark.parametrize("nth", [0, 1, 2], ids=["an output", "another output", "the rows"])
def test_when_one_batch_is_refused_nothing_is_committed(outbox: Made, nth: int) -> None:
    """Though the others arrived: it fails only its own future."""

    async def story() -> list[object]:
        producer, made = outbox()
        producer.fails, producer.fails_at = RuntimeError("the batch was refused"), nth
        with pytest.raises(RuntimeError, match="the batch was refused"):
            await made.commit([output(partition=0), output(partition=1)], [Row(b"k", b"1", None)], 9)
        return producer.asked

    asked = asyncio.run(story())
    assert asked.count("send") == 3
    assert "commit" not in asked


def test_when_the_offset_is_refused_nothing_is_committed(outbox: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[object]:
        producer, made = outbox()

        async def fenced(offsets: object, group: str) -> None:
            raise RuntimeError("somebody else has the partition")

        monkeypatch.setattr(producer, "send_offsets_to_transaction", fenced)
        with pytest.raises(RuntimeError, match="somebody else"):
            await made.commit([output()], [Row(b"k", b"1", None)], 9)
        return producer.asked

    assert "commit" not in asyncio.run(story())


def test_the_offset_does_not_wait_for_the_records(outbox: Made) -> None:
    """One round trip less in each transaction."""

    async def story() -> None:
        producer, made = outbox()
        producer.answers.clear()
        committing = asyncio.create_task(made.commit([output()], [Row(b"k", b"1", None)], 9))
        async with asyncio.timeout(60):
            while len(producer.asked) < 4:
                await asyncio.sleep(0)
        assert producer.asked == ["begin", "send", "send", ("offsets", {INBOX: 9}, "backoffice.processors")]
        producer.answers.set()
        await committing
        assert producer.asked[-1] == "commit"

    asyncio.run(story())


@pytest.mark.parametrize("late", ["answers", "offsets_answered"])
def test_nothing_is_committed_before_all_of_it_was_answered(outbox: Made, late: str) -> None:
    async def story() -> None:
        producer, made = outbox()
        getattr(producer, late).clear()
        committing = asyncio.create_task(made.commit([output()], [Row(b"k", b"1", None)], 9))
        for _ in range(50):
            await asyncio.sleep(0)
        assert "commit" not in producer.asked
        getattr(producer, late).set()
        await committing
        assert producer.asked[-1] == "commit"

    asyncio.run(story())


def test_a_transaction_that_takes_too_long_is_given_up(outbox: Made) -> None:
    """The broker aborts it after the same time."""

    async def story() -> list[object]:
        producer, made = outbox(transaction_timeout=0.05)
        assert producer.told["transaction_timeout_ms"] == 50
        producer.answers.clear()
        with pytest.raises(TransactionTimeout, match=r"was not committed within 0\.05 s"):
            await made.commit([output()], [], 9)
        return producer.asked

    assert "commit" not in asyncio.run(story())


# Where the changelog stands


def position_after(outbox: Made, rows: list[Row], outputs: list[Output], batch_size: int | None = None) -> int | None:
    """What a commit says, when the changelog's partition held 100 records and everything else 7,000."""

    async def story() -> int | None:
        producer, made = outbox()
        producer.batch_size = batch_size or producer.batch_size
        producer.log_ends = {TopicPartition("backoffice.facts", n): 7_000 for n in range(4)}
        producer.log_ends[CHANGELOG] = 100
        position = await made.commit(outputs, rows, 9)
        assert len(producer.sent.get(CHANGELOG, ())) == len(rows)
        return position

    return asyncio.run(story())


def rows_of(size: int, number: int) -> list[Row]:
    return [Row(b"%d" % n, bytes(size), None) for n in range(number)]


def test_a_commit_says_where_the_changelog_stands_after_its_rows(outbox: Made) -> None:
    assert position_after(outbox, rows_of(1, 3), [output(partition=n) for n in range(4)]) == 103


@given(number=st.integers(1, 40), size=st.integers(0, 400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_also_when_they_span_several_batches(outbox: Made, number: int, size: int) -> None:
    assert position_after(outbox, rows_of(size, number), [], batch_size=1_000) == 100 + number


def test_without_rows_it_says_nothing_of_the_changelog(outbox: Made) -> None:
    assert position_after(outbox, [], [output()]) is None


# Who sends what where


def test_the_transaction_is_named_after_the_partition_it_reads(commit: Commit) -> None:
    told = commit([], []).told
    assert told["transactional_id"] == "backoffice.library.2"
    assert told["max_request_size"] > DEAD_LETTER_MAX_BYTES > INBOX_MAX_BYTES


def test_an_output_goes_where_its_key_belongs_or_where_it_is_told(commit: Commit) -> None:
    outputs = [output(key=f"k{n}".encode()) for n in range(40)] + [output("events.library", b"k0", 3)]
    sent = commit(outputs, []).sent
    assert [r.key for r in sent.pop(TopicPartition("backoffice.events.library", 3))] == [b"k0"]
    assert sum(map(len, sent.values())) == 40
    for tp, records in sent.items():
        assert tp.topic == "backoffice.facts"
        assert {partition_of(record.key, 4) for record in records} == {tp.partition}


def test_the_first_partition_is_a_partition_like_any_other(commit: Commit) -> None:
    key = next(f"k{n}".encode() for n in range(40) if partition_of(f"k{n}".encode(), 4))
    producer = commit([output(key=key, partition=0)], [], 0)
    assert list(producer.sent) == [TopicPartition("backoffice.facts", 0)]
    assert ("offsets", {INBOX: 0}, "backoffice.processors") in producer.asked


def test_outputs_to_one_partition_keep_their_order_and_their_headers(commit: Commit) -> None:
    sent = commit([output(value=str(n).encode()) for n in range(5)], []).sent
    (records,) = sent.values()
    assert [record.value for record in records] == [b"0", b"1", b"2", b"3", b"4"]
    assert list(records[0].headers) == list(HEADERS)


def test_an_output_without_a_key_has_a_partition_all_the_same(commit: Commit) -> None:
    (where,) = commit([output("dead-letters", None)], []).sent
    assert where == TopicPartition("backoffice.dead-letters", 0)


def test_rows_go_to_the_partition_of_the_changelog_that_the_inbox_has(commit: Commit) -> None:
    sent = commit([], [Row(b"1", b"x", None), Row(b"2", None, None)]).sent
    assert list(sent) == [CHANGELOG]


def test_a_row_comes_back_from_the_changelog_with_its_expiry(commit: Commit) -> None:
    until = minutes(5) + timedelta(milliseconds=7)
    rows = [Row(b"1", b"x", until), Row(b"2", b"y", None), Row(b"3", None, None)]
    (records,) = commit([], rows).sent.values()
    assert _rows(records) == rows


def test_in_a_replay_space_a_record_carries_the_time_of_its_cause(commit: Commit) -> None:
    (records,) = commit([output()], [], space=REPLAY).sent.values()
    assert records[0].timestamp == to_ms(minutes(3))


def test_in_a_live_space_the_broker_stamps(commit: Commit) -> None:
    (records,) = commit([output()], []).sent.values()
    assert abs(records[0].timestamp - to_ms(minutes(3))) > 60_000


def test_what_does_not_fit_one_batch_goes_in_several(commit: Commit) -> None:
    producer = commit([output(value=bytes(300)) for _ in range(10)], [], batch_size=1_000)
    assert producer.asked.count("send") > 3
    (records,) = producer.sent.values()
    assert len(records) == 10


def test_a_record_with_neither_key_nor_value_can_be_a_dead_letter(commit: Commit) -> None:
    nothing = Output("dead-letters", None, None, [("__connect.errors.stage", b"VALUE_CONVERTER")], minutes(3))
    (records,) = commit([nothing], []).sent.values()
    assert (records[0].key, records[0].value) == (None, None)
