"""Reading topics without a group: from a time or from the end, what is there now, and what comes after."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from consumers.streams.start import BEGINNING as BEGINNING
from consumers.streams.start import Latest, Place, Since, Start
from schemas.codec import Headers

Position = tuple[str, int]
"""A topic, by its full name, and one of its partitions."""


class Unreachable(Exception):
    """The topics cannot be read: no broker, or none such; the message says which."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands on the log. `topic` is its full name; `timestamp` is the log's."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def place(self) -> tuple[datetime, str, int, int]:
        """Sorts records by time, and those of one partition as they stand on the log."""
        return self.timestamp, self.topic, self.partition, self.offset


class Log:
    """Several topics, read committed. Use it as a context manager. Raises Unreachable.

    `patience` in seconds bounds the wait for a broker that says nothing while records are known to be there.
    """

    def __init__(self, bootstrap_servers: str, topics: Iterable[str], *, patience: float = 30.0) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topics = tuple(topics)
        self._patience = patience
        self._consumer: Any = None
        self._partitions: list[Any] = []

    def __enter__(self) -> Self:
        try:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap_servers.split(","),
                client_id="backoffice-reader",
                group_id=None,
                isolation_level="read_committed",
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=200,
                max_poll_records=5_000,
                bootstrap_timeout_ms=5_000,
            )
        except KafkaError as error:
            raise Unreachable(f"No Kafka broker answered at {self._bootstrap_servers}: {error}") from error
        try:
            self._partitions = [p for topic in self._topics for p in self._partitions_of(topic)]
            self._consumer.assign(self._partitions)
        except BaseException:
            self._consumer.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def since(self, start: datetime = BEGINNING) -> Iterator[list[Record]]:
        """What stands on the log now from `start` on, in batches, each in order of time."""
        return self.beginning(Since(start))

    def latest(self, span: int) -> tuple[Iterator[list[Record]], bool]:
        """What stands in the last `span` offsets of each partition, and whether that is everything there is."""
        ends, beginnings = self._ends(), self._beginnings()
        starts = {p: max(beginnings[p], ends[p] - span) for p in self._partitions}
        return self._until(starts, ends), starts == beginnings

    def beginning(self, start: Start) -> Iterator[list[Record]]:
        """What stands on the log now from a place on; where nothing is to be read, `follow` reads nothing either."""
        ends = self._ends()
        starts = self._starts(start, ends)
        self._go(starts)
        return self._until(starts, ends)

    def seek(self, start: Start) -> None:
        """Goes to a place, from which `follow` reads on."""
        self._go(self._starts(start, self._ends()))

    def go(self, positions: Mapping[Position, int]) -> None:
        """To where somebody was before; what the log does not have any more is passed over."""
        beginnings, ends = self._beginnings(), self._ends()
        self._go(
            {
                p: min(max(positions.get((p.topic, p.partition), beginnings[p]), beginnings[p]), ends[p])
                for p in self._partitions
                if (p.topic, p.partition) in positions
            }
        )

    def _go(self, starts: Mapping[Any, int]) -> None:
        self._partitions = list(starts)
        self._consumer.assign(self._partitions)
        for partition, offset in starts.items():
            self._consumer.seek(partition, offset)

    def positions(self) -> dict[Position, int]:
        """The offset that is read next, by topic and partition."""
        return {(p.topic, p.partition): self._consumer.position(p) for p in self._partitions}

    def ends(self) -> dict[Position, int]:
        """The offset after the last record."""
        return {(p.topic, p.partition): end for p, end in self._ends().items()}

    def _starts(self, start: Start, ends: Mapping[Any, int]) -> dict[Any, int]:
        match start:
            case Place(partition, offset):
                chosen = [p for p in self._partitions if p.partition == partition]
                if not chosen:
                    raise Unreachable(f"{', '.join(self._topics)} has no partition {partition}")
                beginnings = self._beginnings()
                return {p: min(max(offset, beginnings[p]), ends[p]) for p in chosen}
            case Latest(count):
                beginnings = self._beginnings()
                return {p: max(beginnings[p], ends[p] - count) for p in self._partitions}
            case Since(at):
                if at == BEGINNING:
                    return self._beginnings()
                stamp = int(at.timestamp() * 1000)
                found = self._consumer.offsets_for_times(dict.fromkeys(self._partitions, stamp))
                return {p: ends[p] if found[p] is None else found[p].offset for p in self._partitions}

    def follow(self) -> Iterator[list[Record]]:
        """What comes after what was read, for ever; an empty list now and then, so that a caller can stop."""
        while True:
            yield self._poll(500)

    def _until(self, starts: Mapping[Any, int], ends: Mapping[Any, int]) -> Iterator[list[Record]]:
        for partition, offset in starts.items():
            self._consumer.seek(partition, offset)
        left = {p for p in self._partitions if starts[p] < ends[p]}
        heard = time.monotonic()
        while left:
            if batch := self._poll(500):
                heard = time.monotonic()
                yield batch
            elif time.monotonic() - heard > self._patience:
                raise Unreachable(f"{self._bootstrap_servers} says nothing more; {len(left)} partitions are not read")
            left = {p for p in left if self._consumer.position(p) < ends[p]}

    def _poll(self, timeout_ms: int) -> list[Record]:
        polled = self._consumer.poll(timeout_ms=timeout_ms)
        return sorted((_record(r) for records in polled.values() for r in records), key=lambda r: r.place)

    def _partitions_of(self, topic: str) -> list[Any]:
        numbers = self._consumer.partitions_for_topic(topic)
        if not numbers:
            raise Unreachable(
                f"There is no topic {topic} at {self._bootstrap_servers}. Check --space; "
                "`backoffice topics apply` creates a space's topics."
            )
        return [TopicPartition(topic, number) for number in sorted(numbers)]

    def _ends(self) -> dict[Any, int]:
        ends: dict[Any, int] = self._consumer.end_offsets(self._partitions)
        return ends

    def _beginnings(self) -> dict[Any, int]:
        beginnings: dict[Any, int] = self._consumer.beginning_offsets(self._partitions)
        return beginnings


def _record(record: Any) -> Record:
    return Record(
        record.topic,
        record.partition,
        record.offset,
        datetime.fromtimestamp(record.timestamp / 1000, UTC),
        record.key,
        record.value,
        tuple(record.headers or ()),
    )
