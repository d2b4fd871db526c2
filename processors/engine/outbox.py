"""What one partition sends: outputs and changed rows, its own place in the inbox among them, in one Kafka transaction.

The group is told that place too, as the log's tools and whoever waits for a space to drain look there, but not in
each transaction: it costs two round trips and a marker of the group's coordinator, which takes its time for both.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import murmur2
from aiokafka.structs import OffsetAndMetadata

from processors.engine.settings import EngineSettings
from processors.records import Output
from processors.row import UNTIL, Row
from processors.store import to_ms
from schemas.codec import Headers
from schemas.topics import DEAD_LETTER_MAX_BYTES, Space, changelog

log = logging.getLogger(__name__)

BATCH_BYTES = 1_000_000
"""Before compression, which can add a little: a topic takes 1 MiB."""
RETRY_BACKOFF_MS = 10
"""One-node brokers answer NotEnoughReplicas when a transaction follows another at once; aiokafka waits 100 ms."""


@lru_cache(maxsize=100_000)
def _hash(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Java's default partitioner, kafka-python and aiokafka choose it."""
    return _hash(key) % partitions


CLOSE_WITHIN = 5.0
"""Seconds. aiokafka flushes for as long as no broker answers; what is open is aborted by the partition's next owner."""


class TransactionTimeout(Exception):
    """A transaction did not end in time. Whether it was committed is not known here; the next owner finds out."""


class Outbox:
    """The transactional producer of one input partition.

    Its `transactional.id` names that partition, so whoever opens it next fences whoever had it.
    """

    def __init__(
        self,
        space: Space,
        processor: str,
        inbox: TopicPartition,
        partitions: Callable[[str], int],
        settings: EngineSettings,
    ) -> None:
        self._space = space
        self._inbox = inbox
        self._changelog = TopicPartition(space.topic(changelog(processor)), inbox.partition)
        self._partitions = partitions
        self._timeout = settings.transaction_timeout
        self._tells_every = 0.0 if space.replay else settings.offset_interval  # a feeder waits for every offset
        self._told_at = -math.inf
        self._untold: OffsetAndMetadata | None = None
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.bootstrap_servers,
            client_id=f"{space.name}.{processor}.{inbox.partition}",
            transactional_id=f"{space.name}.{processor}.{inbox.partition}",
            transaction_timeout_ms=int(settings.transaction_timeout * 1000),
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
            max_request_size=2 * DEAD_LETTER_MAX_BYTES,
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )

    async def open(self) -> None:
        """Fences every earlier owner of this partition; whatever they had open is aborted."""
        await self._producer.start()

    async def close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._producer.stop()
        except TimeoutError:
            log.warning("no broker answers: the producer of %s/%s is left as it is", *self._inbox)

    def stands_at(self, offset: int) -> None:
        """The state does, and the group was last told of less: whoever committed it did not come to saying so."""
        self._untold = OffsetAndMetadata(offset, "")

    def tells_in(self) -> float | None:
        """Seconds until the group is to be told where the partition stands; None when it knows."""
        if self._untold is None:
            return None
        return max(0.0, self._told_at + self._tells_every - time.monotonic())

    async def tell(self) -> None:
        """Tells the group now, unless it knows. Raises as `commit` does."""
        if self._untold is not None:
            self._told_at = -math.inf
            await self.commit((), (), None)

    async def commit(
        self, outputs: Iterable[Output], rows: Sequence[Row], next_offset: int | None, note: str = ""
    ) -> int | None:
        """Everything or nothing. Raises when it did not commit; the caller must then give the partition up.

        `note` stands beside the offset, for those who look how far the group has come.
        Returns the changelog's offset after the last of these rows; None when there are none.
        """
        if next_offset is not None:
            self._untold = OffsetAndMetadata(next_offset, note)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._transact(outputs, rows)
        except TimeoutError as error:
            raise TransactionTimeout(
                f"a transaction of {self._inbox.topic}/{self._inbox.partition} was not committed within "
                f"{self._timeout:g} s; is the broker reachable, and may we write to every output topic?"
            ) from error

    async def _transact(self, outputs: Iterable[Output], rows: Sequence[Row]) -> int | None:
        await self._producer.begin_transaction()
        pending: list[Awaitable[Any]] = []
        for where, records in self._by_partition(outputs).items():
            await self._send(where, records, pending)
        last = await self._send(self._changelog, [_changed(row) for row in rows], pending)
        if telling := self.tells_in() == 0.0:
            offset = {self._inbox: self._untold}
            pending.append(self._producer.send_offsets_to_transaction(offset, self._space.group))
        await asyncio.gather(*pending)  # a failed batch fails only its own future
        await self._producer.commit_transaction()
        if telling:
            self._untold, self._told_at = None, time.monotonic()
        if last is None or (first := last.done.result().offset) < 0:  # unknown after a repeated send: safe, only slower
            return None
        return int(first) + last.records

    async def _send(
        self, where: TopicPartition, records: Iterable["_Record"], pending: list[Awaitable[Any]]
    ) -> "_Sent | None":
        """Sends in batches; the last of them."""
        last = None
        for batch in self._batches(records):
            last = _Sent(
                await self._producer.send_batch(batch, where.topic, partition=where.partition), batch.record_count()
            )
            pending.append(last.done)
        return last

    def _by_partition(self, outputs: Iterable[Output]) -> Mapping[TopicPartition, list["_Record"]]:
        grouped: dict[TopicPartition, list[_Record]] = {}
        for output in outputs:
            stamp = to_ms(output.at) if self._space.replay else None
            record = (output.key, output.value, output.headers, stamp)
            grouped.setdefault(self._destination(output), []).append(record)
        return grouped

    def _destination(self, output: Output) -> TopicPartition:
        topic = self._space.topic(output.topic)
        if output.partition is not None:
            return TopicPartition(topic, output.partition)
        return TopicPartition(topic, partition_of(output.key or b"", self._partitions(topic)))

    def _batches(self, records: Iterable["_Record"]) -> Iterable[Any]:
        """Builders of at least one record each, filled in order."""
        batch = self._producer.create_batch()
        for key, value, headers, stamp in records:
            fields = {"key": key, "value": value, "timestamp": stamp, "headers": list(headers)}
            if batch.append(**fields) is None:
                yield batch
                batch = self._producer.create_batch()
                if batch.append(**fields) is None:
                    raise RuntimeError(f"a record of key {key!r} does not fit an empty batch")
        if batch.record_count():
            yield batch


_Record = tuple[bytes | None, bytes | None, Headers, int | None]
"""Key, value, headers and timestamp (None: the broker's) as a record is written."""


class _Sent(NamedTuple):
    """A batch on its way; `done` gives its first offset."""

    done: "asyncio.Future[Any]"
    records: int


def _changed(row: Row) -> _Record:
    return row.key, row.value, ((UNTIL, str(to_ms(row.until)).encode()),) if row.until else (), None
