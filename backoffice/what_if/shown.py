"""A difference on a terminal: a table, bars over time, examples."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from backoffice.what_if.difference import Difference
from backoffice.what_if.timeline import timeline
from backoffice.what_if.told import COUNTS, by_rule, how, in_a_line, what
from consumers.render import plain

BAR = 30
"""Characters of the longest bar."""

COLOURS = {"added": "red", "removed": "blue", "moved": "yellow"}


def summed(difference: Difference) -> str:
    """How many alerts of each sort."""
    return f"{len(difference.added):,} added, {len(difference.removed):,} removed, {len(difference.moved):,} moved"


def show(difference: Difference, out: Console, examples: int) -> None:
    """Counts by rule, the difference over time, and some alerts of each sort."""
    table = Table("rule", box=None, header_style="bold", pad_edge=False)
    for count in COUNTS:
        table.add_column(count, justify="right")
    for rule, counts in by_rule(difference).items():
        table.add_row(rule, *(f"{number:,}" if number else "-" for number in counts.values()))
    if difference.rules:
        out.print(table)
    if not difference:
        out.print("No difference: the same alerts, at the same times.")
        return
    _plotted(difference, out)
    _listed("added", [plain(in_a_line(episode)) for episode in difference.added], out, examples)
    _listed("removed", [plain(in_a_line(episode)) for episode in difference.removed], out, examples)
    _listed("moved", [plain(f"{what(m.after)}: {how(m)}") for m in difference.moved], out, examples)
    out.print(f"\n{summed(difference)}.")


def _listed(sort: str, lines: list[str], out: Console, examples: int) -> None:
    if not lines or not examples:
        return
    out.print(f"\n{sort}:", style="bold")
    for line in lines[:examples]:
        out.print(f"  {line}")
    if len(lines) > examples:
        out.print(f"  and {len(lines) - examples:,} more (--examples, or --output json)", style="dim")


def _plotted(difference: Difference, out: Console) -> None:
    """A bar for each stretch of time."""
    length, stretches = timeline(difference)
    most = max(s.added + s.removed + s.moved for s in stretches)
    out.print("")
    for stretch in stretches:
        line = Text(f"{stretch.begin:{'%Y-%m-%d' if length.days else '%Y-%m-%d %H:%M'}} ")
        numbers = {kind: getattr(stretch, kind) for kind in COLOURS}
        for kind, number in numbers.items():
            line.append("█" * -(-number * BAR // most), style=COLOURS[kind])
        said = ", ".join(f"{number:,} {kind}" for kind, number in numbers.items() if number)
        out.print(line.append(f" {said}" if said else "·"))
