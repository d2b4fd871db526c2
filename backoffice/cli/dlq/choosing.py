"""Which dead letters are meant: by number, or all that the filters let through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from backoffice.cli.options import fail
from consumers.dead_letters.dealing import Dealing
from consumers.dead_letters.standing import Choice
from consumers.streams.start import instant

Numbers = Annotated[list[int] | None, typer.Argument(help="Which letters: their numbers, as `dlq list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All that are open and that the filters let through.")]
From = Annotated[str, typer.Option("--topic", help="Only those that came from this inbox.")]
Stage = Annotated[str, typer.Option("--stage", help="Only of this stage, such as VALUE_CONVERTER.")]
Type = Annotated[str, typer.Option("--type", "-t", help="Only of this event type.")]
Text = Annotated[str, typer.Option("--text", help="Only with this in the key, the message or the exception.")]
Since = Annotated[str | None, typer.Option("--since", help="Only since then: 10m, 2h, 3d, or an ISO time.")]
Like = Annotated[int | None, typer.Option("--like", help="Only those that failed as this letter did.")]


@dataclass(frozen=True)
class Filters:
    """What a letter must be like."""

    topic: From = ""
    stage: Stage = ""
    type_: Type = ""
    text: Text = ""
    since: Since = None
    like: Like = None

    def choice(self, office: Dealing, numbers: Sequence[int] = ()) -> Choice:
        """The same for those who look: of letters with these numbers, if any are given."""
        return Choice(
            numbers=frozenset(numbers),
            reason=None if self.like is None else office.box.letter(self.like).summary().reason,
            topic=self.topic,
            stage=self.stage,
            type=self.type_,
            text=self.text,
            since=None if self.since is None else _instant(self.since),
        )


@dataclass(frozen=True)
class Meant:
    """The letters that something is to be done with."""

    numbers: Numbers = None
    all_: All = False

    def chosen(self, office: Dealing, filters: Filters) -> list[int]:
        """Numbers that were named are taken at their word, open or not: what cannot be done is said of each."""
        choice = filters.choice(office, self.numbers or ())
        if choice.numbers:
            return sorted(choice.numbers)
        if not self.all_:
            fail("Name letters by their numbers, or say --all, with filters if not all of them are meant.")
        return sorted(letter.number for letter in office.box.look(lambda standing: standing.open(choice)))


def _instant(text: str) -> datetime:
    try:
        return instant(text, datetime.now(UTC))
    except ValueError as error:
        fail(f"--since {error}")
