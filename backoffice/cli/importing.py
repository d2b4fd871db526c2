"""`backoffice import`: an event log of another system, through the whole pipeline, in a space of its own."""

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backoffice import mappings, spaces
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import FeedMetricsPort, broker_errors, connect, err, fail, out
from backoffice.config.problems import ConfigurationError
from backoffice.feeding import FeedMeters, watched
from backoffice.health import PortTaken
from backoffice.importing import ImportJob, Tally
from backoffice.supervisor import FEW_FAILURES, Supervisor, TooManyFailures
from infra.broker import user_data
from infra.topics import TopicsError
from producers.drain import NotDrained
from producers.importers import Imported, Importer, Rejected, UnusableFile
from producers.importers.lines import opened
from schemas.topics import Space


def import_command(
    kind: Annotated[str | None, typer.Argument(help=f"The kind of file: {', '.join(mappings.names())}.")] = None,
    file: Annotated[Path | None, typer.Argument(help="The file, CSV or XES; gzip is recognised.")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="A mapping file of your own, instead of a kind (docs/importing.md)."),
    ] = None,
    space: Annotated[str | None, typer.Option("--space", help="A replay space; import-<kind> by default.")] = None,
    config: ConfigOption = None,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Workers to start for it; 0: they run already.")] = 1,
    slice_hours: Annotated[float, typer.Option("--slice-hours", min=0.01, help="Event time entering at once.")] = 24.0,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Of times in the file that name none; else the mapping's, or UTC.")
    ] = None,
    rows: Annotated[int | None, typer.Option("--rows", min=1, help="Only the first rows of the file.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what the file holds; send nothing.")] = False,
    metrics_port: FeedMetricsPort = None,
) -> None:
    """Import a file into a replay space and run it through the rules, in event time. Run again, it goes on."""
    importer, path = _chosen(kind, file, mapping)
    zone = _zone(time_zone) if time_zone else None
    if dry_run:
        try:
            return look(importer, path, zone, rows)
        except UnusableFile as error:
            fail(error, code=1)
    found = configuration(config)
    bootstrap = connect(found)
    target = Space(space or f"import-{importer.name}", replay=True)
    job = ImportJob(importer, path, target, bootstrap, timedelta(hours=slice_hours), zone, found.settings(), rows)
    began = time.monotonic()
    try:
        with broker_errors():
            spaces.prepare(bootstrap, target, replication=found.broker.replication)
            with Supervisor(err.print, FEW_FAILURES) as supervisor:
                supervisor.start_workers(workers, target.name, bootstrap, user_data() / "logs")
                meters, alerts = FeedMeters(), target.topic("alerts")
                with watched(meters, "import", bootstrap, alerts, metrics_port):
                    tally = _with_progress(job, supervisor, meters)
    except (UnusableFile, NotDrained, TooManyFailures, TopicsError, PortTaken) as error:
        fail(error, code=1)
    except KeyboardInterrupt:
        fail("Interrupted. The same command goes on from the last committed row.", code=130)
    _summary(tally, time.monotonic() - began, target)


def _chosen(kind: str | None, file: Path | None, mapping: Path | None) -> tuple[Importer, Path]:
    """The importer and the file that the arguments mean: `KIND FILE`, or `--mapping MAPPING FILE`."""
    kinds = ", ".join(mappings.names())
    if mapping is not None:
        path = file or (Path(kind) if kind else fail("Name the file to import."))
        if file is not None:
            fail("Give a kind or a mapping, not both.")
        try:
            return mappings.load(mapping), _there(path)
        except ConfigurationError as error:
            fail(error, code=1)
    if kind is None or file is None:
        fail(f"Give the kind of file and the file, or --mapping and the file. Kinds: {kinds}.")
    if kind not in mappings.names():
        fail(f"There is no importer {kind!r}; there are: {kinds}. For another kind write a mapping.")
    return mappings.known(kind), _there(file)


def _there(file: Path) -> Path:
    return file if file.is_file() else fail(f"There is no file {file}.")


def look(importer: Importer, path: Path, zone: ZoneInfo | None, rows: int | None) -> None:
    """Prints what an import of the file would send: events by type, with the first of each, and what is rejected."""
    first: dict[str, Imported] = {}
    counts: Counter[str] = Counter()
    rejected: dict[str, list[Rejected]] = {}
    late = 0
    for each in importer.read(path, time_zone=zone, rows=rows):
        if isinstance(each, Rejected):
            rejected.setdefault(each.reason, []).append(each)
            continue
        first.setdefault(each.event.type, each)
        counts[each.event.type] += 1
        late += each.late
    for name, n in counts.most_common():
        out.print(f"{n:,} {name}; the first, row {first[name].row}, {first[name].at.isoformat()}:", style="bold")
        out.print(f"  {first[name].subject} {first[name].event.model_dump_json(exclude_none=True)}", markup=False)
    for reason, found in rejected.items():
        out.print(f"rejected {len(found):,}: {reason}; the first: {found[0]}", markup=False)
    if late:
        err.print(late_rows(late), style="yellow")


def _with_progress(job: ImportJob, supervisor: Supervisor, meters: FeedMeters) -> Tally:
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
            meters.rows, meters.events, meters.rejected = tally.rows, tally.imported, tally.rejected.total()
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
    rate = new / max(seconds, 0.001)
    out.print(f"{tally.imported:,} events from {tally.rows:,} rows imported{resumed}; {rate:,.0f} rows/s")
    for reason, n in tally.rejected.most_common():
        out.print(f"  rejected {n:,}: {reason}")
    if tally.late:
        err.print(late_rows(tally.late), style="yellow")
    out.print(f"Look at it: backoffice alerts --all --space {space.name}; backoffice measure --space {space.name}")


def late_rows(late: int) -> str:
    events = "1 event is" if late == 1 else f"{late:,} events are"
    return (
        f"{events} earlier than one before: what depends on their order may come out differently. For exact "
        "results write `sort: true` in the mapping, or sort the file by time, and import it into a new space."
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
