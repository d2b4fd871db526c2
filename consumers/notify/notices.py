"""The notifier's inbox: the space's notices, read committed, as a member of the notifiers' group.

The consumer is aiokafka's, on an event loop in a thread of its own: kafka-python's was seen to stay deaf after a
second rebalance in a row on a loaded machine (assigned, and never fetching), for which nothing makes up.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import aiokafka.errors
import kafka.errors
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener

from consumers.notify.progress import Standing
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

    def __init__(self, bootstrap_servers: str, space: Space, group: str) -> None:
        self._space = space
        self._decoder = Decoder((Notice,))
        self._members = _Listener()
        self._refused = False
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
        self._members.consumer = consumer
        consumer.subscribe([self._space.topic("notices")], listener=self._members)
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        return consumer

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def fetch(self, timeout: float) -> Sequence[Taken]:
        """The next notices, waiting for at most `timeout` seconds. Ask `assigned` before they are looked at.

        Raises kafka.errors.KafkaError when it could not be learnt how far the partitions are that we were given.
        """
        batches = self._call(self._fetch(timeout))
        if self._members.error is not None:
            raise kafka.errors.KafkaError(f"where we stand is not known: {self._members.error}")
        return [self._read(record) for records in batches.values() for record in records]

    async def _fetch(self, timeout: float) -> Any:
        batches = await self._consumer.getmany(timeout_ms=int(timeout * 1000))
        if batches:
            await self._members.settled.wait()
        return batches

    def assigned(self) -> Mapping[Place, Standing] | None:
        """Our partitions and what is committed for each; None when nothing has changed since this was last asked."""
        told, self._members.standings = self._members.standings, None
        return told

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

    def commit(self, commits: Mapping[Place, Standing]) -> bool:
        """Notes how far we are. False: what another notifier has taken over meanwhile is theirs to note."""
        wanted = {TopicPartition(*place): standing for place, standing in commits.items()}
        try:
            self._call(self._commit(wanted))
        except (aiokafka.errors.CommitFailedError, aiokafka.errors.IllegalStateError) as error:
            if not self._refused:  # said again each turn until the group has met
                log.warning("partitions are on the move, and another notifier may repeat a few notices: %s", error)
            self._refused = True
            return False
        self._refused = False
        return True

    async def _commit(self, wanted: Mapping[TopicPartition, Standing]) -> None:
        try:
            await self._consumer.commit({place: (said.offset, said.note) for place, said in wanted.items()})
        except aiokafka.errors.OffsetMetadataTooLargeError:
            log.warning("this broker's offset.metadata.max.bytes is too small: a crash may repeat more notices")
            await self._consumer.commit({place: said.offset for place, said in wanted.items()})

    def close(self) -> None:
        """Leaves the group; a broker that is away finds out by itself."""
        try:
            self._call(self._leave())
        finally:
            self._end_loop()

    async def _leave(self) -> None:
        try:
            await self._consumer.stop()
        except asyncio.CancelledError:
            # A fetch that has just failed waits a little. aiokafka cancels that wait, and hears of it in `close`
            # (consumer/fetcher.py) before it has closed its connections.
            await self._consumer._client.close()

    def _end_loop(self) -> None:
        self._call(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Runs on the consumer's loop; what it hears is asked for in the notifier's own thread."""

    consumer: Any

    def __init__(self) -> None:
        self.standings: dict[Place, Standing] | None = None
        self.error: Exception | None = None
        self.settled = asyncio.Event()
        """Set while it is known how far each of our partitions is."""

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self.settled.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        assigned = list(assigned)
        try:
            # The consumer's own `committed` leaves out the metadata; the version of aiokafka is pinned.
            found = await self.consumer._coordinator.fetch_committed_offsets(assigned)
        except Exception as error:  # raised by the next fetch: aiokafka would only log it
            log.exception("cannot learn how far the notices have been delivered")
            self.error = error
        else:
            self.standings = {Place(p.topic, p.partition): _standing(found.get(p)) for p in assigned}
        self.settled.set()
        log.info("delivering the notices of %s", ", ".join(f"{p.topic}/{p.partition}" for p in assigned))


async def _end_tasks() -> None:
    """Cancels what else runs on the loop: a task that is still pending when its loop goes is complained of."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _standing(committed: Any) -> Standing:
    return Standing(-1) if committed is None or committed.offset < 0 else Standing(committed.offset, committed.metadata)
