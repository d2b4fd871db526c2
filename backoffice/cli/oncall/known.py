"""What the commands about duty share: what is known, instants as people write them, commands sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from backoffice.cli.config import configuration
from backoffice.cli.options import broker_errors, connect, fail, space_at
from backoffice.cli.output import Column
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

ScheduleArgument = Annotated[str | None, typer.Argument(help="A schedule of the configuration. [all]")]
PlanOption = Annotated[
    bool,
    typer.Option("--plan", help="By the configuration alone, without commands and leave. Needs no broker."),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="From when: an ISO time, in the organisation's zone unless it says. [now]")
]
ON_CALL = Column("on_call", cell=lambda row: ", ".join(row["on_call"]) or "nobody")

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
