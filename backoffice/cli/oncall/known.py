"""What the commands about duty share: what is known, instants as people write them, tables or JSON, commands sent."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from backoffice.cli.config import configuration
from backoffice.cli.options import broker_errors, connect, fail, out, space_at
from backoffice.config import Configuration
from backoffice.oncall import NoSuchSchedule, rosters
from consumers.log import Log, Unreachable
from consumers.oncall import TYPES, Duties, current_duties
from consumers.seen import Reader
from processors.alerting.oncall.roster import Roster
from processors.wall_clock import FIRST_DAY, LAST_DAY
from producers.client import Client
from producers.errors import NotSent
from schemas.audit import ActionRecorded
from schemas.commands import Command
from schemas.processing import Tick
from schemas.topics import Space

SOURCE = "urn:backoffice:cli"


class Output(StrEnum):
    table = "table"
    json = "json"


ScheduleArgument = Annotated[str | None, typer.Argument(help="A schedule of the configuration. [all]")]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="For people, or one JSON array.")]
PlanOption = Annotated[
    bool,
    typer.Option("--plan", help="By the configuration alone, without commands and leave. Needs no broker."),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="From when: an ISO time, in the organisation's zone unless it says. [now]")
]
By = Annotated[str, typer.Option("--by", help="Who decides so.")]
DaysOption = Annotated[int, typer.Option("--days", min=1, max=1100, help="How many days ahead.")]


def known_rosters(config: Path | None, schedule: str | None, plan: bool, space: str | None) -> tuple[Roster, ...]:
    """The rosters asked for. Ends the command when there is no such schedule, or no broker where one is needed."""
    found = configuration(config)
    try:
        rosters(found, Duties(), schedule)  # before anybody waits for a broker
        return rosters(found, Duties() if plan else duties(*place(found, space)), schedule)
    except NoSuchSchedule as error:
        fail(error)


def place(found: Configuration, space: str | None) -> tuple[str, Space]:
    """The broker and the space that a configuration means, unless another space is asked for."""
    bootstrap_servers = connect(found)
    return bootstrap_servers, space_at(bootstrap_servers, space or found.space)


def duties(bootstrap_servers: str, space: Space) -> Duties:
    """What the log says of overrides and leave."""
    try:
        with broker_errors(), Log(bootstrap_servers, [space.topic("alerts")]) as log:
            return current_duties(log, Reader(space, TYPES))
    except Unreachable as error:
        fail(error)


def instant(text: str | None, zone: str, option: str) -> datetime:
    """An instant as somebody wrote it: now when they did not, in this zone when they did not say one. In UTC."""
    if text is None:
        return datetime.now(UTC)
    try:
        time = datetime.fromisoformat(text)
        time = (time if time.tzinfo else time.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        fail(f"{option} {text!r}: give an ISO time such as 2026-03-02T09:30 or 2026-03-02T09:30+01:00")
    if not FIRST_DAY.year < time.year < LAST_DAY.year:
        fail(f"{option} {text!r}: calendars are known for the years {FIRST_DAY.year + 1} to {LAST_DAY.year - 1}")
    return time


def shown(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], output: Output, nothing: str) -> None:
    """Rows as a JSON array, or as a table of these columns."""
    if output is Output.json:
        out.print(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        out.print(nothing)
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(_text(row[column]) for column in columns))
    out.print(table)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(value) or "nobody"
    return "" if value is None else str(value)


def send(wanted: Command, subject: str, bootstrap_servers: str, space: Space, note: str = "") -> None:
    """Sends the command, and says so in the audit trail."""
    now = datetime.now(UTC)
    at = (duties(bootstrap_servers, space).latest or now) if space.replay else now  # its clock follows its records
    action = ActionRecorded(action=wanted.type.removeprefix("alerting."), on=subject, note=note)
    try:
        with Client(bootstrap_servers, space) as client:
            client.send(wanted, subject, source=SOURCE, time=at).result(30)
            client.send(action, f"person/{wanted.by}", source=SOURCE, time=at).result(30)
            if space.replay:
                tick = Tick(partition=0)
                client.send(tick, "partition/0", source=SOURCE, time=at, topic="alerting", partition=0).result(30)
    except NotSent as error:
        fail(error, code=1)
