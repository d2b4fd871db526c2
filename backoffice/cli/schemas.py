"""`backoffice schemas`: the JSON Schemas of all events, exported and compared with those committed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.compatibility import compare
from schemas.export import COMMITTED, documents, read_documents, write_documents

app = typer.Typer(help="Export the JSON Schemas of all events, or compare them.", no_args_is_help=True)
_out = Console(highlight=False, markup=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True, style="red")

Folder = Annotated[Path, typer.Option("--folder", help="Where the documents are, one file per event type.")]


@app.command("export")
def export_command(folder: Folder = COMMITTED) -> None:
    """Write the JSON Schema of every event type, and remove those of types that are gone."""
    changed = write_documents(folder)
    for name in changed:
        _out.print(name)
    _out.print(f"{len(changed)} changed, {len(documents())} event types in all.")


@app.command("check")
def check_command(folder: Folder = COMMITTED) -> None:
    """Say what changed since the documents were written; exit with 1 when they are stale."""
    try:
        old = read_documents(folder)
    except ValueError as error:
        _err.print(str(error))
        raise typer.Exit(1) from error
    new = documents()
    stale = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    breaking = sum(_report(name, old.get(name), new.get(name)) for name in stale)
    if not stale:
        _out.print(f"{len(new)} event types, all as committed.")
        return
    _err.print(f"{len(stale)} of the documents are stale, {breaking} changes are breaking. `backoffice schemas export`")
    raise typer.Exit(1)


def _report(name: str, old: dict[str, object] | None, new: dict[str, object] | None) -> int:
    """Prints what changed in one document; returns how many of the changes are breaking."""
    changes = compare(old, new)
    if not changes:
        _out.print(f"{name}: only descriptions or examples changed")
    for change in changes:
        _out.print(f"{name}: {change}", style="red" if change.breaking else "green")
    return sum(change.breaking for change in changes)
