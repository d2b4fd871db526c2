"""Ticks: in a live space, the owner of an idle partition wakes it when its earliest deadline is due."""

import time
from datetime import UTC, datetime

from processors.fold import Fold
from processors.records import Output
from processors.store import from_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.processing import Tick
from schemas.topics import Space

TICK_AGAIN = 1.0
"""Seconds to wait for a tick of ours to come back before another is appended."""

TICK_LATE = 0.002
"""Seconds after a deadline at which its tick is appended: the broker's stamp must lie behind the deadline."""


class Ticker:
    """Says when a partition needs a tick, and makes it. There is no clock process: each lane has its own."""

    def __init__(self, space: Space, topic: str, partition: int) -> None:
        self._replay = space.replay
        self._topic = topic
        self._partition = partition
        self._ticked = -TICK_AGAIN

    def due_in(self, fold: Fold) -> float | None:
        """Seconds until the partition needs a tick; None when it waits for nothing, or time is not ours to give."""
        if self._replay or (earliest := fold.store.agenda.earliest) is None:
            return None
        due_in = (earliest - datetime.now(UTC)).total_seconds() + TICK_LATE
        tick_again_in = self._ticked + TICK_AGAIN - time.monotonic()
        return max(due_in, tick_again_in, TICK_LATE)

    def tick(self) -> Output:
        self._ticked = time.monotonic()
        now = from_ms(time.time_ns() // 1_000_000)
        about = About(f"tick-{time.time_ns()}", "/backoffice/engine", f"partition/{self._partition}", now)
        return Output(self._topic, None, encode(Tick(partition=self._partition), about), HEADERS, now, self._partition)
