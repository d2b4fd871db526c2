"""`backoffice oncall`: who is on duty, who will be, and who stands in."""

import typer

from backoffice.cli.oncall.overrides import app as overrides
from backoffice.cli.oncall.schedules import app as schedules
from backoffice.cli.oncall.showing import gaps_command, ical_command, show_command, who_command
from backoffice.cli.watching import Watchable

app = typer.Typer(help="See who is on call; let somebody stand in.", no_args_is_help=True)
for name, command in (
    ("show", show_command),
    ("gaps", gaps_command),
    ("who", who_command),
    ("ical", ical_command),
):
    app.command(name, cls=Watchable)(command)
app.add_typer(overrides, name="override")
app.add_typer(schedules, name="schedule")
