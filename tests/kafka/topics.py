"""Whole topics, read committed: every record there is, for tests that count."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from infra.admin import admin
from infra.topics.cluster import existing


class Stood(NamedTuple):
    """One record as it stands on the log."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@contextmanager
def reader(
    bootstrap: str, *topics: str, isolation: str = "read_committed"
) -> Iterator[tuple[Any, list[TopicPartition]]]:
    """A consumer without a group, assigned every partition of these topics. Brokers may come and go meanwhile."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        isolation_level=isolation,
        enable_auto_commit=False,
        reconnect_backoff_max_ms=1_000,
        request_timeout_ms=20_000,
    )
    try:
        partitions = [TopicPartition(t, p) for t in topics for p in sorted(consumer.partitions_for_topic(t) or ())]
        consumer.assign(partitions)
        yield consumer, partitions
    finally:
        consumer.close()


def records(bootstrap: str, *topics: str) -> list[Stood]:
    """Every committed record of these topics, each partition in its order."""
    with reader(bootstrap, *topics) as (consumer, partitions):
        assert partitions, f"no topic {topics}"
        consumer.seek_to_beginning(*partitions)
        end = consumer.end_offsets(partitions)
        found: list[Stood] = []
        while any(consumer.position(p) < end[p] for p in partitions):
            for batch in consumer.poll(timeout_ms=500).values():
                found.extend(_stood(record) for record in batch)
        return found


def partitions(bootstrap: str, topic: str) -> int:
    """How many partitions a topic has."""
    with admin(bootstrap) as cluster:
        return existing(cluster, [topic])[topic].partitions


def ends(bootstrap: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """The offset of the last committed record of each partition that has one."""
    last: dict[tuple[str, int], int] = {}
    for record in records(bootstrap, *topics):
        last[record.topic, record.partition] = record.offset
    return last


def _stood(record: Any) -> Stood:
    headers: tuple[Any, ...] = tuple((name, value if value is None else bytes(value)) for name, value in record.headers)
    return Stood(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, headers)
