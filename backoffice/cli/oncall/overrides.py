"""`backoffice oncall override`: somebody else is on duty for some time."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer
from pydantic import ValidationError

from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.oncall.known import ScheduleArgument, duties, instant, place
from backoffice.cli.options import SpaceOption, fail, out
from backoffice.cli.output import Output, OutputOption, show
from backoffice.cli.people import By, who
from backoffice.config import Configuration
from backoffice.oncall import NoSuchSchedule, rosters
from consumers.oncall import Duties, in_words
from producers.client import Client
from producers.errors import NotSent
from schemas.audit import ActionRecorded
from schemas.codec import explain
from schemas.oncall import OverrideRemove, OverrideSet
from schemas.processing import Tick
from schemas.topics import Space

SOURCE = "urn:backoffice:cli"

COLUMNS = ("override", "schedule", "starts_at", "ends_at", "what", "created_by", "comment")

app = typer.Typer(help="Exceptions to schedules: list, add, remove.", no_args_is_help=True)


@app.command("add")
def add_command(
    schedule: Annotated[str, typer.Argument(help="A schedule of the configuration.")],
    begin: Annotated[str, typer.Option("--from", help="An ISO time, in the organisation's zone unless it says.")],
    end: Annotated[str, typer.Option("--to", help="The same.")],
    by: By = None,
    user: Annotated[str | None, typer.Option("--user", help="Who is on duty then, instead of whoever.")] = None,
    instead_of: Annotated[
        str | None, typer.Option("--instead-of", help="Only instead of this user; without --user: nobody is.")
    ] = None,
    besides: Annotated[bool, typer.Option("--besides", help="In addition to whoever is on duty.")] = False,
    comment: Annotated[str, typer.Option("--comment", help="Why.")] = "",
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """Let somebody stand in, or have somebody off duty. Prints the override's id."""
    found = configuration(config)
    _check_names(found, schedule, user, instead_of)
    zone, name = found.calendar.time_zone, str(uuid4())
    try:
        wanted = OverrideSet(
            override=name,
            schedule=schedule,
            user=user,
            instead_of=instead_of,
            besides=besides,
            starts_at=instant(begin, zone, "--from"),
            ends_at=instant(end, zone, "--to"),
            by=who(by),
            comment=comment,
        )
    except ValidationError as error:
        fail(explain(error))
    _send(wanted, *place(found, space), note=comment)
    out.print(name)


@app.command("remove")
def remove_command(
    override: Annotated[str, typer.Argument(help="Which: its id, or how that begins.")],
    by: By = None,
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """End an override now; one that has not begun is as if it had never been given."""
    bootstrap_servers, where = place(configuration(config), space)
    known = duties(bootstrap_servers, where)
    found = [one for one in known.overrides if one.override.startswith(override)]
    if len(found) != 1:
        many = f"The ids of {len(found)} overrides begin" if found else "No override's id begins"
        fail(f"{many} with {override!r}; `backoffice oncall override list` shows them.", code=1)
    _send(OverrideRemove(override=found[0].override, by=who(by)), bootstrap_servers, where)
    out.print(f"Removed {found[0].override}: {in_words(found[0])}")


@app.command("list")
def list_command(
    schedule: ScheduleArgument = None,
    all_: Annotated[bool, typer.Option("--all", "-a", help="Those that are over, too.")] = False,
    output: OutputOption = Output.table,
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """List the overrides given by command, by their beginning."""
    known = duties(*place(configuration(config), space))
    now = datetime.now(UTC)
    rows = [
        {
            **one.model_dump(mode="json"),
            "starts_at": f"{one.starts_at:%Y-%m-%dT%H:%MZ}",
            "ends_at": f"{one.ends_at:%Y-%m-%dT%H:%MZ}",
            "what": in_words(one),
        }
        for one in sorted(known.overrides, key=lambda one: one.starts_at)
        if schedule in (None, one.schedule) and (all_ or one.ends_at > now)
    ]
    show(rows, COLUMNS, output, "No overrides.")


def _check_names(found: Configuration, schedule: str, *users: str | None) -> None:
    try:
        rosters(found, Duties(), schedule)
    except NoSuchSchedule as error:
        fail(error)
    known = [user.name for user in found.alerting.users]
    for user in users:
        if user is not None and user not in known:
            fail(f"There is no user {user!r}; there are {', '.join(known) or 'none'}.")


def _send(wanted: OverrideSet | OverrideRemove, bootstrap_servers: str, space: Space, note: str = "") -> None:
    """Sends the command, and says so in the audit trail."""
    subject, now = f"override/{wanted.override}", datetime.now(UTC)
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
