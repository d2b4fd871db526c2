"""Whether a broker answers, and how far a consumer group is behind.

Asked every few seconds, by a thread and over a connection of its own: so it is known also when whoever consumes waits,
or hangs.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two questions."""

LATE = 15.0
"""Seconds without an answer after which the broker counts as away."""

ANSWER_WITHIN_MS = 10_000


class Answer(NamedTuple):
    """What a broker said of one partition: its end, and where the group stands; -1: nowhere yet."""

    end: int
    committed: int
    beginning: int

    @property
    def behind(self) -> int:
        return max(0, self.end - max(self.committed, self.beginning))


class Behind(Collector):
    """Asks about topics, by their full names, while the block runs. `group` None: only whether a broker answers."""

    def __init__(
        self,
        bootstrap_servers: str,
        topics: Sequence[str],
        consumer: str = "",
        group: str | None = None,
        *,
        every: float = EVERY,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`consumer`: what the metric calls who reads, `notifier`. `now` gives seconds."""
        self._servers = bootstrap_servers
        self._topics = tuple(topics)
        self._name = consumer
        self._group = group
        self._every = every
        self._now = now
        self._answers: Mapping[tuple[str, int], Answer] = {}
        self._since = now()
        self._answered = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(ANSWER_WITHIN_MS / 1000)

    def not_ready(self) -> str | None:
        """Why nothing can be done now; None while a broker answers."""
        silent = self._now() - self._since
        if self._answered and silent <= LATE:
            return None
        return f"no broker at {self._servers} has answered for {silent:.0f} s"

    def collect(self) -> Iterable[Metric]:
        lag = GaugeMetricFamily(
            "backoffice_consumer_lag_records",
            "Offsets between what a consumer has done and the end of a partition; 1 may be the end of a transaction.",
            labels=["consumer", "topic", "partition"],
        )
        for (topic, partition), answer in sorted(self._answers.items()):
            lag.add_metric([self._name, topic, str(partition)], answer.behind)
        return [lag]

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with contextlib.closing(self._connected()) as consumer:
                    while not self._stop.is_set():
                        self._answers = self._asked(consumer)
                        self._since, self._answered = self._now(), True
                        self._stop.wait(self._every)
            except (KafkaError, OSError) as error:
                log.debug("no broker answers at %s: %s", self._servers, error)
                self._stop.wait(self._every)

    def _connected(self) -> Any:
        return KafkaConsumer(
            bootstrap_servers=self._servers.split(","),
            client_id="backoffice-watch",
            group_id=self._group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=ANSWER_WITHIN_MS // 2,
            request_timeout_ms=ANSWER_WITHIN_MS,
        )

    def _asked(self, consumer: Any) -> Mapping[tuple[str, int], Answer]:
        partitions = [
            TopicPartition(topic, number)
            for topic in self._topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        ends = consumer.end_offsets(partitions)
        if self._group is None:
            return {}
        beginnings = consumer.beginning_offsets(partitions)
        found = {}
        for partition in partitions:
            committed = consumer.committed(partition)
            where = partition.topic, partition.partition
            found[where] = Answer(ends[partition], -1 if committed is None else committed, beginnings[partition])
        return found
