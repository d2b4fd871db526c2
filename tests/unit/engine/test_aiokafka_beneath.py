"""What our overrides of aiokafka rest on: a test here fails when a new version changes it beneath us."""

import asyncio
import inspect
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED, Fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.producer import sender
from aiokafka.producer.message_accumulator import BatchBuilder, MessageBatch
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.record.control_record import ABORT_MARKER, COMMIT_MARKER, ControlRecord
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.engine import aiokafka_overrides
from processors.engine.aiokafka_overrides import CONCURRENT_TRANSACTIONS_BACKOFF, install
from processors.engine.outbox import BATCH_BYTES
from processors.records import Record
from schemas.topics import Space

HERE = TopicPartition("trial.events.library", 3)
STOCK = fetcher.PartitionRecords
"""aiokafka's own, from before anybody installed ours."""


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, for this test alone: they concern the whole process."""
    monkeypatch.setattr(fetcher, "PartitionRecords", STOCK)
    monkeypatch.setattr(sender, "BACKOFF_OVERRIDE", sender.BACKOFF_OVERRIDE)
    install(Space("trial"))


# A partition's log, in the bytes that a broker sends

Fields = tuple[int, bytes | None, bytes | None, list[tuple[str, bytes | None]]]
"""Timestamp, key, value and headers."""

_ATTRIBUTES, _CRC = 21, 17
_CONTROL = 0x20


class Log:
    """Batches as producers send them, with the offsets that the broker gives them."""

    def __init__(self) -> None:
        self.end = 0
        self.bytes = b""
        self.aborted: list[tuple[int, int]] = []
        """(producer, first offset) of transactions that were aborted, as a fetch tells them."""

    def append(self, *records: Fields, producer: int | None = None, compression: int = 0) -> "Log":
        """A batch; without a producer it is of no transaction."""
        builder = BatchBuilder(1_000_000, compression, is_transactional=int(producer is not None))
        for timestamp, key, value, headers in records:
            assert builder.append(timestamp=timestamp, key=key, value=value, headers=headers) is not None
        builder._set_producer_state(-1 if producer is None else producer, 0, 0)
        return self._write(bytearray(builder._build()), len(records))

    def marker(self, kind: ControlRecord, producer: int) -> "Log":
        """The end of a producer's transaction."""
        builder = BatchBuilder(1_000, 0, is_transactional=1)
        builder.append(timestamp=0, key=struct.pack(">HH", kind.version, kind.type_), value=bytes(6), headers=[])
        builder._set_producer_state(producer, 0, -1)
        batch = bytearray(builder._build())
        (attributes,) = struct.unpack_from(">h", batch, _ATTRIBUTES)
        struct.pack_into(">h", batch, _ATTRIBUTES, attributes | _CONTROL)
        struct.pack_into(">I", batch, _CRC, calc_crc32c(bytes(batch[_ATTRIBUTES:])))
        return self._write(batch, 1)

    def hole(self, offsets: int) -> "Log":
        """Compaction has left these out."""
        self.end += offsets
        return self

    def _write(self, batch: bytearray, records: int) -> "Log":
        struct.pack_into(">q", batch, 0, self.end)
        self.bytes += bytes(batch)
        self.end += records
        return self


def fetched(
    log: Log, offset: int = 0, isolation: int = READ_COMMITTED, by: Any = None, tp: TopicPartition = HERE
) -> tuple[list[Any], int]:
    """What a consumer makes of it that asked from an offset, and where it goes on."""
    cls = by or fetcher.PartitionRecords
    records = cls(tp, MemoryRecords(log.bytes), log.aborted, offset, None, None, True, isolation)
    return list(records), records.next_fetch_offset


def said(value: bytes) -> Fields:
    return 1_767_600_000_000, b"member/ada", value, [("content-type", b"x")]


def values(records: list[Record]) -> list[bytes | None]:
    return [record.value for record in records]


def test_what_is_fetched_comes_as_our_records() -> None:
    records, position = fetched(Log().append(said(b"1"), said(b"2")))
    assert [type(record) for record in records] == [Record, Record]
    first = Record("events.library", 3, 0, 1_767_600_000_000, b"member/ada", b"1", records[0].headers)
    assert records[0] == first
    assert list(records[0].headers) == [("content-type", b"x")]
    assert position == 2


def test_a_topic_of_another_space_keeps_its_whole_name() -> None:
    log = Log().append(said(b"1"))
    records, _ = fetched(log, tp=TopicPartition("trials.facts", 0))
    assert [record.topic for record in records] == ["trials.facts"]
    install(Space("trials"))
    records, _ = fetched(log, tp=TopicPartition("trials.facts", 0))
    assert [record.topic for record in records] == ["facts"]


@pytest.mark.parametrize("compression", [0, 1, 2, 3, 4], ids=["none", "gzip", "snappy", "lz4", "zstd"])
def test_however_it_was_compressed(compression: int) -> None:
    sent = [said(b"%d" % n * 50) for n in range(20)]
    records, position = fetched(Log().append(*sent, compression=compression))
    assert values(records) == [value for _, _, value, _ in sent]
    assert position == 20


def test_records_of_an_aborted_transaction_are_left_out() -> None:
    log = Log().append(said(b"lost"), said(b"lost too"), producer=7).marker(ABORT_MARKER, 7)
    log.append(said(b"kept"), producer=7).marker(COMMIT_MARKER, 7)
    log.aborted = [(7, 0)]
    records, position = fetched(log)
    assert [(record.offset, record.value) for record in records] == [(3, b"kept")]
    assert position == 5


def test_transactions_of_several_producers_lie_between_one_another() -> None:
    log = Log().append(said(b"a1"), producer=1).append(said(b"b1"), producer=2).append(said(b"plain"))
    log.append(said(b"a2"), producer=1).marker(ABORT_MARKER, 1).append(said(b"b2"), producer=2)
    log.marker(COMMIT_MARKER, 2).append(said(b"a3"), producer=1).marker(COMMIT_MARKER, 1)
    log.aborted = [(1, 0)]
    records, position = fetched(log)
    assert values(records) == [b"b1", b"plain", b"b2", b"a3"]
    assert position == log.end


def test_whoever_reads_uncommitted_sees_them() -> None:
    log = Log().append(said(b"lost"), producer=7).marker(ABORT_MARKER, 7)
    log.aborted = [(7, 0)]
    assert values(fetched(log, isolation=READ_UNCOMMITTED)[0]) == [b"lost"]


def test_a_position_moves_over_markers_and_what_was_aborted() -> None:
    log = Log().append(said(b"lost"), producer=7).marker(ABORT_MARKER, 7).marker(COMMIT_MARKER, 8)
    log.aborted = [(7, 0)]
    assert fetched(log) == ([], 3)


def test_records_from_before_the_offset_asked_for_are_left_out() -> None:
    """A broker sends whole batches."""
    records, position = fetched(Log().append(*[said(b"%d" % n) for n in range(5)], compression=3), offset=3)
    assert [record.offset for record in records] == [3, 4]
    assert position == 5


def test_holes_that_compaction_left_are_passed_over() -> None:
    records, position = fetched(Log().append(said(b"0")).hole(5).append(said(b"6")))
    assert [record.offset for record in records] == [0, 6]
    assert position == 7


def test_a_broken_batch_is_an_error() -> None:
    log = Log().append(said(b"1"))
    log.bytes = log.bytes[:-1] + b"?"
    with pytest.raises(CorruptRecordException):
        fetched(log)


FIELDS = st.tuples(
    st.integers(0, 2**41),
    st.none() | st.binary(max_size=20),
    st.none() | st.binary(max_size=50),
    st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=8)), max_size=3),
)


@given(st.lists(st.tuples(st.lists(FIELDS, min_size=1, max_size=5), st.integers(0, 3), st.integers(0, 3)), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_ours_says_what_aiokafkas_own_says(batches: list[tuple[list[Fields], int, int]]) -> None:
    log = Log()
    for records, producer, compression in batches:
        log.append(*records, producer=producer or None, compression=compression)
        if producer:
            log.marker(COMMIT_MARKER, producer)
    theirs, their_position = fetched(log, by=STOCK)
    ours, position = fetched(log)
    assert position == their_position
    assert [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in ours] == [
        (r.offset, r.timestamp, r.key, r.value, r.headers) for r in theirs
    ]


# Where the overrides take hold


def test_ours_takes_the_place_of_what_the_fetcher_makes() -> None:
    """By its name in that module, with these arguments in this order, and keyword arguments not at all."""
    assert tuple(inspect.signature(STOCK.__init__).parameters) == (
        "self",
        "tp",
        "records",
        "aborted_transactions",
        "fetch_offset",
        "key_deserializer",
        "value_deserializer",
        "check_crcs",
        "isolation_level",
    )
    made = [line.strip() for line in inspect.getsource(Fetcher).splitlines() if "PartitionRecords(" in line]
    assert made == ["partition_records = PartitionRecords("]
    assert issubclass(fetcher.PartitionRecords, STOCK)


def test_a_record_is_made_in_one_place() -> None:
    assert tuple(inspect.signature(STOCK._consumer_record).parameters) == ("self", "tp", "record")
    assert "self._consumer_record(tp, record)" in inspect.getsource(STOCK._unpack_records)
    assert "ConsumerRecord(" not in inspect.getsource(STOCK).replace(inspect.getsource(STOCK._consumer_record), "")


def test_nobody_in_aiokafka_looks_into_a_record_that_was_fetched() -> None:
    """Ours lacks most of the fields of theirs."""
    missing = set(ConsumerRecord.__dataclass_fields__) - set(Record._fields)
    looked_at = inspect.getsource(fetcher.FetchResult)
    assert not [name for name in missing if f".{name}" in looked_at]


def test_the_wait_between_transactions_is_read_when_it_is_needed() -> None:
    source = inspect.getsource(sender)
    assert "\nBACKOFF_OVERRIDE = 0.02 " in source, "aiokafka has another wait now: is ours still wanted?"
    assert "BACKOFF_OVERRIDE" in sender.AddPartitionsToTxnHandler.handle_response.__code__.co_names
    assert sender.BACKOFF_OVERRIDE == CONCURRENT_TRANSACTIONS_BACKOFF < 0.02


def test_what_is_installed_again_is_not_installed_on_top() -> None:
    for _ in range(3):
        install(Space("trial"))
    assert fetcher.PartitionRecords.__mro__[1:3] == (aiokafka_overrides._Records, STOCK)


# What the outbox rests on


def batch(size: int, *records: int, compression: int = 0) -> tuple[BatchBuilder, list[bool]]:
    """A builder, and which records of these sizes it took."""
    builder = BatchBuilder(size, compression, is_transactional=1)
    return builder, [builder.append(timestamp=0, key=b"", value=bytes(n), headers=[]) is not None for n in records]


def test_a_batch_knows_how_many_records_it_has_when_it_is_on_its_way() -> None:
    builder, took = batch(1_000, 300, 300, 300, 300)
    assert took == [True, True, True, False]
    builder._build()
    assert builder.record_count() == 3


def test_an_empty_batch_takes_any_record() -> None:
    """So that one above the batches' size, a dead letter say, goes alone; the broker has the last word."""
    assert batch(BATCH_BYTES, 3 * BATCH_BYTES)[1] == [True]


@pytest.fixture
def sent() -> Iterator[Callable[[], MessageBatch]]:
    """Batches on their way, within an event loop."""
    with asyncio.Runner() as runner:

        async def make() -> MessageBatch:
            builder, _ = batch(1_000, 1, 1)
            return MessageBatch(HERE, builder, 1.0, 0.0)

        yield lambda: runner.run(make())


def test_a_batch_that_arrived_tells_its_first_offset(sent: Callable[[], MessageBatch]) -> None:
    one = sent()
    one.done(41, 0, 0)
    assert one.future.result().offset == 41


def test_a_batch_that_failed_fails_only_its_own_future(sent: Callable[[], MessageBatch]) -> None:
    """So the commit must look at each."""
    one, other = sent(), sent()
    one.failure(RuntimeError("refused"))
    assert isinstance(one.future.exception(), RuntimeError)
    assert not other.future.done()
    one._drain_waiter.exception()


def test_the_partitions_are_in_the_transaction_before_the_offsets_are() -> None:
    """Though they are sent in parallel: the transaction's requests go one by one, in this order."""
    source = inspect.getsource(sender.Sender._maybe_do_transactional_request)
    steps = ["partitions_to_add()", "consumer_group_to_add()", "offsets_to_commit()", "needs_transaction_commit()"]
    where = [source.index(step) for step in steps]
    assert where == sorted(where)


def test_offsets_may_be_added_while_partitions_are_waiting() -> None:
    async def story() -> None:
        transactions = TransactionManager("trial.library.3", 30_000)
        transactions.set_pid_and_epoch(1, 0)
        transactions.begin_transaction()
        transactions.maybe_add_partition_to_txn(HERE)
        committed = transactions.add_offsets_to_txn({HERE: OffsetAndMetadata(5, "")}, "trial.processors")
        assert transactions.partitions_to_add() == {HERE}
        transactions.partition_added(HERE)
        assert transactions.consumer_group_to_add() == "trial.processors"
        transactions.consumer_group_added("trial.processors")
        transactions.offset_committed(HERE, 5, "trial.processors")
        assert committed.done()

    asyncio.run(story())


def test_a_control_record_is_no_record_of_ours() -> None:
    """The builder of this file's logs: what it calls a marker, aiokafka calls one."""
    log = Log().marker(ABORT_MARKER, 7)
    marker = DefaultRecordBatch(bytearray(log.bytes))
    assert marker.validate_crc()
    assert (marker.is_control_batch, marker.is_transactional, marker.producer_id) == (True, True, 7)
