"""The topics of a space, for people: which there are, one followed, one record of one."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from consumers.log import Log, Record, Unreachable
from consumers.partition import Partitions
from consumers.seen import Reader
from consumers.streams.detail import Detail, detail
from consumers.streams.filters import Filter
from consumers.streams.following import Stream
from consumers.streams.look import Look
from consumers.streams.start import Start
from consumers.streams.window import Limits
from schemas.envelope import Event
from schemas.topics import Space

MOST_OPEN = 20
"""Streams at a time: each is a connection and a thread."""


class NoSuchRecord(Exception):
    """The log has no record there, or not any more; the text says which."""


class TooMany(Exception):
    """As many streams are open as may be."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Nothing is connected before it is asked for. `inboxes`: the topic that each processor reads."""

    bootstrap_servers: str
    space: Space
    types: Mapping[str, type[Event]]
    inboxes: Mapping[str, str]
    _open: list[Stream] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def topics(self) -> Sequence[str]:
        """Those there are, without the space; inboxes first. Raises Unreachable."""
        try:
            consumer = KafkaConsumer(
                bootstrap_servers=self.bootstrap_servers.split(","),
                client_id="backoffice-reader",
                group_id=None,
                bootstrap_timeout_ms=5_000,
            )
        except KafkaError as error:
            raise Unreachable(f"No Kafka broker answered at {self.bootstrap_servers}: {error}") from error
        try:
            prefix = self.space.topic("")
            there = {self.space.short(topic) for topic in consumer.topics() if topic.startswith(prefix)}
        finally:
            consumer.close()
        return sorted(there, key=lambda topic: (topic.startswith("changelog."), not topic.startswith("events."), topic))

    def follow(self, topics: Sequence[str], filter: Filter, start: Start, limits: Limits | None = None) -> Stream:
        """A stream that reads already. Whoever asked for it stops it. Raises TooMany."""
        names = [self.space.topic(topic) for topic in topics]
        reader = Reader(self.space, self.types)
        stream = Stream(lambda: Log(self.bootstrap_servers, names), reader, filter, start, limits)
        with self._lock:
            self._open[:] = [each for each in self._open if not each.has_ended]
            if len(self._open) >= MOST_OPEN:
                raise TooMany(f"{MOST_OPEN} streams are being watched: somebody has to close one first")
            self._open.append(stream)
        return stream.start()

    def record(self, topic: str, partition: int, offset: int) -> Detail:
        """Raises NoSuchRecord, Unreachable."""
        name = self.space.topic(topic)
        with Partitions(self.bootstrap_servers) as partitions:
            if partition not in partitions.of(name):
                raise NoSuchRecord(f"there is no {name}[{partition}]")
            if partitions.beginning(name, partition) <= offset < partitions.end(name, partition):
                for batch in partitions.read(name, partition, offset, offset + 1):
                    for stood in batch:
                        record = Record(*stood[:3], stood.at, stood.key, stood.value, stood.headers)
                        return detail(Look(record, Reader(self.space, self.types)), self.inboxes)
        raise NoSuchRecord(f"{name}[{partition}] has no record at {offset}, or not any more")
