"""`backoffice workers`: who works in a space, and on what."""

from dataclasses import asdict

import typer

from backoffice.cli.options import FOUND, SpaceOption, broker_errors, connect, space_at
from backoffice.cli.output import Column, Output, OutputOption, show
from backoffice.cli.watching import WatchOption, watch
from backoffice.members import Member, members


def workers_command(output: OutputOption = Output.table, every: WatchOption = None, space: SpaceOption = None) -> None:
    """Show the workers and notifiers of a space, each with its partitions; exit with 1 when there is no worker."""
    bootstrap = connect()
    where = space_at(bootstrap, space)
    found: list[Member] = []

    def look() -> None:
        with broker_errors():
            found[:] = members(bootstrap, where)
        show((asdict(member) for member in found), COLUMNS, output, f"Nobody works in {where.name}.")

    watch(look, every, output)
    if not any(member.does == "worker" for member in found):
        raise typer.Exit(FOUND)


COLUMNS = (
    Column("does", ""),
    Column("host"),
    Column("client"),
    Column("group_state", "group"),
    Column("count", "partitions", cell=lambda row: str(len(row["partitions"])), right=True),
    Column("partitions", "which", folds=True),
    Column("member", hidden=True),
)
