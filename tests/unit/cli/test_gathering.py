"""Options that are declared once arrive in each command that takes them, as they were given."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from backoffice.cli.gathering import gathers


@dataclass(frozen=True)
class Parcel:
    what: Annotated[list[str], typer.Argument(help="What is in it.")]
    heavy: Annotated[bool, typer.Option("--heavy", help="Two people carry it.")] = False
    to: Annotated[str | None, typer.Option("--to", help="Where it goes.")] = None


app = typer.Typer()


@app.command()
@gathers
def send(*, by: Annotated[str, typer.Option("--by")], parcel: Parcel, times: int = 1) -> None:
    """Send a parcel."""
    print(by, parcel, times)  # noqa: T201


@app.command()
@gathers
def fetch(context: typer.Context, parcel: Parcel) -> None:
    """Fetch a parcel."""
    print(context.info_name, parcel)  # noqa: T201


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["send", "--by", "ann", "hat"], f"ann {Parcel(['hat'])} 1"),
        (
            ["send", "--to", "me", "--times", "3", "--by", "ann", "hat", "coat"],
            f"ann {Parcel(['hat', 'coat'], to='me')} 3",
        ),
        (["fetch", "--heavy", "piano"], f"fetch {Parcel(['piano'], heavy=True)}"),
    ],
)
def test_each_command_is_given_what_was_said(words: list[str], said: str) -> None:
    assert CliRunner().invoke(app, words).output == said + "\n"


@pytest.mark.parametrize("words", [["send", "hat"], ["fetch"], ["fetch", "hat", "--by", "ann"]])
def test_what_is_missing_or_belongs_elsewhere_is_refused(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


def test_options_stand_where_the_command_has_them() -> None:
    text = CliRunner().invoke(app, ["send", "--help"]).output
    places = [text.index(option) for option in ("--by", "--heavy", "--to", "--times")]
    assert places == sorted(places)
    assert "Send a parcel." in text
