"""Lanes: one thread per receiver, so that notices to one keep their order and a slow one holds up nobody else."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

J = TypeVar("J")


class Lanes(Generic[J]):
    """Runs jobs of one lane in order, of different lanes at once.

    Threads are daemons: a receiver that hangs cannot keep the process from ending. Whatever a job
    raises is for `failed`: a lane that died silently would hold its receiver's notices for ever.
    """

    def __init__(self, work: Callable[[J], None], failed: Callable[[BaseException], None]) -> None:
        self._work = work
        self._failed = failed
        self._lanes: dict[str, SimpleQueue[J]] = {}
        self._threads: list[Thread] = []
        self._stopping = Event()

    def put(self, lane: str, job: J) -> None:
        queue = self._lanes.get(lane)
        if queue is None:
            queue = self._lanes[lane] = SimpleQueue()
            thread = Thread(target=self._run, args=(queue,), name=f"notify-{lane}", daemon=True)
            self._threads.append(thread)
            thread.start()
        queue.put(job)

    def stop(self, grace: float) -> bool:
        """Lets each lane end the job it is at, for at most `grace` seconds in all. False: one is still at it."""
        self._stopping.set()
        patience = grace / max(1, len(self._threads))
        for thread in self._threads:
            thread.join(patience)
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, queue: "SimpleQueue[J]") -> None:
        while not self._stopping.is_set():
            try:
                job = queue.get(timeout=0.1)
            except Empty:
                continue
            try:
                self._work(job)
            except BaseException as error:  # noqa: BLE001 - handed to the thread that can end the process
                self._failed(error)
                return
