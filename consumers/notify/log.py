"""The notifier's two ends on Kafka: notices read committed, outcomes written and waited for."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event
from typing import NamedTuple, Protocol

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from consumers.notify.receivers import Result
from schemas.alerts import Notice
from schemas.codec import HEADERS, Decoder, Unreadable, encode
from schemas.envelope import About, Evidence
from schemas.topics import Space

log = logging.getLogger(__name__)

SOURCE = "/backoffice/consumers/notifier"
WRITE_TIMEOUT_SECONDS = 60
"""How long an outcome may take to be on the log before the notifier gives up and ends."""

STOP_TIMEOUT_SECONDS = 2
"""The same once we were asked to stop."""

SESSION_TIMEOUT_SECONDS = 10
"""After a notifier has died, how long nobody is told of anything. Kafka's default is 45."""

METADATA_MAX_AGE_SECONDS = 30
"""How long a notifier may overlook partitions that it should read. Kafka's default is 300."""

_NOT_OURS_ANY_MORE = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


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
    """The space's notices, as a member of the notifiers' group."""

    def __init__(
        self,
        bootstrap_servers: str,
        space: Space,
        group: str,
        revoked: Callable[[Iterable[Place]], None],
    ) -> None:
        """`revoked` is told of partitions that were given to another notifier."""
        self._space = space
        self._decoder = Decoder((Notice,))
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            group_id=group,
            client_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=200,
            metadata_max_age_ms=METADATA_MAX_AGE_SECONDS * 1000,
            session_timeout_ms=SESSION_TIMEOUT_SECONDS * 1000,
        )
        # Ask for the topic before joining: a member that leads the group and has no metadata yet assigns nothing,
        # and kafka-python has been seen to miss that it came meanwhile.
        self._consumer.partitions_for_topic(space.topic("notices"))
        self._consumer.subscribe([space.topic("notices")], listener=_Listener(revoked))

    def fetch(self, timeout: float) -> Sequence[Taken]:
        """The next notices, waiting for at most `timeout` seconds."""
        batches = self._consumer.poll(timeout_ms=int(timeout * 1000))
        return [self._read(record) for records in batches.values() for record in records]

    def _read(self, record: "_Record") -> Taken:
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
        partitions = self._consumer.assignment()
        if full:
            self._consumer.pause(*partitions)
        elif paused := self._consumer.paused():
            self._consumer.resume(*paused)

    def commit(self, offsets: Mapping[Place, int]) -> None:
        """Notes how far we are. What another notifier has taken over meanwhile is theirs to commit."""
        wanted = {TopicPartition(*place): OffsetAndMetadata(offset) for place, offset in offsets.items()}
        try:
            self._consumer.commit(wanted)
        except _NOT_OURS_ANY_MORE as error:
            log.warning("partitions moved to another notifier, which may repeat a few notices: %s", error)

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=2000)


class _Record(NamedTuple):
    """What is read of kafka-python's ConsumerRecord."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, revoked: Callable[[Iterable[Place]], None]) -> None:
        self._revoked = revoked

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._revoked(Place(p.topic, p.partition) for p in revoked)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        log.info("delivering the notices of %s", ", ".join(f"{p.topic}/{p.partition}" for p in assigned))


class OutcomeLog:
    """Alerting's inbox, as far as deliveries are concerned."""

    def __init__(self, bootstrap_servers: str, space: Space, stop: Event) -> None:
        self._space = space
        self._stop = stop
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap_servers,
            client_id=f"{space.name}.notifier",
            acks="all",
            delivery_timeout_ms=WRITE_TIMEOUT_SECONDS * 1000,
            max_block_ms=10_000,
        )

    def write(self, results: Sequence[tuple[Taken, Result]]) -> None:
        """Writes outcomes and returns once all are on the log. Raises kafka.errors.KafkaError."""
        topic = self._space.topic("alerting")
        sent = []
        for taken, result in results:
            about = about_outcome(taken, result, self._now(taken))
            stamp = taken.timestamp if self._space.replay else None
            sent.append(
                self._producer.send(
                    topic, encode(result, about), about.subject.encode(), headers=list(HEADERS), timestamp_ms=stamp
                )
            )
        for future in sent:
            self._wait(future)

    def _wait(self, future: "_Future") -> None:
        waited = 0.0
        while not future.is_done and waited < (STOP_TIMEOUT_SECONDS if self._stop.is_set() else WRITE_TIMEOUT_SECONDS):
            with suppress(KafkaTimeoutError):
                future.get(timeout=0.5)
            waited += 0.5
        future.get(timeout=0)

    def _now(self, taken: Taken) -> datetime:
        """In a replay, what is said carries the time of its cause."""
        if self._space.replay and taken.notice is not None:
            return taken.notice.about.time
        return datetime.now(UTC)

    def close(self) -> None:
        self._producer.close(timeout=STOP_TIMEOUT_SECONDS)


class _Future(Protocol):
    """What is used of kafka-python's future."""

    is_done: bool

    def get(self, timeout: float) -> object: ...


def about_outcome(taken: Taken, result: Result, now: datetime) -> About:
    """The envelope of an outcome. Its id follows from the notice's, so that saying it twice changes nothing."""
    assert taken.notice is not None
    cause = taken.notice.about
    outcome = result.type.rpartition(".")[2]
    return About(
        id=f"{cause.id}/{outcome}",
        source=SOURCE,
        subject=cause.subject,
        time=now,
        causationid=cause.id,
        correlationid=cause.correlationid,
        traceparent=cause.traceparent,
    )
