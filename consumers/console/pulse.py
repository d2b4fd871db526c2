"""How the inboxes do: events a second, and how many records the processors have not passed yet."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from schemas.topics import Space

log = logging.getLogger(__name__)

EVERY = 2.0
OVER = 10.0
"""Seconds that a rate is taken over."""

PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Beat:
    """Of one inbox. `lag`: records not passed; `known`: False until the broker was asked."""

    per_second: float = 0.0
    lag: int = 0
    known: bool = False


@dataclass(slots=True)
class _Inbox:
    topic: str
    ends: deque[tuple[float, int]] = field(default_factory=deque)


class Pulse:
    """Asks the broker every two seconds, in a thread of its own."""

    def __init__(
        self,
        bootstrap_servers: str,
        space: Space,
        inboxes: Mapping[str, str],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._group = space.group
        self._inboxes = {name: _Inbox(space.topic(inbox)) for name, inbox in inboxes.items()}
        self._changed = changed
        self._beats: Mapping[str, Beat] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def of(self, name: str) -> Beat:
        """Of the processor of this name."""
        return self._beats.get(name, Beat())

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except KafkaError as error:
                self._beats = {}
                log.warning("the inboxes' ends cannot be asked for; it is tried again in %.0f s: %s", PAUSE, error)
                self._stop.wait(PAUSE)

    def _follow(self) -> None:
        consumer: Any = KafkaConsumer(
            bootstrap_servers=self._bootstrap_servers.split(","),
            client_id="backoffice-pulse",
            group_id=self._group,  # only to ask where the processors stand: it subscribes to nothing and joins nothing
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=5_000,
        )
        try:
            partitions = {
                name: [TopicPartition(inbox.topic, p) for p in sorted(consumer.partitions_for_topic(inbox.topic) or ())]
                for name, inbox in self._inboxes.items()
            }
            while not self._stop.is_set():
                self._beats = self._ask(consumer, partitions)
                self._changed()
                self._stop.wait(EVERY)
        finally:
            consumer.close()

    def _ask(self, consumer: Any, partitions: Mapping[str, list[Any]]) -> Mapping[str, Beat]:
        ends = consumer.end_offsets([p for each in partitions.values() for p in each])
        now = time.monotonic()
        beats = {}
        for name, mine in partitions.items():
            history = self._inboxes[name].ends
            history.append((now, sum(ends[p] for p in mine)))
            while history[-1][0] - history[0][0] > OVER:
                history.popleft()
            (then, before), (_, after) = history[0], history[-1]
            lag = sum(max(0, ends[p] - (consumer.committed(p) or 0)) for p in mine)
            beats[name] = Beat((after - before) / (now - then) if now > then else 0.0, lag, known=True)
        return beats
