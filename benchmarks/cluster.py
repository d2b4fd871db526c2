"""The benchmark's topics on the broker: inputs filled once and read by everybody, the rest new for each run."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.partitioner import murmur2
from confluent_kafka import KafkaError, Message, Producer
from kafka.admin import KafkaAdminClient
from kafka.errors import NoError, for_code

from benchmarks.contenders.backoffice_worker import INBOX, NAME
from benchmarks.expected import Expected
from benchmarks.invoices import Sent
from infra import broker
from infra.admin import admin
from infra.broker import Broker, BrokerHome
from infra.topics import apply, plan
from schemas.codec import CONTENT_TYPE
from schemas.topics import Space, TopicSpec, topics

GONE_WITHIN = 60.0
GROUP_EMPTY_WITHIN = 90.0
"""A killed member stays in its group for a session, 45 s by the clients' default."""
GONE = ("OK", "GroupIdNotFoundError")
"""kafka-python answers a deletion with the error's name, and raises nothing."""


class BenchmarkFailed(Exception):
    """A contender ended, hung or gave a wrong answer; the message says which and where its log is."""


@dataclass(slots=True)
class Input:
    """A filled inbox in a space of ours. `ends` holds the offset behind the last record of each partition."""

    space: Space
    partitions: int
    events: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    expected: tuple[Expected, ...] = ()

    @property
    def topic(self) -> str:
        return self.space.topic(INBOX)


@contextmanager
def running_broker(home: Path) -> Iterator[Broker]:
    """A broker of the benchmark's own in `home`, its data erased at the end."""
    where = BrokerHome(home / "broker")
    try:
        yield broker.ensure(home=where)
    finally:
        broker.stop(home=where, erase=True)


def partition_of(key: str, partitions: int) -> int:
    """Where Java's default partitioner, and with it ours, puts a key."""
    return (int(murmur2(key.encode())) & 0x7FFFFFFF) % partitions


def homes(partitions: int, name: str = "closing") -> list[str]:
    """A vendor that lives in each partition."""
    found: dict[int, str] = {}
    n = 0
    while len(found) < partitions:
        found.setdefault(partition_of(f"vendor/{name}-{n}", partitions), f"{name}-{n}")
        n += 1
    return [found[partition] for partition in range(partitions)]


def specs(space: Space, partitions: int) -> tuple[TopicSpec, ...]:
    return topics(space, {NAME: INBOX}, partitions)


def create(bootstrap: str, space: Space, partitions: int) -> Input:
    """A space with an empty inbox."""
    with admin(bootstrap) as cluster:
        apply(cluster, plan(cluster, specs(space, partitions)), lambda line: None)
    return Input(space, partitions)


def fill(bootstrap: str, into: Input, events: Iterable[Sent]) -> None:
    """Sends the events as the product's own client would: idempotent, lz4, 64 KiB batches, murmur2. All must arrive."""
    failed: list[KafkaError] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failed.append(error)

    producer = Producer(producer_settings(bootstrap) | {"queue.buffering.max.messages": 1_000_000})
    where: dict[str, int] = {}
    for sent in events:
        partition = where.get(sent.key)
        if partition is None:
            partition = where[sent.key] = partition_of(sent.key, into.partitions)
        _produce(producer, into.topic, sent, partition, delivered)
        into.ends[partition] = into.ends.get(partition, 0) + 1
        into.events += 1
        for expected in into.expected:
            expected.note(sent)
        if into.events % 1_000 == 0:
            producer.poll(0)
    producer.flush()
    if failed:
        raise BenchmarkFailed(f"{len(failed)} events could not be sent to {into.topic}: {failed[0]}")


@contextmanager
def filled(bootstrap: str, events: Iterable[Sent], partitions: int, *expected: Expected) -> Iterator[Input]:
    """A space of its own with these events in its inbox; `expected` notes them. Removed at the end."""
    source = create(bootstrap, Space(f"bench-{uuid.uuid4().hex[:6]}"), partitions)
    source.expected = expected
    try:
        fill(bootstrap, source, events)
        yield source
    finally:
        remove(bootstrap, source)


def producer_settings(bootstrap: str) -> dict[str, str | int | bool]:
    """Idempotent: a batch that is sent again keeps its place, and with it the expected answer."""
    return {
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,
        "linger.ms": 5,
        "batch.size": 65_536,
        "compression.type": "lz4",
        "log_level": 3,  # what it retries is not news
    }


HEADERS: list[tuple[str, str | bytes | None]] = [("content-type", CONTENT_TYPE)]


def _produce(
    producer: Producer, topic: str, sent: Sent, partition: int, delivered: Callable[[KafkaError | None, Message], None]
) -> None:
    while True:
        try:
            producer.produce(topic, sent.value, sent.key, partition, on_delivery=delivered, headers=HEADERS)
            return
        except BufferError:
            producer.poll(0.1)


def remove(bootstrap: str, used: Input) -> None:
    """The space with all its topics."""
    with admin(bootstrap) as cluster:
        _drop(cluster, [s.name for s in specs(used.space, used.partitions)])
        _drop_groups(cluster, [used.space.group])


def create_plain(bootstrap: str, names: Iterable[str]) -> None:
    """Topics of one partition with the cluster's defaults, for a peer's outputs."""
    with admin(bootstrap) as cluster:
        wanted = {name: {"num_partitions": 1, "replication_factor": 1} for name in names}
        for row in cluster.create_topics(wanted, raise_errors=False)["topics"]:
            if for_code(row["error_code"]) is not NoError:
                raise BenchmarkFailed(f"{row['name']} was not created: {row['error_message']}")
        cluster.wait_for_topics(list(wanted), timeout_ms=30_000)


def remove_run(bootstrap: str, run: str) -> None:
    """All topics that a peer's run left: those with its name in theirs (outputs, changelogs)."""
    with admin(bootstrap) as cluster:
        _drop(cluster, [topic for topic in cluster.list_topics() if run in topic])


def _drop(cluster: KafkaAdminClient, names: list[str]) -> None:
    there = set(cluster.list_topics())
    going = [name for name in names if name in there]
    if going:
        cluster.delete_topics(going)
    deadline = time.monotonic() + GONE_WITHIN
    while left := set(going) & set(cluster.list_topics()):
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"the broker still has {', '.join(sorted(left))} {GONE_WITHIN:.0f} s after deletion")
        time.sleep(0.05)


def _drop_groups(cluster: KafkaAdminClient, groups: list[str]) -> None:
    """A member that has just ended may not have left its group yet: that is waited for."""
    deadline = time.monotonic() + GROUP_EMPTY_WITHIN
    while True:
        there = {group["group_id"] for group in cluster.list_groups()}
        results: dict[str, str] = cluster.delete_groups([group for group in groups if group in there])
        left = [f"{group}: {result}" for group, result in results.items() if result not in GONE]
        if not left:
            return
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"groups cannot be deleted: {', '.join(left)}")
        time.sleep(0.2)
