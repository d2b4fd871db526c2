"""Reading a partition's state back from its changelog: read committed, in bulk, to the end it had at the beginning."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from processors.collection import UnreadableRow
from processors.engine.state_directory import StateDirectory
from processors.row import UNTIL, Row
from processors.store import from_ms

POLL_MS = 200
FETCH_BYTES = 8 * 1024 * 1024


class ForeignRow(Exception):
    """Something on a changelog that its processor did not write; with half a state nothing must go on."""


@contextmanager
def named(topic: str, partition: int, unreadable: tuple[type[Exception], ...] = (UnreadableRow,)) -> Iterator[None]:
    """Says on which changelog the row stands that could not be read. Raises ForeignRow for it."""
    try:
        yield
    except StateDirectory:
        raise
    except unreadable as error:
        raise ForeignRow(f"{topic}/{partition}: {error}") from error


class Changelog:
    """One partition of a changelog, open for reading. Offsets are those of the moment it was opened."""

    def __init__(self, consumer: AIOKafkaConsumer, where: TopicPartition, beginning: int, end: int) -> None:
        self._consumer = consumer
        self.where = where
        self.beginning = beginning
        self.end = end
        self.position = end

    async def rows(self, start: int | None = None) -> AsyncIterator[list[Row]]:
        """The rows from an offset (None: the beginning) in the log's order, in lists as fetched.

        After each list `position` is the offset that follows it. A changelog ends in a transaction marker,
        so the end is where the position is, not where a record is.
        """
        self.position = self.beginning if start is None else start
        if self.position >= self.end:
            return
        self._consumer.seek(self.where, self.position)
        while self.position < self.end:
            fetched = await self._consumer.getmany(self.where, timeout_ms=POLL_MS)
            self.position = await self._consumer.position(self.where)
            yield _rows(fetched.get(self.where, ()))


@asynccontextmanager
async def opened(bootstrap_servers: str, topic: str, partition: int) -> AsyncIterator[Changelog]:
    where = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        consumer.assign([where])
        end = (await consumer.end_offsets([where]))[where]
        beginning = (await consumer.beginning_offsets([where]))[where]
        yield Changelog(consumer, where, beginning, end)
    finally:
        await consumer.stop()


_new = tuple.__new__


def _rows(records: Iterable[Any]) -> list[Row]:
    """`_new`: what Row(...) does, at half of its cost; a restore makes millions."""
    return [_new(Row, (r.key, r.value, _until(r.headers) if r.headers else None)) for r in records]


def _until(headers: Iterable[tuple[str, bytes]]) -> datetime | None:
    until = dict(headers).get(UNTIL)
    return None if until is None else from_ms(int(until))
