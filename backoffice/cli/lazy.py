"""Commands that are loaded when they are called: `backoffice --help` loads none of them, and is there at once."""

import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Where(NamedTuple):
    """A command that is not loaded yet."""

    place: str
    """`module:attribute` below this package: a function, or a Typer application for a group of commands."""
    help: str
    """The first sentence of its help, as the command itself has it. A test holds them against each other."""


class Loading(dict[str, Any]):
    """Commands by name, each loaded when it is asked for."""

    def __init__(self, table: Mapping[str, Where]) -> None:
        super().__init__(dict.fromkeys(table))
        self._table = table

    def __getitem__(self, name: str) -> Any:
        if (found := super().__getitem__(name)) is None:
            found = self[name] = load(name, self._table[name])
        return found

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            return default
        return self[name]

    def values(self) -> Any:
        return [self[name] for name in self]

    def items(self) -> Any:
        return [(name, self[name]) for name in self]


def load(name: str, where: Where) -> Any:
    """The command at a place."""
    module, _, attribute = where.place.partition(":")
    with warnings.catch_warnings():  # kafka-python's own import, on Python 3.11 and 3.12
        warnings.simplefilter("ignore", DeprecationWarning)
        found = getattr(import_module(f"backoffice.cli.{module}"), attribute)
        from backoffice.cli.watching import Watchable
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name, cls=Watchable)(found)
        command = typer.main.get_command(alone)
    command.name = name
    return command


class LazyGroup(TyperGroup):
    """A group whose commands are listed from a table, and loaded when they are called. Subclasses give the table."""

    table: Mapping[str, Where] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Loading(self.table)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """For help and completion, which read no more than its name and its first sentence."""
        where = self.table.get(cmd_name)
        return None if where is None else TyperCommand(cmd_name, help=where.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """For calling it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if command is None or name is None else self.commands[name], rest
