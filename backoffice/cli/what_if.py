"""`backoffice what-if`: the alerts there would have been under other settings, or by other code."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backoffice.cli.config import labels, registry
from backoffice.cli.options import PARTLY, SpaceOption, broker_errors, connect, err, fail, out, space_at
from backoffice.cli.output import Output, OutputOption, csv_rows, document
from backoffice.config import ConfigurationError, load
from backoffice.config.explain import suggestion
from backoffice.registry import processors
from backoffice.spaces import as_told
from backoffice.what_if.asking import Answer, Question, Unanswerable, ask
from backoffice.what_if.difference import Difference
from backoffice.what_if.plot import svg
from backoffice.what_if.processes import Processes, Reader
from backoffice.what_if.settings import DoNotFit
from backoffice.what_if.shown import show, summed
from backoffice.what_if.timeline import timeline
from backoffice.what_if.told import COUNTS, as_json, by_rule
from backoffice.what_if.world import Changed, Unsettled
from consumers.log import Unreachable
from consumers.partition import Partitions
from schemas.topics import Space

EXAMPLES = 5
"""Alerts of each sort that are printed unless more are wanted."""


PROCESSES = min(2, os.cpu_count() or 1)
"""Each holds the state of a partition in memory; more of them are asked for by who has it."""


class Held(StrEnum):
    settings = "settings"
    recorded = "recorded"


From = Annotated[str | None, typer.Option("--from", help="Begin of the interval: an ISO time, UTC unless it says so.")]
To = Annotated[str | None, typer.Option("--to", help="Its end, which is not part of it. [all there is]")]
Rules = Annotated[
    Path | None,
    typer.Option("--rules", help="A configuration file: its `rules:` are laid over the settings on the log."),
]
Against = Annotated[
    Held,
    typer.Option(
        "--against",
        help="What to compare with: the rules installed here under the settings on the log, or the alerts on the log.",
    ),
]
Only = Annotated[list[str] | None, typer.Option("--rule", help="Only alerts of this rule; repeat. [all]")]
Plot = Annotated[Path | None, typer.Option("--plot", help="Write the difference over time to this .svg file.")]
Count = Annotated[
    int, typer.Option("--processes", min=1, max=64, help="So many processes fold, each a partition at a time.")
]


def what_if_command(
    begin: From = None,
    end: To = None,
    rules: Rules = None,
    against: Against = Held.settings,
    rule: Only = None,
    output: OutputOption = Output.table,
    plot: Plot = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Alerts of each sort to print.")] = EXAMPLES,
    processes: Count = PROCESSES,
    space: SpaceOption = None,
) -> None:
    """Say which alerts there would have been under changed settings, or by the code installed here.

    It folds what is on the log again, from its beginning, and compares what began or ended in the interval. The
    changed settings count as if they had held all the time. It reads topics and sends nothing.

    Exit code 0: answered. 2: it cannot be. 3: answered, but the log does not go back to its beginning.
    """
    changed = _changed(rules)
    if changed is None and against is Held.settings:
        fail("Give --rules FILE with changed settings, or --against recorded to try the code installed here.")
    if plot is not None and plot.suffix != ".svg":
        fail(f"--plot {plot}: the picture is an SVG; name a file that ends in .svg")
    _known(rule or [])
    first, last = _instant("--from", begin), _instant("--to", end)
    if first is not None and last is not None and first >= last:
        fail(f"The interval is empty: --from {begin} is not before --to {end}.")
    bootstrap = connect()
    where = space_at(bootstrap, space)
    question = Question(where, datetime.now(UTC), first, last, changed, against.value, tuple(rule or ()))
    if first is not None and first >= question.window.end:
        fail(f"The interval is empty: --from {begin} has not come yet.")
    began = time.monotonic()
    answer = _answered(question, bootstrap, processes)
    seconds = time.monotonic() - began
    if plot is not None:
        _write(plot, answer.difference, where)
    _show(question, answer, seconds, output, examples)
    err.print(f"{answer.records:,} records folded in {seconds:.1f} s; processes: {processes}.", style="dim")
    if answer.cuts:
        for cut in answer.cuts:
            err.print(f"{cut}: what rests on earlier records is missing.", style="yellow")
        raise typer.Exit(PARTLY)


def _show(question: Question, answer: Answer, seconds: float, output: Output, examples: int) -> None:
    match output:
        case Output.json:
            document(_document(question, answer, seconds))
        case Output.csv:
            counts = by_rule(answer.difference)
            csv_rows(((rule, *count.values()) for rule, count in counts.items()), ("rule", *COUNTS))
        case Output.table:
            show(answer.difference, out, examples)


def _changed(path: Path | None) -> Changed | None:
    """What a configuration file sets, by processor."""
    if path is None:
        return None
    try:
        configuration = load(path, registry(), labels())
    except ConfigurationError as error:
        fail(error)
    changed = {name: told for name, settings in configuration.rules.items() if (told := as_told(settings))}
    return changed or fail(f"{path} changes no setting of a rule: it says nothing under `rules:`.")


def _known(rules: list[str]) -> None:
    known = sorted(rule.name for processor in processors() for rule in processor.rules)
    for name in rules:
        if name not in known:
            fail(f"There is no rule {name!r} ({suggestion(name, known)}).")


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text!r}: give an ISO time such as 2026-03-02 or 2026-03-02T09:30")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _answered(question: Question, bootstrap: str, processes: int) -> Answer:
    def folding(on_progress: Callable[[int], None]) -> Processes | Reader:
        where = (bootstrap, question.space, on_progress)
        return Reader(*where) if processes == 1 else Processes(*where, processes)

    try:
        with (
            broker_errors(),
            tempfile.TemporaryDirectory(prefix="backoffice-what-if-") as folder,
            Partitions(bootstrap) as log,
            _bar() as (on_round, on_progress),
            folding(on_progress) as fold,
        ):
            return ask(question, processors(), log, fold, Path(folder), on_round)
    except (Unanswerable, DoNotFit, Unsettled, Unreachable) as error:
        fail(error)
    except BrokenProcessPool:
        fail("A process that folded was killed, perhaps for want of memory: try --processes 1.")
    except KeyboardInterrupt:
        fail("Interrupted; nothing was changed.", code=130)


@contextmanager
def _bar() -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """A progress bar; what is called when so many records more are to be folded, and what when so many were."""
    columns = (TextColumn("records folded"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=0)

        def on_round(records: int) -> None:
            bar.update(task, total=(bar.tasks[0].total or 0) + records)

        yield on_round, lambda count: bar.advance(task, count)


def _write(path: Path, difference: Difference, space: Space) -> None:
    length, stretches = timeline(difference)
    title = f"What if, in space {space.name}: {summed(difference)}"
    try:
        path.write_text(svg(stretches, length, title), encoding="utf-8")
    except OSError as error:
        fail(f"--plot {path}: {error.strerror}")


def _document(question: Question, answer: Answer, seconds: float) -> dict[str, Any]:
    def said(at: datetime | None) -> str | None:
        return None if at is None else at.isoformat().replace("+00:00", "Z")

    return {
        "space": question.space.name,
        "from": said(question.begin),
        "to": said(question.end),
        "against": question.against,
        "changed": question.changed or {},
        "records_folded": answer.records,
        "seconds": round(seconds, 1),
        "cut": [str(cut) for cut in answer.cuts],
        **as_json(answer.difference),
    }
