"""Results: medians over rounds with their spread, and the file that keeps them."""

import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import build
from benchmarks.watch import Span
from infra.broker.jars import kafka_version

RESULTS = "results.json"
PLOT = "results.png"

FIGURES = (
    "events_per_second",
    "events_per_cpu_second",
    "steady_events_per_second",
    "peak_rss_bytes",
    "p50_ms",
    "p99_ms",
    "restore_seconds",
    "cpu_microseconds_per_event",
    "accepted_seconds",
    "notified_seconds",
    "notices",
)


@dataclass(slots=True)
class Result:
    """What was measured of one contender in one place. Figures that do not apply stay None; `spread` holds
    the least and the greatest of each figure over the rounds."""

    name: str
    part: str
    events: int = 0
    rounds: int = 0
    events_per_second: float | None = None
    events_per_cpu_second: float | None = None
    steady_events_per_second: float | None = None
    peak_rss_bytes: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    restore_seconds: float | None = None
    cpu_microseconds_per_event: float | None = None
    accepted_seconds: float | None = None
    notified_seconds: float | None = None
    notices: float | None = None
    spread: dict[str, tuple[float, float]] = field(default_factory=dict)


Measured = Mapping[str, float]
"""Figures of one round, by the names of `FIGURES`."""


def summed_up(name: str, part: str, rounds: Sequence[Measured], events: int = 0) -> Result:
    """The median of each figure, and its least and greatest. Raises ValueError for a figure nobody knows."""
    result = Result(name, part, events, len(rounds))
    for figure in sorted({figure for each in rounds for figure in each}):
        if figure not in FIGURES:
            raise ValueError(f"no such figure: {figure}")
        values = [each[figure] for each in rounds if figure in each]
        setattr(result, figure, round(median(values), 3))
        result.spread[figure] = (round(min(values), 3), round(max(values), 3))
    return result


def of_span(span: Span, steady: Span | None = None) -> dict[str, float]:
    """The figures of a run; `steady` is its second half, when a compiler and caches are warm."""
    figures = {
        "events_per_second": span.events_per_second,
        "events_per_cpu_second": span.events_per_cpu_second,
        "peak_rss_bytes": float(span.peak_rss),
        "cpu_microseconds_per_event": 1e6 / span.events_per_cpu_second,
    }
    return figures | ({"steady_events_per_second": steady.events_per_second} if steady else {})


def rank(share: float, values: Sequence[float]) -> float:
    """The nearest-rank percentile: the least value that at least `share` of all do not exceed."""
    if not values:
        raise ValueError("no values to take a percentile of")
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 10_000) * len(ordered) // 10_000) - 1)]


def machine() -> dict[str, Any]:
    """Versions, and what the machine is."""
    packages = ("faust-streaming", "aiokafka", "confluent-kafka", "pydantic")
    return {
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "kafka": kafka_version(),
        "kafka-streams": kafka_version(),
        "quixstreams": build.quix_version(),
        **{name: version(name) for name in packages},
    }


def write(results: Iterable[Result], about: Mapping[str, Any], path: Path) -> None:
    """A list of objects, one per result, each with the machine and the versions. Parts that were not measured
    this time keep what the file says of them."""
    new = [asdict(result) | {"machine": dict(about)} for result in results]
    parts = {row["part"] for row in new}
    rows = [row for row in read(path) if row["part"] not in parts] + new
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return rows


def known(path: Path) -> list[Result]:
    """What the file holds, as results."""
    rows = ({name: value for name, value in row.items() if name != "machine"} for row in read(path))
    return [Result(**row | {"spread": {n: (low, high) for n, (low, high) in row["spread"].items()}}) for row in rows]


Report = Callable[[str], None]
"""Takes one line for the person who waits."""
