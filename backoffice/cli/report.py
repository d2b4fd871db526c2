"""`backoffice report` and `backoffice reporter`: figures, the records behind them, and mails of them."""

import os
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from backoffice import logs, process
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import LogFormatOption, SpaceOption, broker_errors, connect, err, fail, out, space_at
from schemas.topics import Space

if TYPE_CHECKING:
    from consumers.reports.figure import Counted, Result

LOOKS_EVERY = 30.0
"""Seconds between two looks at what is due."""

FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="The first day, 2026-01-05. [29 days before the last]")
]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day, which counts whole. [today]")]


class ReportOutput(StrEnum):
    table = "table"
    html = "html"
    csv = "csv"
    json = "json"


def report_command(
    name: Annotated[str, typer.Argument(help="Which report; `all`, or `list` for what there are.")] = "all",
    first: FromOption = None,
    last: ToOption = None,
    department: Annotated[str | None, typer.Option("--department", "-d", help="Of this one only.")] = None,
    figure: Annotated[
        str | None, typer.Option("--records", metavar="FIGURE", help="The records that this figure counts, instead.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", help="With --records: of which line, a word for each of its columns.")
    ] = None,
    output: Annotated[ReportOutput, typer.Option("--output", "-o", help="How to show it.")] = ReportOutput.table,
    space: SpaceOption = None,
    config: ConfigOption = None,
) -> None:
    """Show reports over the archive: targets kept, overdue work, outages and what they cost, and more."""
    from backoffice.archiving import reading
    from backoffice.reporting import reports
    from consumers.archive.databases.base import Away, NotOpened
    from consumers.reports.figure import BadReport
    from consumers.reports.figures import REPORTS
    from consumers.reports.period import BadPeriod

    if name == "list":
        for each in REPORTS.values():
            out.print(f"{each.name:<14}{each.title}: {each.meaning}")
        return
    found = configuration(config)
    try:
        with closing(reading(found, Space(space or found.space), os.environ)) as archive:
            desk = reports(found, archive)
            scope = desk.scope(first, last, department)
            if figure is not None:
                _records(desk.records(name, figure, group, scope, limit=1_000), output)
                return
            _show(desk.take(desk.named(name), scope), output)
    except (BadReport, BadPeriod, NotOpened, Away) as error:
        fail(error)


def reporter_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end.")] = False,
    log_format: LogFormatOption = logs.LogFormat.TEXT,
) -> None:
    """Mail reports on the configuration's schedule (`reports.mails`) until stopped."""
    from backoffice.archiving import reading
    from backoffice.reporting import WRITE_TIMEOUT, reporter
    from consumers.archive.databases.base import Away, NotOpened
    from consumers.log import Unreachable
    from consumers.notify.secrets import SecretMissing
    from producers.client import Client
    from producers.errors import NotSent

    process.set_up()
    logs.write_as(log_format)
    found = configuration(config)
    if not found.reports.mails:
        fail("There is nothing to mail: the configuration has no reports.mails.")
    bootstrap = connect(found)
    where = space_at(bootstrap, space or found.space)
    stop = process.stop_on_signals()
    try:
        with (
            broker_errors(),
            closing(reading(found, where, os.environ)) as archive,
            Client(bootstrap, where, delivery_timeout=WRITE_TIMEOUT) as client,
        ):
            sender = reporter(found, archive, bootstrap, where, client, os.environ)
            while True:
                sent = sender.look()
                if once:
                    err.print(f"{sent} mails sent.")
                    return
                if stop.wait(LOOKS_EVERY):
                    break
    except (NotOpened, Away, Unreachable, SecretMissing, NotSent) as error:
        fail(error, code=1)
    err.print("Stopped.")


def _show(results: "Sequence[Result]", output: ReportOutput) -> None:
    from consumers.reports import showing

    match output:
        case ReportOutput.html:
            _written(showing.as_html(results, "Back office: reports"))
        case ReportOutput.csv:
            _written(showing.as_csv(results))
        case ReportOutput.json:
            _written(showing.as_json(results) + "\n")
        case ReportOutput.table:
            for result in results:
                out.print(_table(result))
                out.print()


def _table(result: "Result") -> Table:
    from consumers.reports.showing import group_name, text

    scope = result.scope
    title = f"{result.report.title}, {scope.period}" + (f", {scope.department}" if scope.department else "")
    heading = ", ".join(result.report.groups).replace("_", " ")
    table = Table(heading, title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for figure in result.report.figures:
        table.add_column(figure.title, justify="right")
    lines = [*result.lines, *([result.total] if result.total and len(result.lines) > 1 else [])]
    for line in lines:
        table.add_row(group_name(line), *(text(cell) for cell in line.cells))
    if not lines:
        table.add_row("Nothing in this period.")
    return table


def _records(found: "Sequence[Counted]", output: ReportOutput) -> None:
    import csv
    import json

    header = ("at", "subject", "what", "record", "value")
    rows = [
        (one.at.isoformat(), one.subject, one.what, f"{one.topic}[{one.partition}]@{one.offset}", one.value)
        for one in found
    ]
    match output:
        case ReportOutput.json:
            _written(json.dumps([dict(zip(header, row, strict=True)) for row in rows], ensure_ascii=False) + "\n")
        case ReportOutput.csv:
            writer = csv.writer(out.file)
            writer.writerow(header)
            writer.writerows(rows)
        case ReportOutput.html:
            fail("The records of a figure are shown as a table, as JSON or as CSV.")
        case ReportOutput.table:
            table = Table(*header, box=None, header_style="bold", pad_edge=False)
            for row in rows:
                table.add_row(*("" if value is None else str(value) for value in row))
            out.print(table)
            out.print(f"{len(rows):,} records" if len(rows) != 1 else "1 record")


def _written(text: str) -> None:
    """As it is: a console for people would wrap it."""
    out.file.write(text)
    out.file.flush()
