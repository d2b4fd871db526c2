"""Batches of a lane: records applied in slices, and what they did committed in one transaction."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from aiokafka import TopicPartition

from processors.engine.budget import Budget
from processors.engine.limits import DeadLetterLimit
from processors.engine.outbox import Outbox
from processors.engine.progress import LaneProgress
from processors.engine.settings import EngineSettings
from processors.engine.shelves import keep
from processors.fold import Fold
from processors.records import DEAD_LETTERS, Output, Record
from schemas.processing import DeadLetterHeaders
from schemas.waits import Waits

log = logging.getLogger(__name__)

SLICE = 200
STRETCH = 0.02
"""Records and deadlines, and seconds, that are worked off at a stretch: then other lanes' transactions go on."""


@dataclass(slots=True)
class Applied:
    """How many records were applied, what they put out, and the dead letters among that."""

    records: int = 0
    outputs: list[Output] = field(default_factory=list)
    letters: list[Output] = field(default_factory=list)

    def add(self, outputs: Sequence[Output]) -> None:
        self.outputs += outputs
        self.letters += [output for output in outputs if output.topic == DEAD_LETTERS]


class Batches:
    """The transactions of one lane."""

    def __init__(
        self, inbox: TopicPartition, settings: EngineSettings, budget: Budget, outbox: Outbox, progress: LaneProgress
    ) -> None:
        self._inbox = inbox
        self._seconds = settings.batch_seconds
        self._limit = DeadLetterLimit(settings.dead_letter_window, settings.dead_letter_share)
        self._budget = budget
        self._outbox = outbox
        self._progress = progress

    async def transact(self, fold: Fold, batch: Sequence[Record], stopping: Callable[[], bool]) -> int:
        """One transaction; how many records of the batch are in it: fewer when time is up or the lane is to stop.

        When a row turns out too large for the changelog, or cannot be written at all, they are applied again with
        each step's rows weighed, so that only the record whose step wants it goes to the dead letters.
        """
        until = time.monotonic() + self._seconds
        applied = await self._apply(fold, batch, lambda: stopping() or time.monotonic() > until)
        try:
            rows = fold.take_changes()
        except ValueError:  # RowTooLarge, or what JSON and UTF-8 refuse
            fold.rollback()
            fold.weighs = True
            applied = await self._apply(fold, batch[: applied.records], lambda: False)
            rows = fold.take_changes()
            fold.weighs = False
        began = time.monotonic()
        waits = Waits(fold.applied, fold.store.agenda.next_deadline)
        changelog_end = await self._outbox.commit(applied.outputs, rows, fold.next_offset, waits.text())
        seconds = time.monotonic() - began
        await keep(fold.store.shelf, changelog_end)
        self._tell(fold, applied, seconds)
        return applied.records

    async def _apply(self, fold: Fold, batch: Sequence[Record], enough: Callable[[], bool]) -> Applied:
        """At least one slice, which may be small, and whole records: a tick may let very many deadlines pass."""
        applied, size, pieces = Applied(), SLICE, _pieces(fold, batch)
        whole, letters = True, 0
        while applied.records < len(batch) and not (whole and applied.records and enough()):
            began, done = time.monotonic(), 0
            with self._budget.watching(fold, self._progress.interrupted):
                for outputs, whole in islice(pieces, size):
                    done += 1
                    applied.records += whole
                    if outputs:
                        applied.add(outputs)
                    if whole and len(applied.letters) > letters:
                        letters = len(applied.letters)
                        self._limit.note(fold.counts["records"])
            self._progress.applied += done
            size = _next_slice(size, time.monotonic() - began)
            await asyncio.sleep(0)
        return applied

    def _tell(self, fold: Fold, applied: Applied, seconds: float) -> None:
        headers = [dict(letter.headers) for letter in applied.letters]
        stages = [each[DeadLetterHeaders.STAGE].decode() for each in headers]
        waiting = fold.store.agenda.waiting
        outputs = Counter([output.topic for output in applied.outputs])
        clock = fold.clock.timestamp()
        self._progress.transacted(
            applied.records, fold.next_offset, seconds, fold.counts, waiting, stages, outputs, clock
        )
        if headers:
            where, why = headers[0][DeadLetterHeaders.OFFSET].decode(), headers[0][DeadLetterHeaders.MESSAGE].decode()
            log.warning(
                "%s/%s: %d dead letters, the first at offset %s: %s",
                *self._inbox,
                len(headers),
                where,
                why,
                extra=self._progress.where,
            )


def _pieces(fold: Fold, batch: Sequence[Record]) -> Iterator[tuple[Sequence[Output], bool]]:
    """What each deadline that a record lets pass puts out, then the record itself; and whether that is all of it."""
    for record in batch:
        if fold.lets_pass(record):
            for outputs in fold.passing(record):
                yield outputs, False
        yield fold.apply_itself(record), True


def _next_slice(size: int, took: float) -> int:
    """As many pieces as a stretch has time for, as far as the last one tells."""
    return max(1, min(SLICE, int(size * STRETCH / took))) if took > 0 else SLICE
