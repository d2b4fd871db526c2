"""`backoffice run`: the whole program in one supervised command."""

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from backoffice import logs, process, spaces
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import LogFormatOption, MetricsPort, SpaceOption, broker_errors, connect, err, fail
from backoffice.supervisor import Supervisor, TooManyFailures
from infra.topics import TopicsError
from schemas.topics import Space

log = logging.getLogger(__name__)


def run_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Worker processes; one per core is enough.")] = 1,
    notifier: Annotated[bool, typer.Option(help="Deliver notices.")] = True,
    api: Annotated[bool, typer.Option(help="Serve the HTTP API.")] = True,
    console: Annotated[bool, typer.Option(help="Serve the web console, with the API.")] = True,
    archive: Annotated[bool, typer.Option(help="Write history into the archive.")] = True,
    metrics_port: MetricsPort = None,
    log_format: LogFormatOption = logs.LogFormat.TEXT,
) -> None:
    """Run workers, notifier, API, console, archive and reporter in the live space, until stopped (SIGTERM or Ctrl-C).

    With --metrics-port, each worker takes the next port, then the notifier, then the archive; the API has its own.
    """
    process.set_up()
    logs.write_as(log_format)
    os.environ[logs.ENVIRONMENT] = log_format  # the processes that are started inherit it
    say = log.info if log_format is logs.LogFormat.JSON else err.print
    stop = process.stop_on_signals()
    found = configuration(config)
    live = Space(space or found.space)
    bootstrap = connect(found)
    try:
        with broker_errors():
            spaces.prepare(bootstrap, live, replication=found.broker.replication)
            spaces.tell_settings(bootstrap, live, found.settings())
        with Supervisor(say) as supervisor:
            supervisor.start_workers(workers, live.name, bootstrap, metrics_port=metrics_port)
            if notifier:
                _start_notifier(supervisor, bootstrap, live, config, _port(metrics_port, workers))
            if api:
                _start_api(supervisor, bootstrap, live, config, "console" if console else "api")
            if archive:
                _start_archive(supervisor, bootstrap, live, config, _port(metrics_port, workers + 1))
            if archive and found.reports.mails:
                _start_reporter(supervisor, bootstrap, live, config)
            say(f"Running in space {live.name} at {bootstrap}: {workers} worker(s). Stop with Ctrl-C.")
            supervisor.run(stop)
            say("Stopping.")
    except (TopicsError, TooManyFailures) as error:
        fail(error, code=1)


def _port(first: int | None, n: int) -> str:
    """The n-th port for metrics, as a process is told it: empty for none, 0 for a free one."""
    return "" if first is None else str(first and first + n)


def _start_notifier(supervisor: Supervisor, bootstrap: str, space: Space, config: Path | None, port: str) -> None:
    chosen = ("--config", str(config)) if config else ()
    environment = {"BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap, "BACKOFFICE_METRICS_PORT": port}
    supervisor.start("notifier", "notifier", "--space", space.name, *chosen, environment=environment)


def _start_api(supervisor: Supervisor, bootstrap: str, space: Space, config: Path | None, command: str) -> None:
    """`command`: `console` serves the API, too."""
    chosen = ("--config", str(config)) if config else ()
    environment = {"BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap}
    supervisor.start(command, command, "--space", space.name, *chosen, environment=environment)


def _start_archive(supervisor: Supervisor, bootstrap: str, space: Space, config: Path | None, port: str) -> None:
    chosen = ("--config", str(config)) if config else ()
    environment = {"BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap, "BACKOFFICE_METRICS_PORT": port}
    supervisor.start("archive", "archive", "run", "--space", space.name, *chosen, environment=environment)


def _start_reporter(supervisor: Supervisor, bootstrap: str, space: Space, config: Path | None) -> None:
    chosen = ("--config", str(config)) if config else ()
    environment = {"BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap}
    supervisor.start("reporter", "reporter", "--space", space.name, *chosen, environment=environment)
