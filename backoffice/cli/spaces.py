"""`backoffice space`: list the spaces of a broker, and remove those of imports and trials."""

from typing import Annotated

import typer

from backoffice import spaces
from backoffice.cli.completing import space_names
from backoffice.cli.options import broker_errors, connect, fail, out, space_at
from backoffice.cli.output import Output, OutputOption, show
from infra.admin import admin
from infra.topics import TopicsError

app = typer.Typer(help="List spaces; remove replay spaces.", no_args_is_help=True)


@app.command("list")
def list_command(output: OutputOption = Output.table) -> None:
    """List the spaces at the broker."""
    bootstrap = connect()
    with broker_errors(), admin(bootstrap) as cluster:
        found = spaces.names(cluster.list_topics())
    rows = [{"space": name, "kind": "replay" if space_at(bootstrap, name).replay else "live"} for name in found]
    show(rows, ("space", "kind"), output, "No spaces.")


@app.command("remove")
def remove_command(name: Annotated[str, typer.Argument(help="A replay space.", autocompletion=space_names)]) -> None:
    """Remove a replay space with everything in it. A live space is never removed."""
    bootstrap = connect()
    try:
        with broker_errors():
            removed = spaces.remove(bootstrap, space_at(bootstrap, name))
    except TopicsError as error:
        fail(error, code=1)
    out.print(f"Space {name} is gone with its {removed} topics.")
