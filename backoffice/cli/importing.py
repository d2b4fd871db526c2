"""`backoffice import`: an event log of another system, through the whole pipeline, in a space of its own."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backoffice import spaces
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import broker_errors, connect, err, fail, out
from backoffice.importing import ImportJob, Tally
from backoffice.supervisor import FEW_FAILURES, Supervisor, TooManyFailures
from infra.broker import user_data
from infra.topics import TopicsError
from producers.drain import NotDrained
from producers.importers import IMPORTERS, UnusableFile
from producers.importers.lines import opened
from schemas.topics import Space


def import_command(
    kind: Annotated[str, typer.Argument(help=f"The kind of file: {', '.join(IMPORTERS)}.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file; gzip is recognised.")],
    space: Annotated[str | None, typer.Option("--space", help="A replay space; import-<kind> by default.")] = None,
    config: ConfigOption = None,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Workers to start for it; 0: they run already.")] = 1,
    slice_hours: Annotated[float, typer.Option("--slice-hours", min=0.01, help="Event time entering at once.")] = 24.0,
    time_zone: Annotated[str, typer.Option("--time-zone", help="Of times in the file that name none.")] = "UTC",
    rows: Annotated[int | None, typer.Option("--rows", min=1, help="Only the first rows of the file.")] = None,
) -> None:
    """Import a file into a replay space and run it through the rules, in event time. Run again, it goes on."""
    importer = IMPORTERS.get(kind) or fail(f"There is no importer {kind!r}; there are: {', '.join(IMPORTERS)}.")
    found = configuration(config)
    bootstrap = connect(found)
    target = Space(space or f"import-{kind}", replay=True)
    job = ImportJob(
        importer,
        file,
        target,
        bootstrap,
        timedelta(hours=slice_hours),
        _zone(time_zone),
        found.settings(),
        rows,
    )
    began = time.monotonic()
    try:
        with broker_errors():
            spaces.prepare(bootstrap, target)
            with Supervisor(err.print, FEW_FAILURES) as supervisor:
                supervisor.start_workers(workers, target.name, bootstrap, user_data() / "logs")
                tally = _with_progress(job, supervisor)
    except (UnusableFile, NotDrained, TooManyFailures, TopicsError) as error:
        fail(error, code=1)
    except KeyboardInterrupt:
        fail("Interrupted. The same command goes on from the last committed row.", code=130)
    _summary(tally, time.monotonic() - began, target)


def _with_progress(job: ImportJob, supervisor: Supervisor) -> Tally:
    total = _rows(job)
    with Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} rows/s, {task.fields[rejected]} rejected"),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task(job.path.name, total=total, rate=0.0, rejected=0)
        began = said = time.monotonic()

        def on_slice(tally: Tally) -> None:
            nonlocal said
            now = time.monotonic()
            rate = (tally.rows - tally.resumed_at) / max(now - began, 0.001)
            bar.update(task, completed=tally.rows, rate=rate, rejected=tally.rejected.total())
            if not err.is_terminal and now - said > 5:
                said = now
                err.print(f"{tally.rows:,} of {total:,} rows, {rate:,.0f} rows/s, {tally.rejected.total()} rejected")

        return job.run(on_slice, supervisor.tend)


def _summary(tally: Tally, seconds: float, space: Space) -> None:
    resumed = f" (resumed after row {tally.resumed_at:,})" if tally.resumed_at else ""
    new = tally.rows - tally.resumed_at
    out.print(f"{tally.imported:,} of {tally.rows:,} rows imported{resumed}; {new / max(seconds, 0.001):,.0f} rows/s")
    for reason, n in tally.rejected.most_common():
        out.print(f"  rejected {n:,}: {reason}")
    if tally.late:
        err.print(late_rows(tally.late), style="yellow")
    out.print(f"Look at it: backoffice alerts --all --space {space.name}; backoffice measure --space {space.name}")


def late_rows(late: int) -> str:
    rows = "1 row is" if late == 1 else f"{late:,} rows are"
    return (
        f"{rows} earlier than a row before: what depends on their order may come out differently. "
        "For exact results sort the file by time, and import it into a new space."
    )


def _rows(job: ImportJob) -> int:
    """How many rows there are to import, below the header."""
    with opened(job.path) as lines:
        rows = sum(1 for _ in lines) - 1
    return min(rows, job.limit or rows)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        fail(f"There is no time zone {name!r}; a name such as Europe/Lisbon is wanted.")
