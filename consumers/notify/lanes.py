"""Lanes: notices to one receiver keep their order, and a slow one holds up nobody else."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread, current_thread
from typing import Generic, TypeVar

J = TypeVar("J")

MOST_THREADS = 500
"""Receivers that are told at once. More of them wait until one of these is done."""


class Lanes(Generic[J]):
    """Runs jobs of one lane in order, of different lanes at once.

    A lane has a thread only while it has jobs, so that thousands of receivers cost nothing while they rest. Threads
    are daemons: a receiver that hangs cannot keep the process from ending. Whatever a job raises is for `failed`: a
    lane that died silently would hold its receiver's notices for ever.
    """

    def __init__(
        self,
        work: Callable[[J], None],
        failed: Callable[[BaseException], None],
        most_threads: int = MOST_THREADS,
    ) -> None:
        self._work = work
        self._failed = failed
        self._most = most_threads
        self._lock = Lock()
        self._jobs: dict[str, deque[J]] = {}
        self._ready: deque[str] = deque()
        """Lanes that have jobs and no thread."""
        self._threads: set[Thread] = set()
        self._stopping = False

    def put(self, lane: str, job: J) -> None:
        with self._lock:
            if (jobs := self._jobs.get(lane)) is not None:
                jobs.append(job)  # its thread, or the next one that is free, will look
                return
            self._jobs[lane] = deque((job,))
            self._ready.append(lane)
            if len(self._threads) >= self._most:
                return
            thread = Thread(target=self._run, name=f"notify-{len(self._threads)}", daemon=True)
            self._threads.add(thread)
        thread.start()

    @property
    def threads(self) -> int:
        """How many lanes are at work."""
        with self._lock:
            return len(self._threads)

    def stop(self, grace: float) -> bool:
        """Lets each lane end the job it is at, for at most `grace` seconds in all. False: one is still at it."""
        with self._lock:
            self._stopping = True
            threads = tuple(self._threads)
        end = time.monotonic() + grace
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _run(self) -> None:
        try:
            while (lane := self._next_lane()) is not None:
                while (job := self._next_job(lane)) is not None:
                    self._work(job)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that can end the process
            self._failed(error)
            with self._lock:
                self._threads.discard(current_thread())

    def _next_lane(self) -> str | None:
        """A lane without a thread; None ends the thread that asks."""
        with self._lock:
            if self._stopping or not self._ready:
                self._threads.discard(current_thread())
                return None
            return self._ready.popleft()

    def _next_job(self, lane: str) -> J | None:
        """None once the lane is empty: it is at rest then."""
        with self._lock:
            jobs = self._jobs[lane]
            if self._stopping or not jobs:
                del self._jobs[lane]
                return None
            return jobs.popleft()
