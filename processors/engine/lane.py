"""A lane: the life of one assigned partition, from fencing and restore through batches to the hand-over."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiokafka import TopicPartition

from processors.engine import changelog
from processors.engine.limits import DeadLetterLimit
from processors.engine.outbox import Outbox, partition_of
from processors.engine.settings import EngineSettings
from processors.fold import Fold
from processors.processor import Processor
from processors.records import DEAD_LETTERS, Output, Record
from processors.store import from_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.processing import DeadLetterHeaders, Tick
from schemas.topics import Space
from schemas.topics import changelog as changelog_of

log = logging.getLogger(__name__)

TICK_AGAIN = 1.0
"""Seconds to wait for a tick of ours to come back before another is appended."""

TICK_LATE = 0.002
"""Seconds after a deadline at which its tick is appended: the broker's stamp must lie behind the deadline."""


class Gap(Exception):
    """Records of a partition came with a hole between them; going on would lose what was in it."""


class Lane:
    """One partition of an inbox. While a transaction is in flight its queue grows; the next takes all of it."""

    def __init__(
        self,
        processor: Processor,
        inbox: TopicPartition,
        space: Space,
        partitions: Callable[[str], int],
        settings: EngineSettings,
        seek: Callable[[TopicPartition, int], Awaitable[None]],
        committed: Callable[[TopicPartition], Awaitable[int | None]],
        on_ready: Callable[[], None],
        kept: Fold | None = None,
    ) -> None:
        """`kept`: the fold of this partition's last lane here, which may be as good as the changelog."""
        self.inbox = inbox
        self.ready = False
        self.position = 0
        """The offset that the next fetch must start from."""
        self.committed_records = 0
        self.restored_rows = 0
        self._processor = processor
        self._space = space
        self._settings = settings
        self._seek = seek
        self._committed = committed
        self._on_ready = on_ready
        self._topic = space.short(inbox.topic)
        self._outbox = Outbox(space, processor.name, inbox, partitions, settings)
        self._kept = kept
        belongs_to = partial(_partition_in, partitions(inbox.topic))
        self._fold = Fold(processor, inbox.partition, belongs_to, settings.seen_window)
        self._limit = DeadLetterLimit(settings.dead_letter_window, settings.dead_letter_share)
        self._queue: deque[Any] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._ticked = -TICK_AGAIN
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
            if not self.ready:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def full(self) -> bool:
        return len(self._queue) >= self._settings.queue_records

    @property
    def queued(self) -> int:
        return len(self._queue)

    def feed(self, records: Sequence[Any], start: int, end: int) -> None:
        """Records fetched from position `start`; the next fetch begins at `end`.

        Offsets may have holes (compaction, transaction markers), positions may not. Raises Gap.
        """
        if start > self.position:
            raise Gap(
                f"{self.inbox.topic}/{self.inbox.partition}: fetched from {start}, but {self.position} was expected"
            )
        self._queue.extend(record for record in records if record.offset >= self.position)
        self.position = max(self.position, end)
        self._arrived.set()

    async def _run(self) -> None:
        try:
            await self._outbox.open()
            await self._restore()
            while batch := await self._next_batch():
                await self._process(batch)
        finally:
            self.ready = False
            counts = ", ".join(f"{n} {what}" for what, n in self._fold.counts.items() if n)
            log.log(logging.INFO if counts else logging.DEBUG, "%s/%s: ends; %s", *self.inbox, counts or "nothing came")
            await self._outbox.close()

    async def _restore(self) -> None:
        """State, clock and position. The outbox is open: nobody else can add to the changelog now.

        Rows kept over a rebalance are used again only if the group's offset is still theirs: else somebody
        else had the partition meanwhile.
        """
        began = time.monotonic()
        committed = await self._committed(self.inbox) or 0
        if self._kept is not None and self._kept.next_offset == committed:
            self._fold = self._kept
        else:
            await self._read_changelog()
        self._kept = None
        if committed > self._fold.next_offset:
            log.warning(
                "%s/%s: the group's offset is %s, the state stands at %s; going on from the state",
                *self.inbox,
                committed,
                self._fold.next_offset,
            )
        self.position = self._fold.next_offset
        await self._seek(self.inbox, self.position)
        self.ready = True
        seconds = time.monotonic() - began
        log.debug(
            "%s/%s: %d rows restored in %.2f s, on at %d", *self.inbox, self.restored_rows, seconds, self.position
        )
        self._on_ready()

    async def _read_changelog(self) -> None:
        topic = self._space.topic(changelog_of(self._processor.name))
        async for part in changelog.read(self._settings.bootstrap_servers, topic, self.inbox.partition):
            self._fold.restore(part)
            self.restored_rows += len(part)

    @property
    def fold(self) -> Fold | None:
        """What a next lane of this partition may go on with, once this one has stopped in good order."""
        ended_well = self._task is not None and self._task.done() and not self._task.cancelled()
        return self._fold if ended_well and self._task and self._task.exception() is None else None

    async def _next_batch(self) -> list[Any]:
        """All that is queued, up to a transaction's size; empty when the lane is to stop."""
        while not self._queue and not self._stopping:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), self._until_tick())
            except TimeoutError:
                await self._tick()
        if self._stopping:
            return []
        return [self._queue.popleft() for _ in range(min(len(self._queue), self._settings.batch_records))]

    async def _process(self, batch: list[Any]) -> None:
        outputs: list[Output] = []
        for n, record in enumerate(batch):
            outputs += self._apply(record)
            if n % 200 == 199:
                await asyncio.sleep(0)  # other lanes' transactions go on
        await self._outbox.commit(outputs, self._fold.take_changes(), self._fold.next_offset)
        self.committed_records += len(batch)
        self._warn_of_dead_letters(outputs)

    def _warn_of_dead_letters(self, outputs: Sequence[Output]) -> None:
        letters = [dict(output.headers) for output in outputs if output.topic == DEAD_LETTERS]
        if letters:
            first = letters[0]
            where, why = first[DeadLetterHeaders.OFFSET], first[DeadLetterHeaders.MESSAGE]
            log.warning(
                "%s/%s: %d dead letters, the first at offset %s: %s",
                *self.inbox,
                len(letters),
                where.decode(),
                why.decode(),
            )

    def _apply(self, record: Any) -> list[Output]:
        before = self._fold.counts["dead letters"]
        outputs = self._fold.apply(
            Record(
                self._topic,
                record.partition,
                record.offset,
                record.timestamp,
                record.key,
                record.value,
                record.headers,
            )
        )
        self._limit.note(self._fold.counts["dead letters"] > before)
        return outputs

    # Ticks: in a live space, the owner of an idle partition wakes it when its earliest deadline is due.

    def _until_tick(self) -> float | None:
        """Seconds until this partition needs a tick; None when it waits for nothing, or time is not ours to give."""
        earliest = self._fold.store.earliest
        if self._space.replay or earliest is None:
            return None
        due_in = (earliest - datetime.now(UTC)).total_seconds() + TICK_LATE
        tick_again_in = self._ticked + TICK_AGAIN - time.monotonic()
        return max(due_in, tick_again_in, TICK_LATE)

    async def _tick(self) -> None:
        self._ticked = time.monotonic()
        now = from_ms(time.time_ns() // 1_000_000)
        partition = self.inbox.partition
        about = About(f"tick-{time.time_ns()}", "/backoffice/engine", f"partition/{partition}", now)
        tick = Output(self._topic, None, encode(Tick(partition=partition), about), HEADERS, now, partition)
        await self._outbox.commit([tick], [], None)


def _partition_in(partitions: int, key: bytes) -> int:
    return partition_of(key, partitions)
