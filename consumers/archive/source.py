"""The topics of a space as the archive reads them: all partitions, read committed, each from the place on record.

There is no consumer group. Where the archive is, its own database says; and one process reads everything, because one
is fast enough, and two would have to share the one transaction that makes each record be there once.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from consumers.archive.databases.base import Database
from consumers.archive.places import Gap, Partition, Topic, add_topic, current_topics, known_places, move, note_gap
from consumers.archive.rows import table_of
from consumers.log import Unreachable
from consumers.partition import Stood
from schemas.topics import Space

log = logging.getLogger(__name__)

LINGER_SECONDS = 0.2
"""How long a batch that is not full waits for more: a transaction costs much the same for one record as for many."""

MOST_BYTES = 32 * 1024 * 1024
"""Bytes of values beyond which a batch is full."""

SHORTER_FOR_SECONDS = 10.0
"""How long a log must stay shorter than what was read of it before that is believed: a broker that has just started may
say so for a moment."""


class Described(NamedTuple):
    """A topic as the cluster has it. `kafka_id` changes when it is deleted and made anew; None: not told."""

    kafka_id: str | None
    partitions: Collection[int]


Describe = Callable[[], Mapping[str, Described]]
"""The topics there are, by their full names. Raises kafka.errors.KafkaError."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records with their topic's id and short name; and, of each partition, where we were and are then."""

    records: list[tuple[Stood, int, str]] = field(default_factory=list)
    moves: dict[Partition, tuple[int | None, int]] = field(default_factory=dict)


class Source:
    """Use it as a context manager, by one thread. Raises Unreachable and KafkaError; Away from the database."""

    def __init__(self, bootstrap_servers: str, space: Space, database: Database, describe: Describe, most: int) -> None:
        self.gaps = 0
        """Of how many partitions records were missed."""
        self._bootstrap_servers = bootstrap_servers
        self._space = space
        self._database = database
        self._describe = describe
        self._most = most
        self._consumer: Any = None
        self._topics: dict[str, Topic] = {}
        self._places: dict[Partition, int] = {}

    def __enter__(self) -> Self:
        try:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap_servers.split(","),
                client_id=f"{self._space.name}.archive",
                group_id=None,
                isolation_level="read_committed",
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                auto_offset_reset="none",
                fetch_max_wait_ms=200,
                max_poll_records=self._most,
                bootstrap_timeout_ms=5_000,
            )
        except KafkaError as error:
            raise Unreachable(f"No Kafka broker answered at {self._bootstrap_servers}: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def look(self) -> None:
        """Finds the topics there are, and goes to where the archive is in each partition; at first, and now and then.

        What has changed is told: topics made anew, logs that are shorter than they were, records gone unread.
        """
        found = {name: one for name, one in self._describe().items() if self._archived(name)}
        with self._database.engine.connect() as connection:
            topics, self._places = current_topics(connection), known_places(connection)
        for name, described in found.items():
            short = self._space.short(name)
            known = topics.get(short)
            if known is None or _is_another(known, described):
                topics[short] = self._begin_topic(short, described, known)
        before, self._topics = self._topics, {name: topics[self._space.short(name)] for name in found}
        partitions = [TopicPartition(name, n) for name, one in found.items() for n in sorted(one.partitions)]
        assigned = self._consumer.assignment()
        new = [p for p in partitions if p not in assigned or before.get(p.topic) != self._topics[p.topic]]
        self._consumer.assign(partitions)
        if new:
            self._go_to(new)

    def poll(self) -> Batch:
        """What comes next: as much as is there, or an empty batch after half a second."""
        batch, size, until = Batch(), 0, time.monotonic() + 0.5
        while (left := until - time.monotonic()) > 0 and len(batch.records) < self._most and size < MOST_BYTES:
            polled = self._consumer.poll(timeout_ms=int(left * 1000), max_records=self._most - len(batch.records))
            if polled and not batch.records:
                until = min(until, time.monotonic() + LINGER_SECONDS)
            for where, records in polled.items():
                size += self._take(batch, where, records)
        return batch

    def _take(self, batch: Batch, where: Any, records: list[Any]) -> int:
        topic = self._topics[where.topic]
        partition = Partition(topic.id, where.partition)
        before = batch.moves[partition][0] if partition in batch.moves else self._places.get(partition)
        batch.moves[partition] = before, records[-1].offset + 1
        size = 0
        for record in records:
            headers = tuple((name, value) for name, value in record.headers or ())
            stood = Stood(
                record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, headers
            )
            batch.records.append((stood, topic.id, topic.name))
            size += len(record.value or b"")
        return size

    def written(self, batch: Batch) -> None:
        """The batch is in the archive."""
        self._places.update({partition: after for partition, (_, after) in batch.moves.items()})

    def lag(self) -> int:
        """Records, and marks of transactions, that are on the log and not archived; as the last answers said."""
        behind = 0
        for where in self._consumer.assignment():
            end = self._consumer.highwater(where)
            if end is not None:
                behind += max(0, end - self._consumer.position(where))
        return behind

    def _archived(self, name: str) -> bool:
        return name.startswith(f"{self._space.name}.") and table_of(self._space.short(name)) is not None

    def _begin_topic(self, name: str, described: Described, known: Topic | None) -> Topic:
        if known is not None:
            log.warning("the topic %s was deleted and made anew: it is archived from its beginning, as another", name)
        with self._database.writing() as connection:
            return add_topic(connection, name, described.kafka_id)

    def _go_to(self, partitions: list[Any]) -> None:
        beginnings = self._consumer.beginning_offsets(partitions)
        ends = self._settled_ends(partitions)
        for where in partitions:
            place = self._places.get(self._partition(where))
            start = beginnings[where] if place is None else place
            if start > ends[where]:
                start = self._begin_shorter(where, ends[where])
            elif start < beginnings[where] or (place is None and start > 0):
                start = self._skip(where, place, beginnings[where])
            self._consumer.seek(where, start)

    def _settled_ends(self, partitions: list[Any]) -> dict[Any, int]:
        """The ends, once none is before our place any more, or has been for long."""
        until = time.monotonic() + SHORTER_FOR_SECONDS
        while True:
            ends: dict[Any, int] = self._consumer.end_offsets(partitions)
            shorter = [where for where in partitions if ends[where] < self._places.get(self._partition(where), 0)]
            if not shorter or time.monotonic() > until:
                return ends
            time.sleep(1.0)

    def _begin_shorter(self, where: Any, end: int) -> int:
        """A log that lost records which we have: what comes now under the same offsets is something else."""
        log.error(
            "%s/%d ends at %d, and the archive has read on to %d: the cluster has lost records. They stay in the "
            "archive; what comes now is archived as of another topic of the same name.",
            *(where.topic, where.partition, end, self._places[self._partition(where)]),
        )
        old = self._topics[where.topic]
        with self._database.writing() as connection:
            new = add_topic(connection, old.name, old.kafka_id)
            moved = {p: place for p, place in self._places.items() if p.topic == old.id}
            places = {Partition(new.id, p.partition): place for p, place in moved.items()}
            places[Partition(new.id, where.partition)] = end
            move(connection, {p: (None, place) for p, place in places.items()})
        self._topics[where.topic] = new
        self._places.update(places)
        return end

    def _skip(self, where: Any, place: int | None, beginning: int) -> int:
        """Records that the log dropped before we read them; a new archive of an old topic misses its beginning so."""
        partition = self._partition(where)
        log.warning(
            "%s/%d begins at %d: records from %d on were dropped before they were archived",
            *(where.topic, where.partition, beginning, place or 0),
        )
        with self._database.writing() as connection:
            note_gap(connection, Gap(partition, place or 0, beginning))
            move(connection, {partition: (place, beginning)})
        self._places[partition] = beginning
        self.gaps += 1
        return beginning

    def _partition(self, where: Any) -> Partition:
        return Partition(self._topics[where.topic].id, where.partition)


def _is_another(known: Topic, described: Described) -> bool:
    return None not in (known.kafka_id, described.kafka_id) and known.kafka_id != described.kafka_id
