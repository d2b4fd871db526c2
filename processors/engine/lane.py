"""A lane: the life of one assigned partition, from fencing and restore through batches to the hand-over."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from processors.collection import UnreadableRow
from processors.engine import changelog
from processors.engine.batches import Batches
from processors.engine.budget import Budget
from processors.engine.outbox import Outbox, TransactionTimeout, partition_of
from processors.engine.progress import LaneProgress
from processors.engine.settings import EngineSettings
from processors.engine.shelves import TopicIds, keep, open_shelf
from processors.engine.ticks import Ticker
from processors.fold import Fold
from processors.processor import Processor
from processors.records import Record
from processors.slices import Hold
from schemas.topics import Space
from schemas.topics import changelog as changelog_of

log = logging.getLogger(__name__)

TELL_WITHIN = 2.0
"""Seconds that a lane which stops has to tell the group where it stands."""


class Gap(Exception):
    """Records of a partition came with a hole between them; going on would lose what was in it."""


@dataclass(frozen=True, slots=True)
class Host:
    """What all lanes of a worker share."""

    space: Space
    settings: EngineSettings
    partitions: Callable[[str], int]
    """How many partitions a topic has."""
    seek: Callable[[TopicPartition, int], Awaitable[None]]
    committed: Callable[[TopicPartition], Awaitable[int | None]]
    on_ready: Callable[[], None]
    on_room: Callable[[], None]
    """A lane that was full has room again."""
    budget: Budget
    topic_ids: TopicIds = field(default_factory=TopicIds)


class Lane:
    """One partition of an inbox. While a transaction is in flight its queue grows; the next takes all of it."""

    def __init__(
        self, processor: Processor, inbox: TopicPartition, host: Host, progress: LaneProgress, kept: Fold | None = None
    ) -> None:
        """`kept`: the fold of this partition's last lane here, which may be as good as the changelog."""
        self.inbox = inbox
        self.ready = False
        self.full = False
        self.position = 0
        """The offset that the next fetch must start from."""
        self.restored_rows = 0
        self._processor = processor
        self._host = host
        self._settings = host.settings
        self._progress = progress
        self._kept = kept
        self._fold: Fold | None = None
        self._hold = Hold() if host.space.replay and not host.settings.recorded else None
        self._outbox = Outbox(host.space, processor.name, inbox, host.partitions, host.settings)
        self._ticker = Ticker(host.space, host.space.short(inbox.topic), inbox.partition)
        self._batches = Batches(inbox, host.settings, host.budget, self._outbox, progress)
        self._queue: deque[Record] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._ending = False
        self._task: asyncio.Task[None] | None = None

    def start(self, on_failure: Callable[["Lane", BaseException], None]) -> None:
        """Begins to live; `on_failure` is told when that ends by an error."""
        self._task = asyncio.create_task(self._run(), name=f"lane {self.inbox.topic}/{self.inbox.partition}")

        def ended(task: "asyncio.Task[None]") -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                on_failure(self, error)

        self._task.add_done_callback(ended)

    async def stop(self) -> None:
        """Finishes the transaction in flight and lets the partition go. What is queued stays unacknowledged."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            if not self.ready and not self._ending:  # an end by an error must be told
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def where(self) -> dict[str, str | int]:
        """The fields of every log record about this lane."""
        return self._progress.where

    @property
    def queued(self) -> int:
        return len(self._queue)

    def feed(self, records: Sequence[Record], start: int, end: int) -> None:
        """Records fetched from position `start`; the next fetch begins at `end`. In a replay space they wait for their
        tick: what waits is no work to be done yet, and fills no queue, however many they are.

        Offsets may have holes, where transactions ended or compaction left out; positions may not. Raises Gap.
        """
        if start > self.position:
            raise Gap(
                f"{self.inbox.topic}/{self.inbox.partition}: fetched from {start}, but {self.position} was expected"
            )
        new = records if start == self.position else [r for r in records if r.offset >= self.position]
        ready = new if self._hold is None else self._hold.take(new)
        self._queue.extend(ready)
        self.full = len(self._queue) >= self._settings.queue_records
        self.position = max(self.position, end)
        live = self._hold is None and not self._settings.recorded
        self._progress.fetched(len(ready), self.position, ready[0].timestamp if ready and live else None)
        self._arrived.set()

    async def _run(self) -> None:
        try:
            await self._outbox.open()
            fold = self._fold = await self._restore()
            while batch := await self._next_batch(fold):
                with changelog.named(*self._changelog):  # rows are decoded when a record touches them
                    applied = await self._batches.transact(fold, batch, lambda: self._stopping)
                self._not_now(batch[applied:])
            await self._tell_at_last()
        finally:
            self.ready, self._ending = False, True
            counts = ", ".join(f"{n} {what}" for what, n in self._fold.counts.items() if n) if self._fold else ""
            level, said = (logging.INFO, counts) if counts else (logging.DEBUG, "nothing came")
            log.log(level, "%s/%s: ends; %s", *self.inbox, said, extra=self.where)
            try:
                if self._fold and self._settings.store == "rocksdb":
                    self._fold.store.shelf.close()  # another process may want the directory
            finally:
                await self._outbox.close()

    async def _restore(self) -> Fold:
        """State, clock and position. The outbox is open: nobody else can add to the changelog now.

        Rows kept over a rebalance are used again only if the group's offset is still theirs: else somebody
        else had the partition meanwhile.
        """
        committed = await self._host.committed(self.inbox) or 0
        kept, self._kept = self._kept, None
        if kept is not None and kept.next_offset == committed:
            fold = kept
        else:
            fold = await self._read_changelog()
        if committed < fold.next_offset:
            self._outbox.stands_at(fold.next_offset)
        elif committed > fold.next_offset:
            log.warning(
                "%s/%s: the group's offset is %s, the state stands at %s; going on from the state",
                *self.inbox,
                committed,
                fold.next_offset,
                extra=self.where,
            )
        self.position = fold.next_offset
        if self._hold is not None:
            self._hold = Hold(fold.applied)
        await self._host.seek(self.inbox, self.position)
        self.ready = True
        self._progress.restored(self.position, fold.counts, fold.store.agenda.waiting)
        log.debug(
            "%s/%s: %d rows restored in %.2f s, on at %d",
            *self.inbox,
            self.restored_rows,
            self._progress.restore_seconds,
            self.position,
            extra=self.where,
        )
        self._host.on_ready()
        return fold

    async def _read_changelog(self) -> Fold:
        space, processor, (topic, partition) = self._host.space, self._processor, self._changelog
        async with changelog.opened(self._settings.bootstrap_servers, topic, partition) as rows:
            shelf, start = await open_shelf(self._settings, space, processor, rows, self._host.topic_ids)
            belongs_to = partial(_partition_in, self._host.partitions(self.inbox.topic))
            fold = self._fold = Fold(
                processor,
                partition,
                belongs_to,
                self._settings.seen_window,
                shelf,
                forwards=not self._settings.recorded,
            )
            fold.weighs = False  # rows are weighed as the batch is encoded, see _process
            with changelog.named(topic, partition, (ValueError, UnreadableRow)):
                async for part in rows.rows(start):
                    fold.load(part)
                    await keep(shelf, rows.position)
                    self.restored_rows += len(part)
                    self._progress.restoring(len(part))
                fold.loaded()
        return fold

    @property
    def _changelog(self) -> TopicPartition:
        return TopicPartition(self._host.space.topic(changelog_of(self._processor.name)), self.inbox.partition)

    @property
    def fold(self) -> Fold | None:
        """What a next lane of this partition may go on with, once this one has stopped in good order.

        Not where records wait for their tick: somebody else may have come further within a slice, and the group's
        offset would not tell.
        """
        if self._task is None or not self._task.done() or self._task.cancelled() or self._task.exception():
            return None
        return self._fold if self._settings.store == "memory" and self._hold is None else None

    async def _next_batch(self, fold: Fold) -> list[Record]:
        """All that is queued, up to a transaction's size; empty when the lane is to stop."""
        while not self._queue and not self._stopping:
            self._arrived.clear()
            await self._idle(fold)
        if self._stopping:
            return []
        return [self._queue.popleft() for _ in range(min(len(self._queue), self._settings.batch_records))]

    async def _idle(self, fold: Fold) -> None:
        """Waits for records, and meanwhile ticks, or tells the group where the partition stands."""
        ticks_in, tells_in = self._ticker.due_in(fold), self._outbox.tells_in()
        try:
            async with asyncio.timeout(min((s for s in (ticks_in, tells_in) if s is not None), default=None)):
                await self._arrived.wait()
        except TimeoutError:
            if ticks_in is None or (tells_in is not None and tells_in < ticks_in):
                await self._outbox.tell()
            else:
                await self._outbox.commit([self._ticker.tick()], [], None)
                self._progress.ticked()

    async def _tell_at_last(self) -> None:
        """So that the partition is left in good order; where that fails, its next owner tells the group."""
        try:
            async with asyncio.timeout(TELL_WITHIN):
                await self._outbox.tell()
        except (KafkaError, TransactionTimeout, TimeoutError) as error:
            log.info("%s/%s: the group's offset stays behind: %s", *self.inbox, error or type(error).__name__)

    def _not_now(self, records: Sequence[Record]) -> None:
        """Back into the queue, in front; and says when there is room again."""
        self._queue.extendleft(reversed(records))
        if self.full and len(self._queue) <= self._settings.queue_records // 2:
            self.full = False
            self._host.on_room()


def _partition_in(partitions: int, key: bytes) -> int:
    return partition_of(key, partitions)
