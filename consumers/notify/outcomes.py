"""The notifier's outcomes on Kafka: written to alerting's inbox, and waited for."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event
from typing import Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from consumers.notify.notices import Taken
from consumers.notify.receivers import Result
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.topics import Space
from schemas.tracing import child

SOURCE = "/backoffice/consumers/notifier"
WRITE_TIMEOUT_SECONDS = 60
"""How long an outcome may take to be on the log before the notifier gives up and ends."""

STOP_TIMEOUT_SECONDS = 2
"""The same once we were asked to stop."""


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
    id = f"{cause.id}/{outcome}"
    return About(
        id=id,
        source=SOURCE,
        subject=cause.subject,
        time=now,
        causationid=cause.id,
        correlationid=cause.correlationid,
        traceparent=child(cause.traceparent, SOURCE, id),
    )
