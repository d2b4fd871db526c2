"""`backoffice config`: check the configuration file, and show what the program makes of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from backoffice.cli.options import err, fail, out
from backoffice.config import Configuration, ConfigurationError, load_or_defaults, oncall
from backoffice.config.load import DEFAULT_NAME, Labels, Registry, Streams
from backoffice.config.secrets import missing_secrets
from backoffice.config.show import effective
from backoffice.config.whereabouts import CONFIG

app = typer.Typer(help="Check and show the configuration.", no_args_is_help=True)

FileArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        envvar=CONFIG,
        help=f"The configuration file; {DEFAULT_NAME} here, if there is one, by default.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", envvar=CONFIG, help=f"The configuration file ({DEFAULT_NAME} by default)."),
]


AlertmanagerOption = Annotated[
    Path | None,
    typer.Option("--alertmanager", metavar="FILE", help="Check a Prometheus Alertmanager's file instead."),
]


def configuration(path: Path | None) -> Configuration:
    """The configuration, for any command. Ends the command with all problems and exit code 2 when it cannot be used."""
    try:
        return load_or_defaults(path, registry(), labels(), streams())
    except ConfigurationError as error:
        fail(error)


def registry() -> Registry:
    """The settings of everything that `rules:` may name."""
    from backoffice.registry import processors

    return {processor.name: processor.settings for processor in processors() if processor.name != "alerting"}


def labels() -> Labels:
    """The labels that overrides of `rules:` may look at."""
    from backoffice.registry import labels

    return labels()


def streams() -> Streams:
    """The streams of events that `rules: correlation: silences:` may name."""
    from backoffice.registry import streams

    return streams()


@app.command("check")
def check_command(file: FileArgument = None, alertmanager: AlertmanagerOption = None) -> None:
    """Say everything that is wrong with a configuration file; exit with 1 when anything is.

    Secrets that are not within reach here are only mentioned: they are needed where the notifier runs.
    """
    if alertmanager is not None:
        _check_alertmanager(alertmanager)
        return
    with _problems_said():
        found = load_or_defaults(file, registry(), labels(), streams())
    for note in missing_secrets(found, os.environ):
        err.print(f"note: {note}", style="yellow")
    for gap in oncall.gaps(found, datetime.now(UTC)):
        err.print(f"note: {gap.at(found.path) if found.path else gap.what}", style="yellow")
    out.print(f"{found.path}: no problems." if found.path else f"There is no {DEFAULT_NAME} here: all is as built in.")


def _check_alertmanager(path: Path) -> None:
    from backoffice.config.alertmanager import read

    with _problems_said():
        found = read(path)
    counts = ((found.inhibit_rules, "inhibit rule"), (found.receivers, "receiver"), (found.time_intervals, "interval"))
    said = ", ".join(f"{len(some)} {what}{'' if len(some) == 1 else 's'}" for some, what in counts)
    out.print(f"{path}: no problems. Route tree, {said}.")


@contextmanager
def _problems_said() -> Iterator[None]:
    """Problems in the block end the command with all of them, and how many there are."""
    try:
        yield
    except ConfigurationError as error:
        plural = "problem" if len(error.problems) == 1 else "problems"
        fail(f"{error}\n{len(error.problems)} {plural}.", code=1)


@app.command("show")
def show_command(file: FileArgument = None) -> None:
    """Print the effective configuration, with everything the file does not say. Secrets are hidden."""
    out.print(effective(configuration(file), registry()), end="")
