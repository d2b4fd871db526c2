"""How far a worker's lanes have come. They write it; the watchdog, the metrics and the health port only read.

Readers are other threads. Every field is one number, set at once, so they need no lock.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from aiokafka import TopicPartition

from processors.engine.metrics import Gauges, Meters

_numbers = itertools.count()


class LaneProgress:
    """One lane's. Offsets are of its inbox partition; times in seconds."""

    def __init__(self, processor: str, inbox: TopicPartition, meters: Meters, beat: Callable[[], None]) -> None:
        self.processor = processor
        self.topic: str = inbox.topic
        self.partition: int = inbox.partition
        self.number = next(_numbers)
        """Tells this lane from an earlier one of the same partition."""
        self.ready = False
        self.restored_rows = 0
        self.position = 0
        """Where the next fetch starts: it also moves over transaction markers."""
        self.pending = 0
        """Records fetched and not committed yet."""
        self.applied = 0
        """Records applied and deadlines passed, those of the open batch among them."""
        self.committed = 0
        """The next offset, as of the last committed transaction."""
        self.end: int | None = None
        """The partition's end for a reader of committed records, as the watchdog last saw it."""
        self.deadlines = 0
        self.waiting_since: float | None = None
        """When the oldest record that is fetched and not committed was written, at most; None: there is none, or the
        space is not live, where records carry their events' time. In seconds since the epoch."""
        self._live = False
        self._began = time.monotonic()
        self._restored_at: float | None = None
        self._meters = meters
        self._beat = beat
        self._told: Counter[str] = Counter()
        meters.begin(processor)

    @property
    def where(self) -> dict[str, str | int]:
        """The fields of every log record about this lane."""
        return {"processor": self.processor, "topic": self.topic, "partition": self.partition}

    @property
    def passed(self) -> int:
        """Everything before this offset is done. Behind the last record only markers may lie."""
        return self.committed if self.pending else self.position

    @property
    def lag(self) -> int | None:
        """Offsets still to do; None before the end is known."""
        return None if self.end is None or not self.ready else max(0, self.end - self.passed)

    @property
    def late(self) -> float | None:
        """Seconds that the oldest record has waited; None where that is not known."""
        since = self.waiting_since
        if since is not None:
            return max(0.0, time.time() - since)
        return 0.0 if self._live and self.lag == 0 else None

    @property
    def restore_seconds(self) -> float:
        """How long the restore took, or has taken so far."""
        return (self._restored_at or time.monotonic()) - self._began

    # What a lane tells, in the order of its life. Nothing here is called per record.

    def restoring(self, rows: int) -> None:
        """So many more rows have been read back."""
        self.restored_rows += rows
        self._meters.restored.labels(self.processor).inc(rows)

    def restored(self, position: int, counts: Mapping[str, int], deadlines: int) -> None:
        """State stands at `position`. `counts` are the fold's: those of a fold kept over a rebalance are old."""
        self._restored_at = time.monotonic()
        self._told = Counter(counts)
        self.position = self.committed = position
        self.deadlines = deadlines
        self.ready = True

    def fetched(self, records: int, position: int, written_at: int | None = None) -> None:
        """So many more records wait in the lane; the next fetch starts at `position`.

        `written_at`: in a live space, the timestamp of the first of them, in milliseconds.
        """
        if written_at is not None:
            self._live = True
            if not self.pending:
                self.waiting_since = written_at / 1000
        self.pending += records
        self.position = position

    def transacted(
        self,
        records: int,
        next_offset: int,
        seconds: float,
        counts: Mapping[str, int],
        deadlines: int,
        dead_letters: Iterable[str] = (),
        outputs: Mapping[str, int] | None = None,
        clock: float | None = None,
    ) -> None:
        """A batch is committed. `counts` are the fold's, from its beginning; `dead_letters` the stages of this batch's.

        `deadlines`: how many the partition waits for now; `outputs`: how many went to each topic; `clock`: the
        partition's, in seconds since the epoch: whatever is left was written then or later.
        """
        self.committed = next_offset
        self.pending -= records
        if self.waiting_since is not None:
            self.waiting_since = clock if self.pending else None
        self.deadlines = deadlines
        meters = self._meters
        meters.batch.labels(self.processor).observe(records)
        meters.transaction.labels(self.processor).observe(seconds)
        now = Counter(counts)
        meters.add(self.processor, now - self._told)
        self._told = now
        for topic, number in (outputs or {}).items():
            meters.outputs.labels(self.processor, topic).inc(number)
        for stage in dead_letters:
            meters.dead_letters.labels(self.processor, stage).inc()

    def interrupted(self) -> None:
        """A rule took too long and was interrupted. When many are, the event loop waits long, but nothing hangs."""
        self.applied += 1
        self._beat()

    def ticked(self) -> None:
        """A tick was appended."""
        self._meters.ticks.labels(self.processor).inc()


class Progress:
    """A worker's: whether its event loop beats, whether the group has told it its share, and its lanes."""

    BEAT = 0.5
    """Seconds between two beats of the event loop."""

    def __init__(self) -> None:
        self.meters = Meters()
        self.lanes: dict[TopicPartition, LaneProgress] = {}
        self.assigned = False
        """Whether the group has given this worker its share, which may be nothing."""
        self.broker_answered_at: float | None = None
        """When the watchdog last had an answer from a broker, by the monotonic clock."""
        self.beats = 0
        self.beat_at = time.monotonic()
        self.meters.registry.register(Gauges(self))

    def lane(self, processor: str, inbox: TopicPartition) -> LaneProgress:
        """The progress of a new lane."""
        self.lanes[inbox] = lane = LaneProgress(processor, inbox, self.meters, self.beat)
        return lane

    def revoked(self) -> None:
        """The lanes have ended; the group is about to share out anew, or the worker stops."""
        self.lanes = {}
        self.assigned = False

    def beat(self) -> None:
        """The event loop runs."""
        self.beats += 1
        self.beat_at = time.monotonic()

    @property
    def restoring(self) -> list[str]:
        """The partitions that are ours and not ready."""
        return [f"{lane.topic}/{lane.partition}" for lane in list(self.lanes.values()) if not lane.ready]
