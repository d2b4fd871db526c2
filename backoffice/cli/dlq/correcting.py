"""A dead letter with another value or key, to be sent in its stead."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import click
import typer

from backoffice.cli.options import fail
from consumers.dead_letters import showing
from consumers.dead_letters.dealing import Dealing
from consumers.dead_letters.letter import Letter
from consumers.dead_letters.resending import Copy

Edit = Annotated[bool, typer.Option("--edit", help="Correct the value in $EDITOR first; for one letter.")]
Value = Annotated[str | None, typer.Option("--value", help="A file with the corrected value, - for standard input.")]
Key = Annotated[str | None, typer.Option("--key", help="The corrected key.")]


@dataclass(frozen=True)
class Correction:
    """What is to be other than it was."""

    edit: Edit = False
    value: Value = None
    key: Key = None

    def copy(self, office: Dealing, chosen: Sequence[int]) -> Copy | None:
        """The letter as corrected; None where nothing is. Ends the command when that cannot be."""
        if not self.edit and self.value is None and self.key is None:
            return None
        if len(chosen) != 1:
            fail("A corrected copy (--edit, --value, --key) stands for one letter: name one.")
        letter = office.box.letter(chosen[0])
        return Copy(letter.key if self.key is None else self.key.encode(), self._content(letter))

    def _content(self, letter: Letter) -> bytes | None:
        content = letter.value
        if self.value is not None:
            content = sys.stdin.buffer.read() if self.value == "-" else _file(self.value)
        if not self.edit:
            return content
        written = click.edit(showing.pretty(content), extension=".json")
        if written is None:
            fail("Nothing was changed, and nothing sent.", code=1)
        return written.encode()


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        fail(f"--value {name}: {error.strerror}")
