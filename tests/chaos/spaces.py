"""A space of a test's own, what is sent to it, and when everything sent has been processed."""

import subprocess
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from backoffice import spaces
from backoffice.registry import inboxes
from infra.admin import admin
from infra.topics import apply, plan
from producers.feeder import Feeder
from producers.slices import Slice
from schemas.topics import Space, topics
from tests.kafka.program import committed, eventually, in_the_end

PARTITIONS = 4

Where = tuple[str, int]
"""Topic and partition."""

NOT_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_LEADER_EPOCH,
)
"""What the broker says of a topic that was just made: its metadata knows of the partition before the partition does."""


def own_space(bootstrap: str, name: str, *, replay: bool = False, partitions: int = PARTITIONS) -> Space:
    """A new space with all its topics."""
    space = Space(f"{name}-{uuid.uuid4().hex[:8]}", replay=replay)
    spaces.prepare(bootstrap, space, partitions)
    eventually(lambda: _answers(bootstrap, space), lambda so: so)
    return space


def _answers(bootstrap: str, space: Space) -> bool:
    """Whether the broker answers for each partition: some time after its topic was made."""
    try:
        return bool(end_offsets(bootstrap, _names(bootstrap, space)))
    except KafkaException as error:
        if error.args[0].code() not in NOT_YET:
            raise
        return False


def with_department(bootstrap: str, space: Space, name: str) -> Space:
    """The space with the topics of one more department."""
    with admin(bootstrap) as cluster:
        specs = topics(space, {**inboxes(), name: f"events.{name}"}, PARTITIONS)
        apply(cluster, plan(cluster, specs), lambda line: None)
    eventually(lambda: _answers(bootstrap, space), lambda so: so)
    return space


class Polled(Protocol):
    """A process, or a crew of them."""

    def poll(self) -> object:
        """None while it runs."""


def drained(bootstrap: str, space: Space, *workers: Polled, topics: Sequence[str] = ()) -> None:
    """Waits until the processors have passed every record of these inboxes (none given: of all), their workers alive,
    and until what they wrote can be read: the broker writes the markers of a transaction some time after its commit.

    However many there are: it fails when they get no further.
    """
    wanted = [space.topic(inbox) for inbox in topics or inboxes().values()]

    def left() -> dict[Where, int]:
        assert all(worker.poll() is None for worker in workers), "a worker has ended"
        return behind(bootstrap, space, wanted)

    in_the_end(left, lambda found: not found)
    in_the_end(lambda: unreadable(bootstrap, space), lambda found: not found)


def passes(bootstrap: str, space: Space, until: datetime, *workers: Polled) -> None:
    """Time passes until then in a replay space: what was sent before is one slice, and goes through the whole line."""

    def between() -> None:
        assert all(worker.poll() is None for worker in workers), "a worker has ended"

    with (
        admin(bootstrap) as cluster,
        Feeder(bootstrap, cluster, space, spaces.line(), "time", between=between) as feeder,
    ):
        feeder.feed(Slice(until, (), {}))


def behind(bootstrap: str, space: Space, names: Iterable[str]) -> dict[Where, int]:
    """The partitions in which there are records that the processors have not passed, and how many offsets these span.

    Markers of transactions take offsets, too: only reading on from where the group stands tells whether there is more.
    """
    stands = acknowledged(bootstrap, space)
    ends = end_offsets(bootstrap, names, IsolationLevel.READ_COMMITTED)
    suspects = [where for where, end in ends.items() if stands.get(where, 0) < end]
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"{space.name}.nobody",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    try:
        reader.assign([TopicPartition(*where, stands.get(where, 0)) for where in suspects])
        return _first_left(reader, set(suspects), ends)
    finally:
        reader.close()


def _first_left(reader: Consumer, unread: set[Where], ends: Mapping[Where, int]) -> dict[Where, int]:
    """Reads each partition to its first record or its end."""
    found: dict[Where, int] = {}
    while unread:
        for message in reader.consume(1_000, timeout=1):
            where = (str(message.topic()), int(message.partition() or 0))
            error = message.error()
            assert error is None or error.code() == KafkaError._PARTITION_EOF, error
            if error is None and where in unread:
                found[where] = ends[where] - int(message.offset() or 0)
            unread.discard(where)
    return found


def acknowledged(bootstrap: str, space: Space) -> dict[Where, int]:
    """Where the group of the processors stands in each partition that it has acknowledged something of.

    Asked with kafka-python: librdkafka's admin client crashes when a fresh broker has no coordinator yet.
    """
    return {where: offset for where, offset in committed(bootstrap, space).items() if offset >= 0}


def unreadable(bootstrap: str, space: Space) -> dict[Where, int]:
    """The partitions of a space's topics that end in a transaction without its marker yet."""
    names = _names(bootstrap, space)
    shown = end_offsets(bootstrap, names, IsolationLevel.READ_COMMITTED)
    written = end_offsets(bootstrap, names)
    return {where: end - shown[where] for where, end in written.items() if end != shown[where]}


def _names(bootstrap: str, space: Space) -> list[str]:
    """Every topic of a space."""
    topics = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=60).topics
    return [name for name in topics if name.startswith(f"{space.name}.")]


def end_offsets(
    bootstrap: str, names: Iterable[str], isolation: IsolationLevel = IsolationLevel.READ_UNCOMMITTED
) -> dict[Where, int]:
    """Where each partition of these topics ends, markers of transactions and, by default, the uncommitted counted."""
    cluster = AdminClient({"bootstrap.servers": bootstrap})
    topics = cluster.list_topics(timeout=60).topics
    end = OffsetSpec.latest()
    wanted = {TopicPartition(topic, n): end for topic in names for n in topics[topic].partitions}
    asked = cluster.list_offsets(wanted, isolation_level=isolation)
    return {(tp.topic, tp.partition): each.result(60).offset for tp, each in asked.items()}


def goes_on_for(seconds: float, *workers: "subprocess.Popen[bytes]") -> None:
    """Lets workers be for some time; they must not end in it."""
    until = time.monotonic() + seconds
    for worker in workers:
        try:
            code = worker.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"a worker ended with {code}")


def stop(worker: "subprocess.Popen[bytes]") -> None:
    """Ends a worker in good order, so that the next one need not wait for its session to time out."""
    worker.terminate()
    assert worker.wait(60) == 0
