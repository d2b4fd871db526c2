"""`backoffice oncall schedule`: a schedule given by command, in place of the configuration's."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.oncall.known import duties, place, send
from backoffice.cli.options import SpaceOption, fail, out
from backoffice.cli.output import Output, OutputOption, show
from backoffice.cli.people import By, who
from backoffice.config import Configuration, ConfigurationError
from backoffice.config.document import Document
from backoffice.config.oncall import unknown_people
from processors.alerting.oncall import given
from schemas.codec import explain
from schemas.oncall import ScheduleRemove, ScheduleSet

COLUMNS = ("schedule", "since", "created_by", "comment")

app = typer.Typer(help="Schedules given by command: list, set, remove.", no_args_is_help=True)

Named = Annotated[str, typer.Argument(help="A schedule of the configuration.")]


@app.command("set")
def set_command(
    schedule: Named,
    file: Annotated[Path, typer.Argument(help="YAML: what the configuration would say of it, such as layers.")],
    by: By = None,
    comment: Annotated[str, typer.Option("--comment", help="Why.")] = "",
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """Let a schedule be as a file says, from now on, whatever the configuration says of it."""
    found = configuration(config)
    wanted = _read(schedule, file, who(by), comment)
    _check_names(found, wanted)
    send(wanted, f"schedule/{schedule}", *place(found, space), note=comment)
    out.print(f"Schedule {schedule} is as {file} says.")


@app.command("remove")
def remove_command(schedule: Named, by: By = None, config: ConfigOption = None, space: SpaceOption = None) -> None:
    """Let a schedule be as the configuration says again."""
    bootstrap_servers, where = place(configuration(config), space)
    if schedule not in [known.schedule for known in duties(bootstrap_servers, where).schedules]:
        fail(f"No schedule {schedule!r} was given by command; `backoffice oncall schedule list` shows them.", code=1)
    send(ScheduleRemove(schedule=schedule, by=who(by)), f"schedule/{schedule}", bootstrap_servers, where)
    out.print(f"Schedule {schedule} is as the configuration says again.")


@app.command("list")
def list_command(output: OutputOption = Output.table, config: ConfigOption = None, space: SpaceOption = None) -> None:
    """List the schedules that were given by command."""
    known = duties(*place(configuration(config), space))
    rows = [
        {**one.model_dump(mode="json", exclude={"updated_at"}), "since": f"{one.updated_at:%Y-%m-%dT%H:%MZ}"}
        for one in known.schedules
    ]
    show(rows, COLUMNS, output, "All schedules are the configuration's.")


def _read(schedule: str, file: Path, by: str, comment: str) -> ScheduleSet:
    """The command for what a file says. Ends the command when that is no schedule."""
    try:
        plan = Document.read(file).values
        if not isinstance(plan, dict):
            fail(f"{file}: not a schedule; write its fields, such as layers")
        if (name := plan.pop("name", schedule)) != schedule:
            fail(f"{file}: says that it is schedule {name!r}, not {schedule!r}")
        sound = given.schedule(ScheduleSet(schedule=schedule, plan=plan, by=by))
        plan = sound.model_dump(mode="json", exclude={"name"}, exclude_unset=True)
        return ScheduleSet(schedule=schedule, plan=plan, by=by, comment=comment)
    except ConfigurationError as error:
        fail(error)
    except ValidationError as error:
        fail(f"{file}: {explain(error)}")


def _check_names(found: Configuration, wanted: ScheduleSet) -> None:
    """The configuration knows the schedule, for what names it is checked there, and everybody on it."""
    known = [schedule.name for schedule in found.alerting.schedules]
    if wanted.schedule not in known:
        fail(
            f"There is no schedule {wanted.schedule!r}; there are {', '.join(known) or 'none'}. A new one has to stand "
            "in the configuration, with its name at least, so that policies can name it."
        )
    if problems := list(unknown_people(given.schedule(wanted), found.alerting)):
        fail("\n".join(problems))
