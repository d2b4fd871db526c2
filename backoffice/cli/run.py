"""`backoffice run`: the whole program in one supervised command."""

from pathlib import Path
from typing import Annotated

import typer

from backoffice import process, spaces
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import SpaceOption, broker_errors, connect, err, fail
from backoffice.supervisor import Supervisor, TooManyFailures
from infra.topics import TopicsError
from schemas.topics import Space


def run_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Worker processes; one per core is enough.")] = 1,
    notifier: Annotated[bool, typer.Option(help="Deliver notices.")] = True,
) -> None:
    """Run workers and the notifier in the live space, until stopped (SIGTERM or Ctrl-C)."""
    stop = process.stop_on_signals()
    found = configuration(config)
    live = Space(space or found.space)
    bootstrap = connect(found)
    try:
        with broker_errors():
            spaces.prepare(bootstrap, live)
            spaces.tell_settings(bootstrap, live, found.settings())
        with Supervisor(err.print) as supervisor:
            _start(supervisor, bootstrap, live, config, workers, notifier)
            err.print(f"Running in space {live.name} at {bootstrap}: {workers} worker(s). Stop with Ctrl-C.")
            supervisor.run(stop)
            err.print("Stopping.")
    except (TopicsError, TooManyFailures) as error:
        fail(error, code=1)


def _start(
    supervisor: Supervisor, bootstrap: str, space: Space, config: Path | None, workers: int, notifier: bool
) -> None:
    supervisor.start_workers(workers, space.name, bootstrap)
    if notifier:
        chosen = ("--config", str(config)) if config else ()
        environment = {"BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap}
        supervisor.start("notifier", "notifier", "--space", space.name, *chosen, environment=environment)
