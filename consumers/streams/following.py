"""One person's look at a topic: read in a thread, filtered, and no more kept than they can look at.

What stands on the log already is shown whole, a page at a time: reading waits until they want more. What comes while
they look is sampled when it is too much (`window.py`). A pause keeps the place: what came meanwhile is read
afterwards, unless they go to the end.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kafka.errors import KafkaError

from consumers.log import Log, Position, Record, Unreachable
from consumers.seen import Reader, Seen
from consumers.streams.filters import Filter
from consumers.streams.look import Look
from consumers.streams.start import Latest, Start
from consumers.streams.window import Limits, Window

log = logging.getLogger(__name__)

State = Literal["reading", "live", "paused", "page full", "away", "ended"]

LOOK_EVERY = 1.0
"""Seconds between two questions how far behind the end we are."""

MOST_BEHIND = 50_000
"""Offsets. More is not to be caught up with while more comes: what is between is left out, and counted."""

ABANDONED = 120.0
"""Seconds without anybody taking anything, after which nobody looks any more."""

AGAIN = 2.0
"""Seconds before a broker that was away is asked again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What is new, and how it stands. `read` and `matched` count records since the beginning, `left_out` of the
    latter those that were not shown; `behind`: offsets between us and the end."""

    seen: Sequence[Seen]
    state: State
    read: int
    matched: int
    left_out: int
    behind: int
    problem: str = ""


class Stream:
    """`opening` gives a Log that is not entered yet. The clock is in seconds and only grows."""

    def __init__(
        self,
        opening: Callable[[], Log],
        reader: Reader,
        filter: Filter,
        start: Start,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opening = opening
        self._reader = reader
        self._filter = filter
        self._start = start
        self._clock = clock
        self._turn = threading.Condition()
        self._window = Window(limits or Limits(), clock())
        self._paused = self._to_end = self._stopped = False
        self._problem = ""
        self._taken_at = clock()
        self._asked_at = clock()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    # What a person does

    def start(self) -> "Stream":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends the thread, within half a second or so; waits for nothing."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()

    @property
    def has_ended(self) -> bool:
        return self._stopped

    @property
    def is_paused(self) -> bool:
        return self._paused

    def pause(self) -> None:
        """Reads no further. What was read already may still be taken."""
        with self._turn:
            self._paused = True

    def resume(self) -> None:
        """Goes on where it was paused."""
        with self._turn:
            self._paused = False
            self._window.goes_on()
            self._turn.notify_all()

    def more(self) -> None:
        """Another page of what stands there."""
        with self._turn:
            self._window.more()
            self._turn.notify_all()

    def go_to_end(self) -> None:
        """Passes over what was not read yet, and shows what comes."""
        with self._turn:
            self._to_end, self._paused = True, False
            self._turn.notify_all()

    def take(self) -> Taken:
        """What is new since it was last asked."""
        with self._turn:
            self._taken_at = self._clock()
            window = self._window
            counts = (window.read, window.matched, window.left_out, window.behind)
            return Taken(window.take(), self._state(), *counts, self._problem)

    def _state(self) -> State:
        if self._stopped:
            return "ended"
        if self._problem:
            return "away"
        if self._paused:
            return "paused"
        if self._window.is_full:
            return "page full"
        return "live" if self._window.is_live else "reading"

    # The thread

    def _run(self) -> None:
        while not self._stopped:
            try:
                with self._opening() as topics:
                    self._begin(topics)
                    self._follow(topics)
            except (Unreachable, KafkaError) as error:
                with self._turn:
                    self._problem = str(error)
                    self._turn.wait_for(lambda: self._stopped, AGAIN)
            except BaseException:
                self._stopped = True
                log.exception("a stream has ended")
                raise

    def _begin(self, topics: Log) -> None:
        before = self._window.positions
        if before is None:
            topics.seek(self._start)
        else:
            topics.go(dict(before))
        with self._turn:
            self._problem = ""
            self._window.targets = {} if before is None and isinstance(self._start, Latest) else None
            self._window.positions = topics.positions()

    def _follow(self, topics: Log) -> None:
        batches = topics.follow()
        while self.goes_on():
            if self._to_end:
                topics.seek(Latest())
                self.passed_over(topics.positions())
            if self._window.targets is None:
                self.aims_at(topics.ends())
            batch = next(batches)
            positions = topics.positions()
            self.absorb(batch, positions)
            if self._clock() - self._asked_at >= LOOK_EVERY:
                self._asked_at = self._clock()
                self._keep_up(topics, positions)

    def goes_on(self) -> bool:
        """Waits until there is something to be read; false once there is nobody to read for."""
        with self._turn:
            while not self._stopped and not self._is_abandoned and self._has_enough:
                self._turn.wait(1.0)
            self._stopped = self._stopped or self._is_abandoned
            return not self._stopped

    @property
    def _has_enough(self) -> bool:
        return (self._paused or self._window.is_full) and not self._to_end

    @property
    def _is_abandoned(self) -> bool:
        return self._clock() - self._taken_at > ABANDONED

    def _keep_up(self, topics: Log, positions: Mapping[Position, int]) -> None:
        """While live: a topic that is faster than we are is followed at its end."""
        ends = topics.ends()
        behind = sum(max(0, ends[each] - at) for each, at in positions.items())
        with self._turn:
            self._window.behind = behind
        if behind > MOST_BEHIND and self._window.is_live:
            topics.seek(Latest())
            self.passed_over(topics.positions())

    def aims_at(self, ends: Mapping[Position, int]) -> None:
        """What stands there up to these offsets is shown whole; what comes after them is live."""
        with self._turn:
            self._window.aims_at(ends)

    def passed_over(self, positions: Mapping[Position, int]) -> None:
        """What lies between was not read, and is not to be."""
        with self._turn:
            self._window.passes_over(positions)
            self._to_end = False

    def absorb(self, batch: Iterable[Record], positions: Mapping[Position, int]) -> None:
        """Takes in what was read, up to these positions."""
        looks = [Look(record, self._reader) for record in batch]
        matched = [look for look in looks if self._filter.passes(look)]
        with self._turn:
            self._window.absorb(len(looks), matched, positions, self._clock())
