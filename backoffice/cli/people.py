"""Who acts: said, or whoever is logged in."""

import getpass
from typing import Annotated

import typer

from backoffice.cli.options import fail

USER = "BACKOFFICE_USER"

By = Annotated[
    str | None,
    typer.Option("--by", envvar=USER, show_default=False, help="Who does it. [whoever is logged in here]"),
]


def who(given: str | None) -> str:
    """Who acts: as said, else the login here. Ends the command where there is none."""
    try:
        return given or getpass.getuser()
    except (KeyError, OSError):
        fail(f"Nobody is logged in here: say who does it, with --by or {USER}.")
