"""`python -m benchmarks`: measures, prints, draws the plot and writes results.json (a quick run: in .bench/quick)."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python's own import, on Python 3.11 and 3.12
    import kafka  # noqa: F401

from rich.console import Console

from benchmarks import archive, build, cluster, latency, restore, scaling, storm, throughput
from benchmarks.build import BuildFailed
from benchmarks.cluster import BenchmarkFailed
from benchmarks.plot import draw
from benchmarks.report import show
from benchmarks.results import PLOT, RESULTS, Report, Result, known, machine, write
from benchmarks.trial import Bench
from infra.broker import BrokerError

PARTS = ("throughput", "latency", "restore", "memory", "scaling", "rocksdb", "alerting", "archive")
USUAL = PARTS[:3] + PARTS[4:5]
"""Without `memory`, which `restore` measures as well, `rocksdb`, which takes long, and `alerting` and `archive`, which
want Go and PostgreSQL."""

ROWS, MANY_ROWS = 1_000_000, 10_000_000


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(USUAL), help=f"parts, comma-separated: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default 3)")
    parser.add_argument("--events", type=int, default=400_000, help="events in the throughput input (default 400,000)")
    parser.add_argument("--quick", action="store_true", help="one round of fewer events: to see that all works")
    parser.add_argument("--keep", type=Path, help="a folder for logs, kept; else they go when all went well")
    parsed = parser.parse_args(given)
    parsed.only = [part.strip() for part in parsed.only.split(",")]
    if unknown := [part for part in parsed.only if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    if parsed.rounds < 1 or parsed.events < 50_000:
        parser.error("at least one round of 50,000 events is needed")
    if parsed.quick:
        parsed.rounds, parsed.events = 1, min(parsed.events, 150_000)
    return parsed


def plans(wanted: argparse.Namespace, report: Report) -> Mapping[str, Callable[[Bench], list[Result]]]:
    """What each part does, at the size asked for."""
    rounds, quick = wanted.rounds, wanted.quick
    rows, many = (100_000, 1_000_000) if quick else (ROWS, MANY_ROWS)
    return {
        "throughput": lambda bench: throughput.run(bench, wanted.events, rounds, report),
        "latency": lambda bench: latency.run(
            bench, 5 if quick else 30, rounds, report, 2 if quick else latency.SETTLE_SECONDS
        ),
        "restore": lambda bench: restore.run(bench, rows, rounds, report),
        "memory": lambda bench: restore.run(bench, rows, 1, report, part="memory"),
        "scaling": lambda bench: scaling.run(
            bench, wanted.events // 2, min(rounds, 2), report, 100_000 if quick else 1_000_000
        ),
        "alerting": lambda bench: storm.run(bench, 20_000 if quick else 100_000, 5 if quick else 20, rounds, report),
        "archive": lambda bench: archive.run(bench, wanted.events // 2, rounds, report),
        "rocksdb": lambda bench: restore.run(bench, many, 1, report, part="rocksdb", store="rocksdb"),
    }


def main(given: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 when a contender failed or gave a wrong answer."""
    console, began = Console(width=160 if not sys.stdout.isatty() else None, highlight=False), time.monotonic()
    wanted = arguments(sys.argv[1:] if given is None else given)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaving in order ends the broker and the contenders
    folder = wanted.keep or Path(tempfile.mkdtemp(prefix="backoffice-bench-"))
    output = build.MADE / "quick" if wanted.quick else build.HERE
    output.mkdir(parents=True, exist_ok=True)
    try:
        results = measured(wanted, folder.absolute(), output, lambda line: console.print(line, markup=False))
    except (BenchmarkFailed, BuildFailed, BrokerError) as error:
        console.print(f"The benchmark failed: {error}", markup=False, style="red")
        return 1
    show(results, console)
    if not wanted.keep:
        shutil.rmtree(folder, ignore_errors=True)
    took = f"{(time.monotonic() - began) / 60:.1f} minutes in all"
    console.print(f"{RESULTS} and {PLOT} are in {output.relative_to(build.HERE.parent)}/; {took}.")
    return 0


def measured(wanted: argparse.Namespace, folder: Path, output: Path, report: Report) -> list[Result]:
    """Runs the parts asked for on one broker; results are written after each, so that a failure loses no other's."""
    about, planned = machine(), plans(wanted, report)
    if any(part in wanted.only for part in ("throughput", "latency", "restore")):
        report("Making the peers ready (Maven, pip): only the first time it takes long.")
        build.build_streams()
        build.build_quix()
    with cluster.running_broker(folder) as broker:
        bench = Bench(broker.bootstrap_servers, folder, broker.pid)
        report(f"Broker at {broker.bootstrap_servers}; logs in {folder}.")
        for part in wanted.only:
            write(planned[part](bench), about, output / RESULTS)
            draw(known(output / RESULTS), output / PLOT)
    return known(output / RESULTS)


if __name__ == "__main__":
    sys.exit(main())
