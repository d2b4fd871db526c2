"""All lanes of one worker: which partitions it has, which of them can be fetched, what to do when one fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from processors.engine.budget import Budget
from processors.engine.lane import Host, Lane
from processors.engine.progress import Progress
from processors.engine.settings import EngineSettings
from processors.fold import Fold
from processors.processor import Processor
from schemas.topics import Space

log = logging.getLogger(__name__)


class Fetched(NamedTuple):
    """Records of one partition, and the positions between which they were fetched."""

    start: int
    records: Sequence[Any]
    end: int


class Lanes:
    """The lanes of the partitions assigned now. Every assignment makes new ones: an old lane never reads on."""

    def __init__(
        self,
        space: Space,
        processors: Iterable[Processor],
        settings: EngineSettings,
        partitions: Callable[[str], int],
        on_failure: Callable[[BaseException], None],
        progress: Progress | None = None,
    ) -> None:
        self.progress = progress or Progress()
        self._space = space
        self._by_inbox = {space.topic(p.inbox): p for p in processors}
        self._settings = settings
        self._partitions = partitions
        self._budget = Budget(settings.rule_budget)
        self._on_failure = on_failure
        self._lanes: dict[TopicPartition, Lane] = {}
        self._kept: dict[TopicPartition, Fold | None] = {}
        self._room = asyncio.Event()

    @property
    def inboxes(self) -> list[str]:
        return list(self._by_inbox)

    def assign(
        self,
        partitions: Iterable[TopicPartition],
        seek: Callable[[TopicPartition, int], Awaitable[None]],
        committed: Callable[[TopicPartition], Awaitable[int | None]],
    ) -> None:
        """Starts a lane for every partition. The earlier ones must have been stopped."""
        host = Host(
            self._space,
            self._settings,
            self._partitions,
            seek,
            committed,
            self._on_ready,
            self._room.set,
            self._budget,
        )
        for tp in sorted(partitions):
            inbox = TopicPartition(tp.topic, tp.partition)
            processor = self._by_inbox.get(tp.topic)
            if processor is not None:
                progress = self.progress.lane(processor.name, inbox)
                lane = self._lanes[inbox] = Lane(processor, inbox, host, progress, self._kept.get(inbox))
                lane.start(self._failed)
        self._kept.clear()
        self.progress.assigned = True

    def _on_ready(self) -> None:
        self._room.set()
        lanes = self._lanes.values()
        if lanes and all(lane.ready for lane in lanes):
            rows = sum(lane.restored_rows for lane in lanes)
            log.info("%d partitions are ours, %d rows of state restored", len(lanes), rows)

    def _failed(self, lane: Lane, error: BaseException) -> None:
        log.error("lane %s/%s failed: %s: %s", *lane.inbox, type(error).__name__, error, extra=lane.where)
        self._on_failure(error)

    async def stop(self) -> None:
        """Stops every lane: transactions in flight are finished, queues are left unacknowledged.

        Their folds are kept until the next assignment, which may give us the same partitions again.
        """
        lanes, self._lanes = list(self._lanes.values()), {}
        await asyncio.gather(*(lane.stop() for lane in lanes))
        self.progress.revoked()
        self._kept.update((lane.inbox, lane.fold) for lane in lanes)

    def fetchable(self) -> dict[TopicPartition, Lane]:
        """The lanes that want records now."""
        return {tp: lane for tp, lane in self._lanes.items() if lane.ready and not lane.full}

    async def wait_until_fetchable(self, timeout: float) -> None:
        self._room.clear()
        try:
            await asyncio.wait_for(self._room.wait(), timeout)
        except TimeoutError:
            return

    async def hand_over(
        self,
        asked_for: Mapping[TopicPartition, Lane],
        fetched: Mapping[TopicPartition, Fetched],
        seek: Callable[[TopicPartition, int], Awaitable[None]],
    ) -> None:
        """Gives each lane its records.

        A fetch that was blocked across a rebalance returns records of the new assignment (aiokafka
        fetcher.py, fetched_records): the lane they were fetched for is gone, so they are dropped, and
        the lane that now stands there goes back to where it was.
        """
        for tp, (start, records, end) in fetched.items():
            lane = self._lanes.get(tp)
            if lane is None:
                continue
            if lane is asked_for.get(tp):
                lane.feed(records, start, end)
            elif lane.ready:
                await seek(tp, lane.position)

    def __len__(self) -> int:
        return len(self._lanes)

    def __iter__(self) -> Any:
        return iter(list(self._lanes.values()))
