"""The time budget of a rule: one that runs longer is interrupted, and only its record goes to the dead letters.

Processor time of the rule's own thread counts, not the wall clock: a worker that was paused, a machine that is busy,
or RocksDB at work in other threads, is no rule's fault. The timer runs by the time of all threads, so that it may look
too often, and never too rarely. The interpreter is interrupted between two of its instructions, so a rule that hangs
in C code is not; for that there is the watchdog.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from processors.fold import Fold, Interrupted

LOOKS = 4
"""How often within a budget, at least, the timer looks at whether the same rule still runs."""


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
        self._since = 0.0
        """This thread's processor time when the rule that runs was first looked at."""
        self._told = False
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
        self._fold, self._interrupted, self._record = fold, interrupted, -1
        signal.setitimer(signal.ITIMER_PROF, self._interval, self._interval)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._fold = None

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Raises RuleTimeout into the rule that runs, when it has used up its budget since it was first looked at."""
        fold = self._fold
        if fold is None or not fold.in_rule:
            self._record = -1
            return
        now = time.thread_time()  # Python runs signal handlers in the main thread, which is where the rule is
        if fold.rules_run != self._record:
            self._record, self._since, self._told = fold.rules_run, now, False
        if now - self._since >= self._seconds:  # again and again, until it has ended: it may catch what is raised here
            if not self._told:
                self._told = True
                fold.counts["rule timeouts"] += 1
            self._interrupted()
            raise RuleTimeout(f"the rule took more than {self._seconds:g} s of processor time for this record")
