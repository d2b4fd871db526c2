"""What several commands share: the space, the broker, and how failures are said."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer
from kafka.errors import KafkaError
from rich.console import Console

from backoffice import logs
from backoffice.cli.completing import space_names
from backoffice.config import Configuration, ConfigurationError, whereabouts
from infra.admin import admin
from infra.broker import Broker, BrokerError, ensure
from infra.broker.lifecycle import SERVERS
from infra.broker.readiness import problem
from infra.topics.cluster import configs, existing
from schemas.envelope import Event
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

FOUND = 1
"""Exit code when the answer is no: something differs, is missing or was refused; what was asked for was not done."""

UNUSABLE = 2
"""Exit code when a command could not do its work at all: no broker, no such space, wrong usage."""

PARTLY = 3
"""Exit code when it was done as far as it goes: the log does not reach back, or there are warnings."""

SpaceOption = Annotated[
    str | None,
    typer.Option(
        "--space",
        envvar="BACKOFFICE_SPACE",
        help="The space (prefix of topics); the configuration's, else backoffice.",
        autocompletion=space_names,
    ),
]
"""None: the configuration says it, see `space_name`."""


LogFormatOption = Annotated[
    logs.LogFormat, typer.Option("--log-format", envvar=logs.ENVIRONMENT, help="Log lines for people, or for machines.")
]
MetricsPort = Annotated[
    int | None,
    typer.Option(
        "--metrics-port",
        min=0,
        max=65535,
        envvar="BACKOFFICE_METRICS_PORT",
        help="Serve /metrics, /healthz and /readyz at this port; 0 takes a free one. Off unless given.",
    ),
]

FeedMetricsPort = Annotated[
    int | None,
    typer.Option("--metrics-port", min=0, max=65535, help="Serve /metrics, /healthz and /readyz at this port."),
]
"""For what ends by itself: it does not take the port that the environment gives to workers."""

MetricsHost = Annotated[
    str,
    typer.Option("--metrics-host", envvar="BACKOFFICE_METRICS_HOST", help="The address to serve them at."),
]


def fail(message: object, code: int = UNUSABLE) -> NoReturn:
    """Ends the command with a message for people."""
    err.print(str(message), style="red")
    raise typer.Exit(code)


def here() -> Configuration:
    """Space and broker as the configuration file says that is found from here. Ends the command when they are wrong."""
    try:
        return whereabouts()
    except ConfigurationError as error:
        fail(error)


def space_name(given: str | None) -> str:
    """The space of the command line or the environment, else of the configuration, else the built-in one."""
    return given or here().space


def configured_cluster(found: Configuration | None = None) -> Broker | None:
    """The cluster that the configuration names, where the environment names none: its word comes first."""
    if os.environ.get(SERVERS):
        return None
    servers = (found or here()).broker.bootstrap_servers
    return Broker(servers, "external", started_here=False) if servers else None


def broker(found: Configuration | None = None) -> Broker:
    """A broker that answers: the environment's, else the configuration's, else ours, started if it does not run."""
    if cluster := configured_cluster(found):
        if why := problem(cluster.bootstrap_servers):
            fail(
                f"No broker answers at {cluster.bootstrap_servers}, which broker.bootstrap_servers of the "
                f"configuration names ({why}). Correct it, or remove it to let the program start a broker of its own."
            )
        return cluster
    try:
        return ensure(lambda line: err.print(line, style="dim"))
    except BrokerError as error:
        fail(error)


def connect(found: Configuration | None = None) -> str:
    """The bootstrap servers of `broker`. `found`: the configuration, where the command has read it already."""
    return broker(found).bootstrap_servers


def known_events() -> dict[str, type[Event]]:
    """Every event type, those of installed third parties' departments among them."""
    from backoffice.registry import event_types  # loads every department: only when they are wanted

    return event_types()


def space_at(bootstrap_servers: str, given: str | None) -> Space:
    """The space as its topics are: live where the broker stamps records, replay where they bring their own time."""
    name = space_name(given)
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
