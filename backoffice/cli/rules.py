"""`backoffice rules`: what is watched, and under which settings."""

import getpass
from typing import Annotated

import typer
from rich.table import Table

from backoffice import spaces
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, out, space_at
from backoffice.registry import processors
from producers.client import Client
from schemas.audit import ActionRecorded

app = typer.Typer(help="List the rules, and put changed settings on record.", no_args_is_help=True)


@app.command("list")
def list_command(
    department: Annotated[str | None, typer.Option("--department", help="Only rules of this department.")] = None,
) -> None:
    """List every rule: when it fires, when it resolves, how bad it is."""
    table = Table("rule", "severity", "fires when", "resolves when", box=None, header_style="bold", pad_edge=False)
    for rule in sorted((r for p in processors() for r in p.rules), key=lambda r: r.name):
        if department in (None, rule.department):
            table.add_row(rule.name, rule.severity, rule.fires, rule.resolves)
    out.print(table)


@app.command("apply")
def apply_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
) -> None:
    """Put the configuration's settings on record: from here on the rules of a live space read them. State is kept."""
    found = configuration(config)
    bootstrap = connect(found)
    live = space_at(bootstrap, space or found.space)
    if live.replay:
        fail(f"space {live.name} is a replay space: its settings come with what is fed into it")
    with broker_errors():
        told = ", ".join(spaces.tell_settings(bootstrap, live, found.settings()))
        with Client(bootstrap, live) as client:
            action = ActionRecorded(action="settings.apply", on=told)
            client.send(action, f"person/{getpass.getuser()}", source="urn:backoffice:cli").result(30)
    out.print(f"Settings of {told} are on record in space {live.name}.")
