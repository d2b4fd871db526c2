"""`backoffice rebuild --check`: whether what is recorded is what the rules make of the log."""

import time
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from backoffice.cli.options import FOUND, PARTLY, SpaceOption, broker_errors, connect, err, fail, out, space_at
from backoffice.rebuilding.check import Check, Report
from backoffice.registry import processors
from consumers.log import Unreachable
from consumers.partition import Partitions
from consumers.render import plain
from infra.admin import admin
from infra.topics.cluster import existing
from processors.processor import Processor
from schemas.topics import Space

TOLD = 20
"""Differences that are printed."""


def rebuild_command(
    check: Annotated[
        bool, typer.Option("--check", help="Compare only; nothing is written. The only way there is.")
    ] = False,
    processor: Annotated[
        str | None, typer.Option("--processor", help="Only the state and the outputs of this one. [all]")
    ] = None,
    space: SpaceOption = None,
) -> None:
    """Compute outputs and states anew from the inboxes, and compare them with what is recorded, hash for hash.

    Exit code 0: equal. 1: something differs, the first differences are shown. 3: what could be compared is equal,
    but the log of some partitions has been cut.
    """
    if not check:
        fail("rebuild compares and writes nothing yet: call it with --check.")
    bootstrap = connect()
    where = space_at(bootstrap, space)
    began = time.monotonic()
    try:
        with broker_errors(), Partitions(bootstrap) as log:
            report = _with_progress(bootstrap, where, _named(processor), log)
    except Unreachable as error:
        fail(error)
    except KeyboardInterrupt:
        fail("Interrupted; nothing was changed.", code=130)
    _tell(report, time.monotonic() - began)


def _named(name: str | None) -> str | None:
    known = [p.name for p in processors()]
    return name if name in (None, *known) else fail(f"There is no processor {name!r}; there are {', '.join(known)}.")


def _in_space(bootstrap: str, space: Space) -> list[Processor]:
    """Those that have an inbox in the space."""
    with admin(bootstrap) as cluster:
        there = existing(cluster, [space.topic(p.inbox) for p in processors()])
    return [p for p in processors() if space.topic(p.inbox) in there]


def _with_progress(bootstrap: str, space: Space, only: str | None, log: Partitions) -> Report:
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bar:
        task = bar.add_task("")

        def on_progress(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        return Check(bootstrap, space, _in_space(bootstrap, space), log, on_progress, only).run()


def _tell(report: Report, seconds: float) -> None:
    for difference in report.differences[:TOLD]:
        err.print(plain(difference), style="red")
    if more := report.more + max(0, len(report.differences) - TOLD):
        err.print(f"and {more:,} more differences", style="red")
    for why in report.unchecked:
        err.print(f"Not checked: {why}.", style="yellow")
    out.print(
        f"{report.records:,} records of {report.lanes} partitions folded again in {seconds:.1f} s; "
        f"{report.outputs:,} outputs and {report.keys:,} states compared."
    )
    if report.differences:
        fail("What is recorded is not what the rules installed here make of the log.", FOUND)
    if report.unchecked:
        fail("What could be compared is equal; not everything could.", PARTLY)
    out.print("Equal, hash for hash.")
