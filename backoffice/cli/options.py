"""What several commands share: the space, the broker, and how failures are said."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer
from kafka.errors import KafkaError
from rich.console import Console

from infra.admin import admin
from infra.broker import BrokerError, ensure
from infra.topics.cluster import configs, existing
from schemas.topics import Space


class _Out(Console):
    def on_broken_pipe(self) -> None:
        """A reader such as `head` that has seen enough ends the command without a word, and not as a failure."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0)


PIPED_WIDTH = 160
"""Columns of what goes to a file or another program, unless COLUMNS says otherwise; rich would take 80."""


def _width() -> int | None:
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH


out = _Out(highlight=False, markup=False, emoji=False, soft_wrap=True, width=_width())
err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

UNUSABLE = 2
"""Exit code when a command could not do its work at all: no broker, no such space, wrong usage."""

SpaceOption = Annotated[
    str, typer.Option("--space", envvar="BACKOFFICE_SPACE", help="The space, which is the prefix of its topics.")
]


def fail(message: object, code: int = UNUSABLE) -> NoReturn:
    """Ends the command with a message for people."""
    err.print(str(message), style="red")
    raise typer.Exit(code)


def connect() -> str:
    """The bootstrap servers of a broker that answers; starts one when none is named and none runs."""
    try:
        return ensure(lambda line: err.print(line, style="dim")).bootstrap_servers
    except BrokerError as error:
        fail(error)


def space_at(bootstrap_servers: str, name: str) -> Space:
    """The space as its topics are: live where the broker stamps records, replay where they bring their own time."""
    inbox = Space(name).topic("alerting")
    with broker_errors(), admin(bootstrap_servers) as cluster:
        if inbox not in existing(cluster, [inbox]):
            fail(
                f"There is no space {name!r} at {bootstrap_servers}: it has no topic {inbox}. "
                f"`backoffice topics apply --space {name}` creates its topics."
            )
        stamped_by = configs(cluster, [inbox])[inbox]["message.timestamp.type"]
    return Space(name, replay=stamped_by == "CreateTime")


@contextmanager
def broker_errors() -> Iterator[None]:
    """Kafka's own errors in the block end the command with a line instead of a traceback."""
    try:
        yield
    except KafkaError as error:
        fail(f"Kafka: {type(error).__name__}: {error}. `backoffice broker status` says whether the broker is well.")
