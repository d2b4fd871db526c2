"""`--watch`: looking again and again until somebody presses Ctrl-C."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from backoffice.cli.options import out
from backoffice.cli.output import Output, written

EVERY = 2.0
"""Seconds between two looks, unless somebody says otherwise."""

SHORTEST = 0.2

WatchOption = Annotated[
    float | None,
    typer.Option(
        "--watch",
        metavar="[SECONDS]",
        min=SHORTEST,
        show_default=False,
        help=f"Look again every {EVERY:g} s, or as often as is said, until Ctrl-C.",
    ),
]


class Watchable(TyperCommand):
    """A command whose `--watch` needs no value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, with_seconds(args))


class WatchableGroup(TyperGroup):
    """A group that is a command by itself, whose `--watch` needs no value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, with_seconds(args))


def with_seconds(args: Sequence[str]) -> list[str]:
    """The words of a command line with a number of seconds behind each `--watch` that has none."""
    words: list[str] = []
    for place, word in enumerate(args):
        words.append(word)
        if word == "--watch" and not _is_number(args[place + 1 : place + 2]):
            words.append(f"{EVERY:g}")
    return words


def _is_number(words: Sequence[str]) -> bool:
    try:
        return bool(words) and float(words[0]) >= 0
    except ValueError:
        return False


def watch(
    look: Callable[[], None],
    seconds: float | None,
    output: Output,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Looks once, or every so many seconds until it is interrupted.

    A terminal shows the last look alone. JSON is a line for each look, so that a program can read on.
    """
    if seconds is None:
        look()
        return
    with suppress(KeyboardInterrupt):
        while True:
            _once(look, output)
            sleep(seconds)


def _once(look: Callable[[], None], output: Output) -> None:
    if output is not Output.table or not out.is_terminal:
        look()
        return
    with out.capture() as seen:  # all of it first: a screen that is empty while it is looked flickers
        look()
    out.clear()
    written(seen.get())
