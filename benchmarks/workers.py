"""One worker and two: what a second one adds."""

import os
import re
import time
from collections.abc import Sequence

import psutil

from benchmarks.cluster import BenchmarkFailed
from benchmarks.contenders.table import BACKOFFICE
from benchmarks.results import Measured, of_span
from benchmarks.trial import Bench, Load, Running, measured
from benchmarks.watch import Sample, Span, span

PARTITIONS = 4
JOINED = re.compile(r"(\d+) partitions are ours")
JOINED_WITHIN = 180.0


def shared(bench: Bench, load: Load, workers: int) -> Measured:
    """The figures of so many workers together, while every partition still has work."""

    def ready(processes: Sequence[Running]) -> None:
        _pin(bench, [process.process for process in processes])
        _joined(processes)

    return of_span(together(measured(bench, BACKOFFICE, load, workers, ready)))


def _joined(processes: Sequence[Running]) -> None:
    """Waits until all partitions are shared out among all."""
    deadline = time.monotonic() + JOINED_WITHIN
    while True:
        shares = [int((JOINED.findall(process.said()) or ["0"])[-1]) for process in processes]
        if all(shares) and sum(shares) == PARTITIONS:
            return
        for process in processes:
            process.alive()
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"the workers have {shares} partitions after {JOINED_WITHIN:.0f} s")
        time.sleep(0.05)


def together(samples: Sequence[Sample]) -> Span:
    """The stretch in which every partition still had work: later, some worker would have stood idle."""
    ends = samples[-1].offsets
    busy = [sample for sample in samples[1:] if all(done < end for done, end in zip(sample.offsets, ends, strict=True))]
    return span([samples[0], *busy])


def _pin(bench: Bench, processes: Sequence[psutil.Process]) -> None:
    """A core for each worker and the rest for the broker, where there are enough of them and the system can."""
    cores = os.cpu_count() or 1
    if cores < len(processes) + 2 or bench.broker_pid is None or not hasattr(psutil.Process, "cpu_affinity"):
        return
    for core, process in enumerate(processes):
        process.cpu_affinity([core])
    psutil.Process(bench.broker_pid).cpu_affinity(list(range(len(processes), cores)))
