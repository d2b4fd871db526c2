"""How far everybody who reads a space is behind: in records, and by how long the oldest of them has waited.

A group tells where it stands now and then, and at the latest half a second after its last transaction
(`EngineSettings.offset_interval`). Offsets are not records: transactions leave markers behind. So where a group is not
at the end, somebody looks whether any record is left there, and when it came.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

from infra.admin import admin
from schemas.topics import Space

LOOK_MS = 2_000
"""How long one partition may take to show the first record that is left."""

NOTIFIER = "notifier"


@dataclass(frozen=True, slots=True)
class Lag:
    """One partition, and who reads it. `reader` is a processor, or the notifier."""

    reader: str
    topic: str
    """Without its space."""
    partition: int
    offset: int | None
    """The next record to be read; None: it has read nothing yet."""
    end: int
    """The offset behind the last committed record or marker."""
    records: int
    """Offsets left, markers of transactions among them; 0 where only markers are left."""
    oldest: datetime | None
    """When the oldest record that waits was written; None where none waits."""

    def seconds(self, now: datetime) -> float | None:
        """How long it has waited; None where none does."""
        return None if self.oldest is None else max(0.0, (now - self.oldest).total_seconds())


def lags(bootstrap: str, space: Space, inboxes: Mapping[str, str], look_ms: int = LOOK_MS) -> list[Lag]:
    """Every partition of every inbox and of `notices`, by reader. `inboxes`: processors and what they read.

    `look_ms` bounds how long each partition is looked at. Topics that are not there are left out.
    Raises kafka.errors.KafkaError.
    """
    readers = {space.topic(inbox): (name, space.group) for name, inbox in inboxes.items()}
    readers[space.topic("notices")] = (NOTIFIER, notifier_group(space))
    with admin(bootstrap) as cluster:
        stand = {group: _stand(cluster, group) for group in {group for _, group in readers.values()}}
    with _reading(bootstrap) as consumer:
        parts = [TopicPartition(t, p) for t in readers for p in sorted(consumer.partitions_for_topic(t) or ())]
        ends = consumer.end_offsets(parts) if parts else {}
        begins = consumer.beginning_offsets(parts) if parts else {}
        found = []
        for part in parts:
            reader, group = readers[part.topic]
            offset = stand[group].get((part.topic, part.partition))
            oldest = _oldest(consumer, part, max(offset or 0, begins[part]), ends[part], look_ms)
            left = 0 if oldest is None else ends[part] - max(offset or 0, begins[part])
            found.append(Lag(reader, space.short(part.topic), part.partition, offset, ends[part], left, oldest))
    return found


def notifier_group(space: Space) -> str:
    return f"{space.name}.notifier"


def _stand(cluster: KafkaAdminClient, group: str) -> dict[tuple[str, int], int]:
    """Where a group stands. A fresh broker knows no group: it makes their topic when the first one comes."""
    try:
        found = cluster.list_group_offsets({group: None})[group]
    except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
        return {}
    return {(part.topic, part.partition): stood.offset for part, stood in found.items() if stood.offset >= 0}


def _oldest(consumer: Any, part: TopicPartition, offset: int, end: int, look_ms: int) -> datetime | None:
    """When the first record from an offset on was written; None where there is none before the end."""
    if offset >= end:
        return None
    consumer.assign([part])
    consumer.seek(part, offset)
    while consumer.position(part) < end:
        before = consumer.position(part)
        for record in consumer.poll(timeout_ms=look_ms, max_records=1).get(part, ()):
            return datetime.fromtimestamp(record.timestamp / 1000, UTC)
        if consumer.position(part) == before:
            break  # an open transaction hides the rest, or the broker is slow: what cannot be seen cannot be said
    return None


@contextmanager
def _reading(bootstrap: str) -> Iterator[Any]:
    """A consumer without a group, for the block."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        client_id="backoffice-lag",
        group_id=None,
        isolation_level="read_committed",
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=64 * 1024,
        bootstrap_timeout_ms=5_000,
    )
    try:
        yield consumer
    finally:
        consumer.close()


def by_reader(found: Iterable[Lag]) -> Iterator[tuple[str, list[Lag]]]:
    """The partitions of each reader, in the order in which they were found."""
    readers: dict[str, list[Lag]] = {}
    for lag in found:
        readers.setdefault(lag.reader, []).append(lag)
    yield from readers.items()
