"""`backoffice archive`: write history into SQL, say how far it is, search it, and remove what is old."""

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from backoffice import archiving, health, logs, process, vitals
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import (
    LogFormatOption,
    MetricsHost,
    MetricsPort,
    SpaceOption,
    broker_errors,
    connect,
    err,
    fail,
    out,
    space_at,
)
from backoffice.cli.output import Output, OutputOption, show_one, stream
from backoffice.cli.times import since as instant
from backoffice.config import Configuration
from consumers.archive.archiver import Archiver
from consumers.archive.databases import database
from consumers.archive.databases.base import Away, Busy, NotOpened, Refused
from consumers.archive.entries import ALWAYS, Cursor, Entry, Missing, Span, Standing
from consumers.archive.migrations import prepare
from consumers.archive.reading import Archive
from consumers.archive.retention import retain
from consumers.archive.tables import EVENTS, LOGS
from consumers.archive.words import BadSearch
from schemas.topics import Space

log = logging.getLogger(__name__)

app = typer.Typer(help="History in SQL: write it, look at it, search it.", no_args_is_help=True)

Kind = StrEnum("Kind", {name: name for name in LOGS})  # type: ignore[misc]

HAPPENED = Kind(EVENTS)


@app.command("run")
def run_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    metrics_port: MetricsPort = None,
    metrics_host: MetricsHost = "127.0.0.1",
    log_format: LogFormatOption = logs.LogFormat.TEXT,
) -> None:
    """Write what is said in a space into the archive until stopped (SIGTERM or Ctrl-C).

    Of several, one writes; the others stand by and take over when it ends.
    """
    process.set_up()
    logs.write_as(log_format)
    found = configuration(config)
    bootstrap = connect(found)
    where = space_at(bootstrap, space or found.space)
    stop = process.stop_on_signals()
    with _refusals(), broker_errors(), ExitStack() as around:
        archiver = Archiver(
            archiving.settings(bootstrap, where, found), database(archiving.url(found, where, os.environ)), stop
        )
        if metrics_port is not None:
            registry = vitals.introduce(archiver.meters.registry, "archive")
            around.enter_context(
                health.announced(metrics_host, metrics_port, registry, archiver.not_alive, archiver.not_ready)
            )
        archiver.run()
    err.print("Stopped.")


@app.command("status")
def status_command(space: SpaceOption = None, config: ConfigOption = None, output: OutputOption = Output.table) -> None:
    """Say how far the archive is, how large, and what it misses. It is read without the broker."""
    with _reading(config, space) as archive:
        places, missing, rows, size = archive.places(), archive.missing(), archive.rows(), archive.size()
    listed = {
        "places": [{**_plain(one), "at": one.at.isoformat()} for one in places],
        "missing": [{**_plain(one), "at": one.at.isoformat()} for one in missing],
        "rows": dict(rows),
        "bytes": size,
    }
    show_one(listed, output, lambda: _status(places, missing, rows, size))


def _status(places: Iterable[Standing], missing: Iterable[Missing], rows: Mapping[str, int], size: int) -> None:
    for place in places:
        again = f" (made anew {place.incarnation} times)" if place.incarnation else ""
        out.print(
            f"{place.topic}/{place.partition}{again}: next {place.next}, written {place.at:%Y-%m-%d %H:%M:%S} UTC"
        )
    for gap in missing:
        out.print(f"missing: {gap.topic}/{gap.partition} from {gap.first} to {gap.end - 1}", style="yellow")
    out.print(
        ", ".join(f"{name} {count:,}" for name, count in sorted(rows.items()) if name in LOGS or name == "alerts")
    )
    out.print(f"{size / 2**20:,.1f} MiB")


@app.command("search")
def search_command(
    words: Annotated[
        list[str] | None, typer.Argument(help="All of them; word*: begins so; after a lone --, -word: not that one.")
    ] = None,
    kind: Annotated[Kind, typer.Option("--kind", "-k", help="What to look among.")] = HAPPENED,
    subject: Annotated[str | None, typer.Option("--subject", help="Only of this subject, such as vendor/acme.")] = None,
    department: Annotated[str | None, typer.Option("--department", "-d", help="Only of this department.")] = None,
    type_: Annotated[str | None, typer.Option("--type", "-t", help="Only this type.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="10m, 2h, 3d, or an ISO time. [ever]")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The same. [now]")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="At most so many.")] = 50,
    after: Annotated[str | None, typer.Option("--after", help="Go on from where a search ended, as it said.")] = None,
    space: SpaceOption = None,
    config: ConfigOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Find records by their words, newest first."""
    now = datetime.now(UTC)
    span = Span(
        ALWAYS.start if since in (None, "beginning") else instant(str(since), now),
        ALWAYS.end if until is None else instant(until, now),
    )
    try:
        cursor = None if after is None else Cursor.parse(after)
    except ValueError:
        fail(f"--after {after!r}: give what a search has said")
    with _reading(config, space) as archive:
        page = archive.records(
            kind.value,
            span,
            text=" ".join(words) if words else None,
            subject=subject,
            department=department,
            type=type_,
            after=cursor,
            limit=limit,
        )
    if output is Output.table:
        for one in page.entries:
            out.print(line(one))
    else:
        names = list(as_json(page.entries[0])) if page.entries else ["topic"]
        stream(map(as_json, page.entries), names, output, out.print)
    if page.after is not None:
        err.print(f"There is more: --after {page.after}", style="dim")
    raise typer.Exit(0 if page.entries else 1)


@app.command("retain")
def retain_command(space: SpaceOption = None, config: ConfigOption = None) -> None:
    """Remove now what is older than the configuration keeps it; `archive run` does so every hour."""
    found = configuration(config)
    bootstrap = connect(found)
    where = space_at(bootstrap, space or found.space)
    if where.replay:
        fail(f"{where.name} is a replay space: it keeps everything.")
    with _refusals():
        base = database(archiving.url(found, where, os.environ))
        prepare(base, where.name)
        removed = retain(base, found.archive.retention_days, int(time.time() * 1000))
    said = ", ".join(f"{name} {rows:,}" for name, rows in removed.items() if rows)
    out.print(f"Removed: {said}." if said else "Nothing is too old.")


def line(one: Entry) -> str:
    """An entry for people."""
    where = f"{one.topic}/{one.partition}@{one.offset}"
    what = one.type or one.problem or "a tombstone"
    data = json.dumps(one.data, ensure_ascii=False) if one.data else ""
    return f"{one.timestamp:%Y-%m-%d %H:%M:%S}  {what}  {one.subject or one.key or ''}  {data}  {where}"


def as_json(one: Entry) -> dict[str, Any]:
    """An entry for other programs; what is no text is hexadecimal."""
    values = _plain(one)
    for name in ("timestamp", "time"):
        values[name] = None if values[name] is None else values[name].isoformat()
    for name in ("raw", "raw_key"):
        values[name] = None if values[name] is None else values[name].hex()
    return values


def _plain(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in type(one).__slots__}


@contextmanager
def _reading(config: Any, space: str | None) -> Iterator[Archive]:
    found: Configuration = configuration(config)
    with _refusals():
        archive = archiving.reading(found, Space(space or found.space))
        try:
            yield archive
        finally:
            archive.close()


@contextmanager
def _refusals() -> Iterator[None]:
    """What is wrong with an archive ends the command with a line that says so."""
    try:
        yield
    except (NotOpened, BadSearch, health.PortTaken) as error:
        fail(error)
    except (Away, Busy, Refused) as error:
        fail(f"The archive's database: {error}")
