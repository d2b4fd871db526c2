"""The picture of the results: throughput, latency, restore and the cost per event as things grow."""

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes

from benchmarks.results import Result

OURS, OTHERS, SECOND = "#2b6cb0", "#cbd5e0", "#718096"


def draw(results: Sequence[Result], path: Path) -> None:
    """Six panels; one that was not measured says so."""
    figure, axes = pyplot.subplots(2, 3, figsize=(15, 8), constrained_layout=True)
    headline = [r for r in _part(results, "throughput") if "," not in r.name]
    _bars(axes[0, 0], headline, "events_per_second", 1, "events per second, one worker")
    _bars(axes[0, 1], headline, "events_per_cpu_second", 1, "events per CPU-second")
    _bars(axes[0, 2], headline, "peak_rss_bytes", 2**20, "peak memory, MiB")
    _latency(axes[1, 0], _part(results, "latency"))
    _bars(axes[1, 1], _part(results, "restore"), "restore_seconds", 1, "seconds to restore")
    _curves(axes[1, 2], _part(results, "scaling"))
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _part(results: Sequence[Result], part: str) -> list[Result]:
    return [result for result in results if result.part == part]


def _plain(axes: Axes, title: str, empty: bool) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    if empty:
        axes.text(0.5, 0.5, "not measured", ha="center", va="center", transform=axes.transAxes, color=SECOND)
        axes.set_axis_off()


def _bars(axes: Axes, results: Sequence[Result], figure: str, unit: float, title: str) -> None:
    """A bar per contender at its median, with a line from least to greatest."""
    shown = [result for result in results if getattr(result, figure) is not None][::-1]
    _plain(axes, title, not shown)
    for place, result in enumerate(shown):
        value, (low, high) = getattr(result, figure) / unit, result.spread[figure]
        axes.barh(place, value, color=OURS if result.name.startswith("backoffice") else OTHERS)
        axes.plot([low / unit, high / unit], [place, place], color="#1a202c", linewidth=1.2)
        axes.text(
            max(value, high / unit),
            place,
            f"  {value:,.3g}" if value < 100 else f"  {value:,.0f}",
            va="center",
            fontsize=9,
        )
    axes.set_yticks(range(len(shown)), [re.sub(r" (?=[\d,]+ rows)", "\n", result.name) for result in shown], fontsize=9)
    axes.set_xticks([])  # the bars say their values
    axes.spines["bottom"].set_visible(False)
    axes.set_ylim(-0.7, max(len(shown), 4) - 0.3)
    axes.margins(x=0.2)


def _latency(axes: Axes, results: Sequence[Result]) -> None:
    _plain(axes, "sent → alert readable at 1,000 events/s, ms", not results)
    for place, result in enumerate(results[::-1]):
        colour = OURS if result.name.startswith("backoffice") else SECOND
        p50, p99 = result.p50_ms or 0.0, result.p99_ms or 0.0
        axes.plot([p50, p99], [place, place], color=colour, linewidth=3, marker="o")
        axes.text(p50, place + 0.12, f"p50 {p50:.0f}, p99 {p99:.0f}", fontsize=9)
    axes.set_yticks(range(len(results)), [result.name for result in results[::-1]], fontsize=9)
    axes.set_ylim(-0.5, max(0.5, len(results) - 0.5))
    axes.set_xlim(left=0)


def _curves(axes: Axes, results: Sequence[Result]) -> None:
    """CPU per event against how many of a thing there are, logarithmically: flat is good."""
    lines: dict[str, list[tuple[int, float]]] = {}
    for result in results:
        found = re.fullmatch(r"backoffice ([\d,]+) (partitions|keys|entries under one key)", result.name)
        if found and result.cpu_microseconds_per_event is not None:
            lines.setdefault(found[2], []).append((int(found[1].replace(",", "")), result.cpu_microseconds_per_event))
    _plain(axes, "CPU µs per event as there are more", not lines)
    for name, points in lines.items():
        axes.plot(*zip(*sorted(points), strict=True), marker="o", label=name)
    if lines:
        axes.set_xscale("log")
        axes.set_ylim(0, 1.15 * max(cost for points in lines.values() for _, cost in points))
        axes.legend(frameon=False, fontsize=9)
