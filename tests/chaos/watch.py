"""Watching the outputs as a reader gets them: when the first came after a failure, and when all has been processed."""

import threading
import time
from contextlib import AbstractContextManager, ExitStack
from statistics import median
from types import TracebackType

from kafka import TopicPartition
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
)

from infra.admin import admin
from schemas.topics import Space
from tests.chaos.load import INBOXES, PATIENCE
from tests.kafka.program import eventually
from tests.kafka.topics import reader

OUTPUTS = ("facts", "alerting", "alerts", "notices", "dead-letters")
MOVING = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
"""The group's coordinator is not there yet, or not there any more."""

WRITTEN_LATER = 0.2
"""Seconds that requests of a process killed may still be on their way to the broker's log."""


class Watch(AbstractContextManager["Watch"]):
    """Reads the outputs of a space, from now on and read committed, and notes when each could be read."""

    def __init__(self, bootstrap: str, space: Space) -> None:
        self._seen: list[tuple[float, float]] = []
        self._closing = ExitStack()
        outputs = reader(bootstrap, *(space.topic(t) for t in OUTPUTS))
        self._consumer, partitions = self._closing.enter_context(outputs)
        self._consumer.seek_to_end(*partitions)
        for partition in partitions:
            self._consumer.position(partition)
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._closing.close()

    def next_output(self, since: float, within: float = PATIENCE) -> float:
        """Seconds from `since` (of `time.time()`) until an output could be read that was written after it."""

        def first() -> float | None:
            if self._error is not None:
                raise self._error
            return next((read for read, written in self._seen if written > since + WRITTEN_LATER), None)

        read = eventually(first, lambda read: read is not None, within)
        assert read is not None
        return read - since

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                batches = self._consumer.poll(timeout_ms=100)
                now = time.time()
                self._seen.extend((now, r.timestamp / 1000) for batch in batches.values() for r in batch)
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for an output
            self._error = error


def behind(bootstrap: str, space: Space) -> int:
    """Records that the processors have still to pass, at least; 0 when there are none and no transaction is open."""
    inboxes = _inboxes(space)
    passed = _passed(bootstrap, space)  # first: what these offsets cover had its outputs committed with them
    unfinished = len(open_transactions(bootstrap, *inboxes))
    return _between(bootstrap, passed, _ends(bootstrap, *inboxes)) or unfinished


def how_far(bootstrap: str, space: Space) -> int:
    """The offsets that the processors have passed, over all partitions: it grows as long as they get on."""
    return sum(_passed(bootstrap, space).values())


def all_passed(bootstrap: str, space: Space, within: float = PATIENCE) -> None:
    """Returns once every partition's lane has passed all that stands in its inbox now, while more may be coming.

    Brokers may be away: who cannot be asked has not passed anything yet.
    """

    def left() -> int:
        try:
            return _between(bootstrap, _passed(bootstrap, space), ends)
        except KafkaError:
            return -1

    ends: Ends = {}
    eventually(lambda: ends.update(_asked(bootstrap, space)) or ends, bool, within)
    eventually(left, lambda left: left == 0, within)


Ends = dict[TopicPartition, int]


def _inboxes(space: Space) -> list[str]:
    return [space.topic(t) for t in (*INBOXES, "facts", "alerting")]


def _asked(bootstrap: str, space: Space) -> Ends:
    try:
        return _ends(bootstrap, *_inboxes(space))
    except KafkaError:
        return {}


def _passed(bootstrap: str, space: Space) -> Ends:
    with admin(bootstrap) as cluster:
        try:
            committed = cluster.list_group_offsets({space.group: None})[space.group]
        except MOVING:  # then nothing is known to have been passed
            committed = {}
    return {TopicPartition(tp.topic, tp.partition): found.offset for tp, found in committed.items()}


def _ends(bootstrap: str, *topics: str, isolation: str = "read_committed") -> Ends:
    with reader(bootstrap, *topics, isolation=isolation) as (consumer, partitions):
        found: Ends = consumer.end_offsets(partitions)
        return found


def _between(bootstrap: str, begin: Ends, ends: Ends) -> int:
    """Records from the one to the other, at least; 0 where only the ends of transactions stand between."""
    with reader(bootstrap) as (consumer, _):
        consumer.assign(list(ends))
        for tp in ends:
            consumer.seek(tp, max(0, begin.get(tp, 0)))
        while short := [tp for tp, end in ends.items() if consumer.position(tp) < end]:
            batches = consumer.poll(timeout_ms=200)
            if found := sum(int(r.offset < ends[tp]) for tp in short for r in batches.get(tp, ())):
                return found
    return 0


def open_transactions(bootstrap: str, *topics: str) -> Ends:
    """Partitions in which a transaction is open, and how far a committed reader gets: not to their end."""
    stable = _ends(bootstrap, *topics)
    last = _ends(bootstrap, *topics, isolation="read_uncommitted")
    return {tp: end for tp, end in stable.items() if end < last[tp]}


def spread(seconds: list[float]) -> dict[str, float]:
    """Figures for the report."""
    return {"n": len(seconds), "p50": round(median(seconds), 2), "max": round(max(seconds), 2)} if seconds else {}
