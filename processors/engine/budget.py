"""The time budget of a rule: one that runs longer is interrupted, and only its record goes to the dead letters.

Processor time counts, not the wall clock: a worker that was paused, or a machine that is busy, is no rule's fault.
The interpreter is interrupted between two of its instructions, so a rule that hangs in C code is not; for that
there is the watchdog.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from processors.fold import Fold, Interrupted

LOOKS = 4
"""How often within a budget the timer looks at whether the same rule still runs."""


class RuleTimeout(Interrupted):
    """A rule took longer than its budget."""


class Budget:
    """Watches folds of this thread, one at a time. Signals reach only the main thread: elsewhere nothing is watched."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._interval = seconds / LOOKS
        self._fold: Fold | None = None
        self._interrupted: Callable[[], None] = lambda: None
        self._record = -1
        self._looks = 0
        self._watches = (
            seconds > 0 and hasattr(signal, "SIGPROF") and threading.current_thread() is threading.main_thread()
        )
        if self._watches:
            signal.signal(signal.SIGPROF, self._look)

    @contextmanager
    def watching(self, fold: Fold, interrupted: Callable[[], None]) -> Iterator[None]:
        """Within this block the fold's rules must be quick. It costs two system calls, so it spans many records."""
        if not self._watches:
            yield
            return
        self._fold, self._interrupted, self._looks = fold, interrupted, 0
        signal.setitimer(signal.ITIMER_PROF, self._interval, self._interval)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._fold = None

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Raises RuleTimeout into the rule that runs, when it is the one that ran at the looks before."""
        fold = self._fold
        if fold is None or not fold.in_rule:
            self._looks = 0
            return
        if fold.rules_run != self._record:
            self._record, self._looks = fold.rules_run, 0
        self._looks += 1
        if self._looks > LOOKS:  # again and again, until it has ended: it may catch what is raised here
            if self._looks == LOOKS + 1:
                fold.counts["rule timeouts"] += 1
            self._interrupted()
            raise RuleTimeout(f"the rule took more than {self._seconds:g} s of processor time for this record")
