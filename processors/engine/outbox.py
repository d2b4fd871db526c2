"""What one partition sends: outputs, changed rows and its input offset, in one Kafka transaction."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import murmur2
from aiokafka.structs import OffsetAndMetadata

from processors.engine.settings import EngineSettings
from processors.records import Output
from processors.store import UNTIL, Row, to_ms
from schemas.codec import Headers
from schemas.topics import DEAD_LETTER_MAX_BYTES, Space, changelog

BATCH_BYTES = 512 * 1024
RETRY_BACKOFF_MS = 10
"""One-node brokers answer NotEnoughReplicas when a transaction follows another at once; aiokafka waits 100 ms."""


@lru_cache(maxsize=100_000)
def _hash(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Java's default partitioner, kafka-python and aiokafka choose it."""
    return _hash(key) % partitions


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
        await self._producer.stop()

    async def commit(self, outputs: Iterable[Output], rows: Iterable[Row], next_offset: int | None) -> None:
        """Everything or nothing. Raises when it did not commit; the caller must then give the partition up."""
        async with asyncio.timeout(self._timeout):
            await self._producer.begin_transaction()
            sends = [
                await self._producer.send_batch(batch, where.topic, partition=where.partition)
                for where, records in self._by_partition(outputs, rows).items()
                for batch in self._batches(records)
            ]
            for sent in sends:  # a failed batch fails only its own future
                await sent
            if next_offset is not None:
                await self._producer.send_offsets_to_transaction(
                    {self._inbox: OffsetAndMetadata(next_offset, "")}, self._space.group
                )
            await self._producer.commit_transaction()

    def _by_partition(self, outputs: Iterable[Output], rows: Iterable[Row]) -> Mapping[TopicPartition, list["_Record"]]:
        grouped: dict[TopicPartition, list[_Record]] = {}
        for output in outputs:
            stamp = to_ms(output.at) if self._space.replay else None
            record = _Record(output.key, output.value, output.headers, stamp)
            grouped.setdefault(self._destination(output), []).append(record)
        for row in rows:
            headers = [(UNTIL, str(to_ms(row.until)).encode())] if row.until else []
            grouped.setdefault(self._changelog, []).append(_Record(row.key, row.value, headers, None))
        return grouped

    def _destination(self, output: Output) -> TopicPartition:
        topic = self._space.topic(output.topic)
        if output.partition is not None:
            return TopicPartition(topic, output.partition)
        return TopicPartition(topic, partition_of(output.key or b"", self._partitions(topic)))

    def _batches(self, records: Sequence["_Record"]) -> Iterable[object]:
        batch = self._producer.create_batch()
        for key, value, headers, stamp in records:
            fields = {"key": key, "value": value, "timestamp": stamp, "headers": list(headers)}
            if batch.append(**fields) is None:
                yield batch
                batch = self._producer.create_batch()
                if batch.append(**fields) is None:
                    raise RuntimeError(f"a record of key {key!r} does not fit an empty batch")
        yield batch


class _Record(NamedTuple):
    """One record as it is written; `timestamp` None: the broker's time."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int | None
