"""Lanes folded in several processes, one lane in each at a time: a core folds some ten thousand records a second."""

import gc
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager
from multiprocessing import get_context
from multiprocessing.context import SpawnContext
from queue import Empty
from types import TracebackType
from typing import Any

from backoffice.registry import processors
from backoffice.what_if.folding import Folded, Job, fold_again
from backoffice.what_if.space import records
from consumers.partition import Partitions
from processors.records import Record
from schemas.topics import Space

OnProgress = Callable[[int], None]
"""Hears how many records were folded since it heard last."""

LOOKS = 0.1
"""Seconds between two looks at how far the processes are."""


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Reader(AbstractContextManager["Reader"]):
    """Folds lanes in this process, one after another, reading them from the log."""

    def __init__(self, bootstrap: str, space: Space, on_progress: OnProgress) -> None:
        self._bootstrap = bootstrap
        self._space = space
        self._on_progress = on_progress
        self._opened: Partitions | None = None
        self._processors = {p.name: p for p in processors()}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            self._opened.__exit__(kind, error, trace)

    def __call__(self, jobs: list[Job]) -> Iterator[Folded]:
        return map(self.fold, jobs)

    def fold(self, job: Job) -> Folded:
        """Raises consumers.log.Unreachable, DoNotFit."""
        processor = self._processors[job.lane.processor]
        return fold_again(job, processor, self._records(processor.inbox, job.lane.partition))

    def _records(self, topic: str, partition: int) -> Iterator[Record]:
        for batch in records(self._log(), self._space, topic, partition):
            yield from batch
            self._on_progress(len(batch))

    def _log(self) -> Partitions:
        if self._opened is None:
            self._opened = Partitions(self._bootstrap).__enter__()
        return self._opened


class Processes(AbstractContextManager["Processes"]):
    """Folds lanes in processes of its own, in the order in which they are given."""

    def __init__(self, bootstrap: str, space: Space, on_progress: OnProgress, count: int) -> None:
        context: SpawnContext = get_context("spawn")
        self._on_progress = on_progress
        self._told: Any = context.Queue()
        self._stop: Any = context.Event()
        self._pool = ProcessPoolExecutor(count, context, _begin, (bootstrap, space, self._told, self._stop))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def __call__(self, jobs: list[Job]) -> Iterator[Folded]:
        """Raises concurrent.futures.process.BrokenProcessPool when one was killed, and what folding raises."""
        left: set[Future[Folded]] = {self._pool.submit(_fold, job) for job in jobs}
        while left:
            done, left = wait(left, timeout=LOOKS, return_when=FIRST_COMPLETED)
            self._listen()
            for future in done:
                yield future.result()

    def _listen(self) -> None:
        while True:
            try:
                self._on_progress(self._told.get_nowait())
            except Empty:
                return


_reader: Reader | None = None
"""That of a process of the pool."""


def _begin(bootstrap: str, space: Space, told: Any, stop: Any) -> None:
    """A process of the pool begins. Ctrl-C is for the one that it works for, who then tells it to stop."""
    global _reader
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told.cancel_join_thread()
    gc.set_threshold(100_000, 20, 100)  # a million decoded rows make no cycles; looking for them takes its time

    def on_progress(count: int) -> None:
        told.put(count)
        if stop.is_set():
            raise Stopped

    _reader = Reader(bootstrap, space, on_progress)


def _fold(job: Job) -> Folded:
    if _reader is None:
        raise RuntimeError("the process has not begun")
    return _reader.fold(job)
