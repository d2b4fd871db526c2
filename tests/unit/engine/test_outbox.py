"""What a partition sends, in one transaction: each record where its key belongs, each row with its expiry."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import DefaultPartitioner

from processors.engine import outbox as outbox_module
from processors.engine.changelog import _row
from processors.engine.outbox import Outbox, partition_of
from processors.records import Output
from processors.store import Row, to_ms
from schemas.codec import HEADERS
from schemas.topics import DEAD_LETTER_MAX_BYTES, INBOX_MAX_BYTES, Space
from tests.unit.core.library import minutes
from tests.unit.engine.standins import INBOX, LIVE, REPLAY, SETTINGS

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
        self.batches = 0
        self.fails = False
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

    def create_batch(self) -> BatchBuilder:
        self.batches += 1
        return BatchBuilder(self.batch_size, 0, is_transactional=1)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> "asyncio.Future[None]":
        self.asked.append("send")
        batch.close()
        records = list(DefaultRecordBatch(bytes(batch._build())))
        self.sent.setdefault(TopicPartition(topic, partition), []).extend(records)
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.fails:
            sent.set_exception(RuntimeError("the batch was refused"))
        else:
            sent.set_result(None)
        return sent


Commit = Callable[..., Producer]


@pytest.fixture
def commit(monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Commits outputs, rows and an offset; gives the producer that was asked to."""

    def run(
        outputs: list[Output], rows: list[Row], next_offset: int | None = 9, space: Space = LIVE, **told: Any
    ) -> Producer:
        async def story() -> Producer:
            outbox = Outbox(space, "library", INBOX, {"facts": 4}.get, SETTINGS)  # type: ignore[arg-type]
            outbox._partitions = lambda topic: 1 if topic.endswith("dead-letters") else 4
            producer = outbox._producer
            for name, value in told.items():
                setattr(producer, name, value)
            try:
                await outbox.open()
                await outbox.commit(outputs, rows, next_offset)
            finally:
                await outbox.close()
            assert isinstance(producer, Producer)
            return producer

        return asyncio.run(story())

    monkeypatch.setattr(outbox_module, "AIOKafkaProducer", Producer)
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


def test_a_batch_that_is_refused_is_never_committed(commit: Commit) -> None:
    with pytest.raises(RuntimeError, match="the batch was refused"):
        commit([output()], [], 9, fails=True)


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
    assert list(sent) == [TopicPartition("backoffice.changelog.library", INBOX.partition)]


def test_a_row_comes_back_from_the_changelog_with_its_expiry(commit: Commit) -> None:
    until = minutes(5) + timedelta(milliseconds=7)
    rows = [Row(b"1", b"x", until), Row(b"2", b"y", None), Row(b"3", None, None)]
    (records,) = commit([], rows).sent.values()
    assert [_row(record) for record in records] == rows


def test_in_a_replay_space_a_record_carries_the_time_of_its_cause(commit: Commit) -> None:
    (records,) = commit([output()], [], space=REPLAY).sent.values()
    assert records[0].timestamp == to_ms(minutes(3))


def test_in_a_live_space_the_broker_stamps(commit: Commit) -> None:
    (records,) = commit([output()], []).sent.values()
    assert abs(records[0].timestamp - to_ms(minutes(3))) > 60_000


def test_what_does_not_fit_one_batch_goes_in_several(commit: Commit) -> None:
    producer = commit([output(value=bytes(300)) for _ in range(10)], [], batch_size=1_000)
    assert producer.batches > 3
    assert producer.asked.count("send") == producer.batches
    (records,) = producer.sent.values()
    assert len(records) == 10


def test_a_record_with_neither_key_nor_value_can_be_a_dead_letter(commit: Commit) -> None:
    nothing = Output("dead-letters", None, None, [("__connect.errors.stage", b"VALUE_CONVERTER")], minutes(3))
    (records,) = commit([nothing], []).sent.values()
    assert (records[0].key, records[0].value) == (None, None)
