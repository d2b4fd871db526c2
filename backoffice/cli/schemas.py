"""`backoffice schemas`: the JSON Schemas of all events: exported, released, and compared with what was."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from schemas.catalogue import event_types
from schemas.compatibility import compare
from schemas.export import COMMITTED, Document, documents, read_documents, write_documents
from schemas.released import RELEASED, Versions, breaches, read_released, release, write_released

app = typer.Typer(help="Export the JSON Schemas of all events, compare or release them.", no_args_is_help=True)
_out = Console(highlight=False, markup=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True, style="red")

MOST_NAMED = 20
"""So many event types are named in a line."""

Folder = Annotated[Path, typer.Option("--folder", help="Where the documents are, one file per event type.")]
Released = Annotated[Path, typer.Option("--released", help="What was released, a line for each type and version.")]


@app.command("export")
def export_command(folder: Folder = COMMITTED) -> None:
    """Write the JSON Schema of every event type, and remove those of types that are gone."""
    changed = write_documents(folder)
    for name in changed:
        _out.print(name)
    _out.print(f"{len(changed)} changed, {len(documents())} event types in all.")


@app.command("check")
def check_command(folder: Folder = COMMITTED, file: Released = RELEASED) -> None:
    """Exit with 1 when the documents are stale, or when what was released would not be read any more."""
    try:
        old, released = read_documents(folder), read_released(file)
    except ValueError as error:
        _fail(str(error))
    now = documents()
    fresh, holds = _are_current(old, now), _holds(released)
    if not (fresh and holds):
        raise typer.Exit(1)
    unreleased = sorted(now.keys() - released.keys())
    if unreleased:
        more = f" and {len(unreleased) - MOST_NAMED} more" if len(unreleased) > MOST_NAMED else ""
        _out.print(f"Not released yet, and free to change: {', '.join(unreleased[:MOST_NAMED])}{more}.")


@app.command("release")
def release_command(
    patterns: Annotated[
        list[str] | None, typer.Argument(metavar="[TYPE]...", help="Event types, such as 'hr.*'; else all.")
    ] = None,
    file: Released = RELEASED,
) -> None:
    """Put event types on record as they are now: no later change may break them. Refused when one breaks already."""
    try:
        released = read_released(file)
    except ValueError as error:
        _fail(str(error))
    types = event_types(packages=("schemas",))
    chosen = [name for name in types if _matches(name, patterns or ["*"])]
    if not chosen:
        _fail(f"There is no event type {' or '.join(patterns or ['at all'])}. `backoffice emit --list` has them.")
    if not _holds(released):
        raise typer.Exit(1)
    new = [name for name in chosen if types[name].version not in released.get(name, {})]
    write_released(release(released, (types[name] for name in chosen)), file)
    _out.print(f"{len(chosen)} event types released, {len(new)} of them for the first time in their version.")


def _are_current(old: Mapping[str, Document], new: Mapping[str, Document]) -> bool:
    """Whether the committed documents are those of the code; says how they differ."""
    stale = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    breaking = sum(_report(name, old.get(name), new.get(name)) for name in stale)
    if not stale:
        _out.print(f"{len(new)} event types, all as committed.")
        return True
    _err.print(f"{len(stale)} of the documents are stale, {breaking} changes are breaking. `backoffice schemas export`")
    return False


def _holds(released: Mapping[str, Versions]) -> bool:
    """Whether everything that was released is still read; says what is not."""
    broken = breaches(released)
    for breach in broken:
        _out.print(f"{breach}", style="red")
    if not broken:
        _out.print(f"{len(released)} event types are released, all still read as they were sent.")
        return True
    _err.print(
        f"{len(broken)} changes break what was released. Make them compatible, or raise the type's version and go on "
        "reading the old one (docs/changing-an-event.md)."
    )
    return False


def _report(name: str, old: Document | None, new: Document | None) -> int:
    """Prints what changed in one document; returns how many of the changes are breaking."""
    changes = compare(old, new)
    if not changes:
        _out.print(f"{name}: only descriptions or examples changed")
    for change in changes:
        _out.print(f"{name}: {change}", style="red" if change.breaking else "green")
    return sum(change.breaking for change in changes)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _fail(message: str) -> NoReturn:
    _err.print(message)
    raise typer.Exit(1)
