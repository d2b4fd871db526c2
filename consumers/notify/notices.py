"""The notifier's inbox: the space's notices, read committed, as a member of the notifiers' group.

The consumer is aiokafka's, on an event loop in a thread of its own: kafka-python's was seen to stay deaf after a
second rebalance in a row on a loaded machine (assigned, and never fetching), for which nothing makes up.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import aiokafka.errors
import kafka.errors
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener

from schemas.codec import Decoder, Unreadable
from schemas.envelope import Evidence
from schemas.notices import Notice
from schemas.topics import Space

log = logging.getLogger(__name__)

SESSION_TIMEOUT_SECONDS = 10
"""After a notifier has died, how long nobody is told of anything. Kafka's default is 45."""

METADATA_MAX_AGE_SECONDS = 30
"""How long a notifier may overlook partitions that it should read. Kafka's default is 300."""

MAX_POLL_RECORDS = 200

T = TypeVar("T")


class Place(NamedTuple):
    """A partition of the notices' topic."""

    topic: str
    partition: int


class Taken(NamedTuple):
    """A record taken from the notices' topic. `notice` None: it could not be read."""

    place: Place
    offset: int
    timestamp: int
    """Of the record, in milliseconds since the epoch."""
    notice: Notice | None


class NoticeLog:
    """The space's notices. Raises kafka.errors.KafkaError when the broker cannot be reached at the start."""

    def __init__(
        self,
        bootstrap_servers: str,
        space: Space,
        group: str,
        revoked: Callable[[Iterable[Place]], None],
    ) -> None:
        """`revoked` is told, within `fetch`, of partitions that were given to another notifier."""
        self._space = space
        self._decoder = Decoder((Notice,))
        self._revoked = revoked
        self._gone: deque[list[Place]] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="notices", daemon=True)
        self._thread.start()
        try:
            self._consumer = self._call(self._open(bootstrap_servers, group))
        except aiokafka.errors.KafkaError as error:
            self._end_loop()
            raise kafka.errors.KafkaError(f"{type(error).__name__}: {error}") from error
        except BaseException:
            self._end_loop()
            raise

    async def _open(self, bootstrap_servers: str, group: str) -> Any:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            group_id=group,
            client_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=MAX_POLL_RECORDS,
            fetch_max_wait_ms=100,
            metadata_max_age_ms=METADATA_MAX_AGE_SECONDS * 1000,
            session_timeout_ms=SESSION_TIMEOUT_SECONDS * 1000,
        )
        consumer.subscribe([self._space.topic("notices")], listener=_Listener(self._gone))
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        return consumer

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def fetch(self, timeout: float) -> Sequence[Taken]:
        """The next notices, waiting for at most `timeout` seconds."""
        batches = self._call(self._consumer.getmany(timeout_ms=int(timeout * 1000)))
        while self._gone:
            self._revoked(self._gone.popleft())
        return [self._read(record) for records in batches.values() for record in records]

    def _read(self, record: Any) -> Taken:
        place = Place(record.topic, record.partition)
        where = Evidence(self._space.short(record.topic), record.partition, record.offset, "")
        try:
            notice = self._decoder.decode(record.value, record.headers or (), where)
        except Unreadable as error:
            log.error(
                "%s, partition %d, offset %d: not a notice, skipped: %s",
                record.topic,
                record.partition,
                record.offset,
                error,
            )
            return Taken(place, record.offset, record.timestamp, None)
        assert isinstance(notice, Notice)
        return Taken(place, record.offset, record.timestamp, notice)

    def pause(self, full: bool) -> None:
        """Fetches nothing while `full`, and stays a member of the group."""
        self._call(self._pause(full))

    async def _pause(self, full: bool) -> None:
        if full:
            self._consumer.pause(*self._consumer.assignment())
        elif paused := self._consumer.paused():
            self._consumer.resume(*paused)

    def commit(self, offsets: Mapping[Place, int]) -> None:
        """Notes how far we are. What another notifier has taken over meanwhile is theirs to commit."""
        wanted = {TopicPartition(*place): offset for place, offset in offsets.items()}
        try:
            self._call(self._consumer.commit(wanted))
        except (aiokafka.errors.CommitFailedError, aiokafka.errors.IllegalStateError) as error:
            log.warning("partitions moved to another notifier, which may repeat a few notices: %s", error)

    def close(self) -> None:
        """Leaves the group."""
        try:
            self._call(self._consumer.stop())
        finally:
            self._end_loop()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Runs on the consumer's loop; what it hears is told to the notifier in the notifier's own thread."""

    def __init__(self, gone: deque[list[Place]]) -> None:
        self._gone = gone

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._gone.append([Place(p.topic, p.partition) for p in revoked])

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        log.info("delivering the notices of %s", ", ".join(f"{p.topic}/{p.partition}" for p in assigned))
