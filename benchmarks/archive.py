"""The archive: how many records a second it writes into PostgreSQL and into SQLite, read from a real topic.

The server is as Debian has it, with a write-ahead log that is synced at each commit. The clock starts with the first
batch's commit and ends with the last one's, so neither the connections nor the making of tables count.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from backoffice.archiving import described
from benchmarks.cluster import BenchmarkFailed, Input, filled
from benchmarks.invoices import invoices
from benchmarks.results import Measured, Report, Result, summed_up
from benchmarks.trial import Bench
from consumers.archive.archiver import Archiver, ArchiverSettings
from consumers.archive.databases import database
from consumers.archive.reading import Archive
from consumers.archive.source import Batch
from tests.postgres import serving

PARTITIONS = 4
DONE_WITHIN = 600.0


def run(bench: Bench, events: int, rounds: int, report: Report) -> list[Result]:
    """Both databases, turn by turn, each time a new one, over the same topic."""
    found: dict[str, list[Measured]] = {}
    with filled(bench.bootstrap, invoices(events), PARTITIONS) as source:
        for number in range(rounds):
            for name in ("postgresql", "sqlite"):
                with _address(name, bench.folder / f"archive-{number}.db") as (url, server):
                    figures = _once(bench, source, url, server)
                found.setdefault(name, []).append(figures)
                said = ", ".join(f"{figure} {value:,.1f}" for figure, value in figures.items())
                report(f"archive, round {number + 1}: {name}: {said}")
    return [summed_up(name, "archive", figures, events) for name, figures in found.items()]


@contextmanager
def _address(name: str, file: Path) -> Iterator[tuple[str, psutil.Process | None]]:
    """A new database's address, and the server's process where there is one."""
    if name == "sqlite":
        yield f"sqlite:///{file}", None
        return
    with serving(options=()) as server:
        yield server.url(), psutil.Process(server.pid)


def _once(bench: Bench, source: Input, url: str, server: psutil.Process | None) -> Measured:
    stop, done = threading.Event(), threading.Event()
    commits: list[tuple[float, int, float]] = []  # when, how many records by then, CPU seconds by then

    def written(batch: Batch) -> None:
        so_far = (commits[-1][1] if commits else 0) + len(batch.records)
        commits.append((time.perf_counter(), so_far, _cpu(server)))
        if so_far >= source.events:
            done.set()

    settings = ArchiverSettings(
        bootstrap_servers=bench.bootstrap, space=source.space, describe=lambda: described(bench.bootstrap)
    )
    base = database(url)
    thread = threading.Thread(target=Archiver(settings, base, stop, written=written).run, name="archiver")
    thread.start()
    try:
        finished = done.wait(DONE_WITHIN)
    finally:
        stop.set()
        thread.join()
    if not finished:
        raise BenchmarkFailed(f"{commits[-1][1] if commits else 0} of {source.events} records archived in time")
    _check(Archive(base), source)
    base.engine.dispose()
    (began, first, cpu), (ended, last, cpu_then) = commits[0], commits[-1]
    return {
        "events_per_second": (last - first) / (ended - began),
        "events_per_cpu_second": (last - first) / (cpu_then - cpu),
        "cpu_microseconds_per_event": (cpu_then - cpu) / (last - first) * 1e6,
    }


def _check(archive: Archive, source: Input) -> None:
    """Each record once: as many as were sent, each place up to the end of its partition."""
    counted = sum(one.records for one in archive.counts(kind="events", by=[]))
    places = {one.partition: one.next for one in archive.places() if one.topic.startswith("events.")}
    if counted != source.events or places != source.ends:
        raise BenchmarkFailed(f"{counted} of {source.events} records are archived; places {places}, ends {source.ends}")


def _cpu(server: psutil.Process | None) -> float:
    """CPU seconds of this process, and of the server with its backends (those that have ended are not known)."""
    processes = [psutil.Process()] + ([] if server is None else [server, *server.children(recursive=True)])
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
