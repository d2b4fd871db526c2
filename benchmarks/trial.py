"""One run of one contender: its process started, watched to the end of the input, stopped, its answers checked."""

import subprocess
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from benchmarks import cluster
from benchmarks.answers import check
from benchmarks.cluster import BenchmarkFailed, Input
from benchmarks.contenders.table import Contender
from benchmarks.expected import Expected
from benchmarks.invoices import Sent
from benchmarks.job import Job
from benchmarks.watch import ByAlerts, ByOffsets, Progress, Sample, cost, watch
from schemas.topics import Space

ROOT = Path(__file__).parents[1]
ENDS_WITHIN = 30.0
SESSION = 120.0
"""Seconds of silence that the group allows one of our workers: while it is held it says nothing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What all runs share: the broker, and a folder for logs and state."""

    bootstrap: str
    folder: Path
    broker_pid: int | None = None


@contextmanager
def prepared(bench: Bench, contender: Contender, source: Input, **more: Any) -> Iterator[Job]:
    """The contender's job on new topics, which are removed at the end. Ours works in the input's own space."""
    run = f"{contender.name}-{uuid.uuid4().hex[:6]}"
    work = bench.folder / run
    work.mkdir(parents=True)
    ours = contender.ours
    alerts, dead = (f"{run}-alerts", f"{run}-dead-letters")
    job = Job(
        bootstrap=bench.bootstrap,
        run=run,
        space=source.space.name,
        inbox=source.topic,
        alerts=source.space.topic("alerting") if ours else alerts,
        dead_letters=source.space.topic("dead-letters") if ours else dead,
        group=source.space.group if ours else run,
        work_dir=str(work),
        partitions=source.partitions,
    )
    job = replace(job, **{**contender.settings, **more})
    if not ours:
        cluster.create_plain(bench.bootstrap, [alerts, dead])
    try:
        yield job
    finally:
        if not ours:
            cluster.remove_run(bench.bootstrap, run)


class Running:
    """A contender's process; its output is in a file of its work folder."""

    def __init__(self, contender: Contender, job: Job, n: int = 0) -> None:
        self.name = contender.name
        self.log = Path(job.work_dir) / f"output-{n}.log"
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                contender.command(job), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        self.process = psutil.Process(self._process.pid)

    def alive(self) -> None:
        """Raises BenchmarkFailed with the end of its log when it has ended."""
        if (code := self._process.poll()) is not None:
            raise BenchmarkFailed(f"{self.name} ended with {code}; the end of {self.log}:\n{self.said()[-3_000:]}")

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Asks it to end; kills it when it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@contextmanager
def running(contender: Contender, job: Job, count: int = 1) -> Iterator[list[Running]]:
    """`count` processes of the contender, stopped when the block is left."""
    processes: list[Running] = []
    try:
        for n in range(count):
            processes.append(Running(contender, job, n))
        yield processes
    finally:
        for process in processes:
            process.stop()


def follow(source: Input, processes: Sequence[Running], by: Progress) -> list[Sample]:
    """Samples until all that is in the input is done."""

    def alive() -> None:
        for process in processes:
            process.alive()

    return watch(by, source, [process.process for process in processes], alive)


def by_offsets(job: Job) -> ByOffsets:
    return ByOffsets(job.bootstrap, job.group, job.inbox, job.partitions)


@dataclass(frozen=True, slots=True)
class Load:
    """What a run is given: `warm` first, then, once that is done, `events`, which are measured.

    `answers`: both end in a closing alert in every partition, and the alerts are checked.
    """

    warm: Callable[[], Iterable[Sent]]
    events: Callable[[], Iterable[Sent]]
    partitions: int
    answers: bool = True


def measured(
    bench: Bench,
    contender: Contender,
    load: Load,
    workers: int = 1,
    ready: Callable[[Sequence[Running]], None] = lambda processes: None,
    **more: Any,
) -> list[Sample]:
    """Samples of one run, from the instant at which the contender, warm and idle, is let go on a full inbox.

    `ready` waits for more than the warm-up being done; `more` is for the job. A wrong answer fails the run.
    """
    source = cluster.create(bench.bootstrap, Space(f"bench-{uuid.uuid4().hex[:6]}"), load.partitions)
    answers = load.answers and contender.answers
    expected = Expected(bool(more.get("drop_duplicates")))
    source.expected = (expected,) if answers else ()
    try:
        cluster.fill(bench.bootstrap, source, load.warm())
        with prepared(bench, contender, source, session=SESSION, **more) as job:
            alerts = ByAlerts(bench.bootstrap, job.alerts, load.partitions) if answers else None
            with closing(alerts or by_offsets(job)) as by, running(contender, job, workers) as processes:
                follow(source, processes, by)
                ready(processes)
                samples = [_filled_while_held(bench, source, load, processes), *follow(source, processes, by)]
                if alerts is not None:
                    check(contender.name, job, alerts, expected)
        return samples
    finally:
        cluster.remove(bench.bootstrap, source)


def _filled_while_held(bench: Bench, source: Input, load: Load, processes: Sequence[Running]) -> Sample:
    """What was done and spent when the contender was let go."""
    done = source.events
    for process in processes:
        process.process.suspend()
    try:
        cluster.fill(bench.bootstrap, source, load.events())
        cpu, rss = cost([process.process for process in processes])
        return Sample(time.monotonic(), done, cpu, rss, ())
    finally:
        for process in processes:
            process.process.resume()
