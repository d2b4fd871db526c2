"""Restore and memory: a million rows of about 200 bytes, written by each contender itself, read back at a restart."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

from benchmarks.cluster import BenchmarkFailed, Input, filled
from benchmarks.contenders.table import BACKOFFICE, STREAMS_EOS, Contender
from benchmarks.invoices import Sent, encoded
from benchmarks.job import Job
from benchmarks.results import Measured, Report, Result, of_span, summed_up
from benchmarks.throughput import in_turn, said
from benchmarks.trial import Bench, Running, by_offsets, follow, prepared, running
from benchmarks.watch import cost, span
from processors.engine.settings import EngineSettings

READY = {True: "partitions are ours", False: "state RUNNING"}
"""What a contender says (ours or not) when it has restored everything and reads on."""

RESTORED = {
    True: re.compile(r"(\d+) rows restored in ([\d.]+) s"),
    False: re.compile(r"restored (\d+) rows in ([\d.]+) s"),
}
READY_WITHIN = 600.0
SETTLE = 1.0
"""Seconds after which memory is looked at once more."""


def run(
    bench: Bench, rows: int, rounds: int, report: Report, part: str = "restore", store: str = "memory"
) -> list[Result]:
    """Restarts in turn over the same rows: ours, and in the part `restore` Kafka Streams (exactly once, in memory)."""
    if store != "memory" and "store" not in EngineSettings.__dataclass_fields__:
        raise BenchmarkFailed(f"the engine has no store {store!r}: its settings have no such field")
    ours = (
        BACKOFFICE if store == "memory" else replace(BACKOFFICE, name=f"backoffice {store}", settings={"store": store})
    )
    contenders = (ours, STREAMS_EOS) if part == "restore" else (ours,)
    with ExitStack() as stack:
        source = stack.enter_context(filled(bench.bootstrap, distinct(rows), 4))
        jobs = {c: stack.enter_context(prepared(bench, c, source, shape="remember")) for c in contenders}
        built = {c: _built(bench, c, jobs[c], source, report) for c in contenders}
        found: dict[str, list[Measured]] = {}
        for number in range(rounds):
            for contender in in_turn(contenders, number):
                figures = built[contender] | _restart(contender, jobs[contender], number + 1, rows)
                found.setdefault(contender.name, []).append(figures)
                size = figures["peak_rss_bytes"] / 2**20
                took = f"{figures['restore_seconds']:.2f} s, {size:,.0f} MiB"
                report(f"{part}, round {number + 1}: {contender.name}: {took}")
    return [summed_up(f"{c.name} {rows:,} rows", part, found[c.name], rows) for c in contenders]


def distinct(rows: int) -> Iterator[Sent]:
    """One invoice each of so many vendors."""
    for n in range(rows):
        vendor = f"R-{n:08}"
        yield Sent(f"vendor/{vendor}", encoded(n, f"r-{n:08}", vendor, 10_000 + n % 90_000), f"r-{n:08}", 10_000)


def _built(bench: Bench, contender: Contender, job: Job, source: Input, report: Report) -> dict[str, float]:
    """Lets the contender write its rows. How fast that was is kept for the disk only: it is throughput's to say for
    memory, and without a warm-up it says too much of an engine with large batches."""
    with running(contender, job) as processes, closing(by_offsets(job)) as by:
        figures = of_span(span(follow(source, processes, by), start=1))
    report(f"{contender.name} wrote {source.events:,} rows: {said(figures)}")
    kept = ("events_per_second", "events_per_cpu_second") if "store" in contender.settings else ()
    return {name: figures[name] for name in kept}


def _restart(contender: Contender, job: Job, number: int, rows: int) -> dict[str, float]:
    """Seconds from the first partition's start to the last one's being ready, as the contender says itself, and
    the most memory seen until shortly after."""
    process = Running(contender, job, number)
    try:
        peak, deadline = 0, time.monotonic() + READY_WITHIN
        ready_at: float | None = None
        while ready_at is None or time.monotonic() - ready_at < SETTLE:
            process.alive()
            peak = max(peak, cost([process.process])[1])
            if ready_at is None and READY[contender.ours] in process.said():
                ready_at = time.monotonic()
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"{contender.name} was not ready within {READY_WITHIN:.0f} s; see {process.log}")
            time.sleep(0.02)
        return {"restore_seconds": _seconds(contender, process, rows), "peak_rss_bytes": float(peak)}
    finally:
        process.stop()


def _seconds(contender: Contender, process: Running, rows: int) -> float:
    """Ours says it per partition, all of which begin together; Kafka Streams for all."""
    lines = RESTORED[contender.ours].findall(process.said())
    restored = sum(int(count) for count, _ in lines) if contender.ours else max((int(c) for c, _ in lines), default=0)
    on_disk = contender.settings.get("store") is not None
    if restored < rows and not on_disk:
        raise BenchmarkFailed(f"{contender.name} restored {restored:,} rows of {rows:,}; see {process.log}")
    if restored >= rows and on_disk:
        raise BenchmarkFailed(f"{contender.name} read all {restored:,} rows again at a restart; see {process.log}")
    return max((float(seconds) for _, seconds in lines), default=0.0)
