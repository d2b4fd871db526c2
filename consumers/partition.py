"""Partitions of topics, one at a time, read committed, in the order of the log: for who must see all of it."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from consumers.log import Unreachable
from schemas.codec import Headers


class Stood(NamedTuple):
    """One record as it stands on the log. `topic` is its full name; `timestamp` in milliseconds since the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def at(self) -> datetime:
        """The timestamp as an instant."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC)


class Partitions:
    """Reads partitions from an offset to the end they had when it was asked. Use it as a context manager.

    The end is that of everything written, transactions in flight among it: those are waited for, at most `patience`
    seconds without a record. So what was committed before is seen, wherever the markers of its transaction are.
    Raises Unreachable.
    """

    def __init__(self, bootstrap_servers: str, *, patience: float = 60.0) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._patience = patience
        self._committed: Any = None
        self._everything: Any = None

    def __enter__(self) -> Self:
        try:
            self._committed = self._consumer("read_committed")
            self._everything = self._consumer("read_uncommitted")
        except KafkaError as error:
            self._close()
            raise Unreachable(f"No Kafka broker answered at {self._bootstrap_servers}: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        for consumer in (self._committed, self._everything):
            if consumer is not None:
                consumer.close()

    def _consumer(self, isolation: str) -> Any:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap_servers.split(","),
            client_id="backoffice-reader",
            group_id=None,
            isolation_level=isolation,
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=200,
            max_poll_records=5_000,
            bootstrap_timeout_ms=5_000,
        )

    def of(self, topic: str) -> list[int]:
        """The partitions of a topic; none when there is no such topic."""
        return sorted(self._committed.partitions_for_topic(topic) or ())

    def beginning(self, topic: str, partition: int) -> int:
        """The first offset that the log still has."""
        here = TopicPartition(topic, partition)
        first: int = self._committed.beginning_offsets([here])[here]
        return first

    def end(self, topic: str, partition: int) -> int:
        """The offset after the last record, whether its transaction is committed yet or not."""
        here = TopicPartition(topic, partition)
        end: int = self._everything.end_offsets([here])[here]
        return end

    def record(self, topic: str, partition: int, offset: int) -> Stood | None:
        """The committed record at this place; None when it is not there, or not any more."""
        if partition not in self.of(topic) or not self.beginning(topic, partition) <= offset < self.end(
            topic, partition
        ):
            return None
        for batch in self.read(topic, partition, offset, offset + 1):
            return batch[0]
        return None

    def read(
        self, topic: str, partition: int, start: int | None = None, end: int | None = None
    ) -> Iterator[Sequence[Stood]]:
        """The committed records from `start` (None: the first) to `end` (None: the end there is now), in lists."""
        here = TopicPartition(topic, partition)
        position = self.beginning(topic, partition) if start is None else start
        end = self.end(topic, partition) if end is None else end
        self._committed.assign([here])
        self._committed.seek(here, position)
        heard = time.monotonic()
        while position < end:
            records = self._committed.poll(timeout_ms=500).get(here, ())
            moved = self._committed.position(here)
            if moved > position:
                position, heard = moved, time.monotonic()
            elif time.monotonic() - heard > self._patience:
                raise Unreachable(f"{topic}/{partition} says nothing more at {position}, of {end}")
            if found := [_stood(record) for record in records if record.offset < end]:
                yield found


def _stood(record: Any) -> Stood:
    headers = tuple((name, value) for name, value in record.headers or ())
    return Stood(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, headers)
