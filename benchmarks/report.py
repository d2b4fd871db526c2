"""The results as tables: medians with their spread, and the targets."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.results import Result
from benchmarks.targets import targets

COLUMNS = (
    ("events/s", "events_per_second", 1.0, ",.0f"),
    ("second half", "steady_events_per_second", 1.0, ",.0f"),
    ("per CPU-s", "events_per_cpu_second", 1.0, ",.0f"),
    ("CPU µs/event", "cpu_microseconds_per_event", 1.0, ",.1f"),
    ("peak MiB", "peak_rss_bytes", 2.0**20, ",.0f"),
    ("p50 ms", "p50_ms", 1.0, ",.1f"),
    ("p99 ms", "p99_ms", 1.0, ",.1f"),
    ("restore s", "restore_seconds", 1.0, ",.2f"),
    ("accepted s", "accepted_seconds", 1.0, ",.2f"),
    ("notified s", "notified_seconds", 1.0, ",.2f"),
    ("notices", "notices", 1.0, ",.0f"),
)
"""Heading, figure, what it is divided by, format."""


def show(results: Sequence[Result], console: Console) -> None:
    """One table per part, then the targets."""
    for part in dict.fromkeys(result.part for result in results):
        console.print(table(part, [result for result in results if result.part == part]))
    console.print(target_table(results))


def table(part: str, results: Sequence[Result]) -> Table:
    """Figures that no result of the part has are left out."""
    shown = [column for column in COLUMNS if any(getattr(result, column[1]) is not None for result in results)]
    made = Table(title=f"{part}: median (least to greatest)", title_justify="left")
    made.add_column("")
    for heading, *_ in shown:
        made.add_column(heading, justify="right")
    for result in results:
        made.add_row(result.name, *(_cell(result, figure, unit, how) for _, figure, unit, how in shown))
    return made


def _cell(result: Result, figure: str, unit: float, how: str) -> str:
    value = getattr(result, figure)
    if value is None:
        return "-"
    low, high = result.spread[figure]
    middle = format(value / unit, how)
    return middle if low == high else f"{middle} ({format(low / unit, how)} to {format(high / unit, how)})"


def target_table(results: Sequence[Result]) -> Table:
    made = Table(title="targets, by the medians", title_justify="left")
    for heading in ("", "wanted", "measured", ""):
        made.add_column(heading)
    verdicts = {True: "[green]reached[/green]", False: "[red]not reached[/red]", None: "-"}
    for target in targets(results):
        made.add_row(target.name, target.wanted, target.measured, verdicts[target.reached])
    return made
