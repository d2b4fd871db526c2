"""`backoffice worker`: process events, sharing the partitions with every other worker of the space."""

import os
from pathlib import Path
from typing import Annotated

import typer

from backoffice import process
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, space_at
from backoffice.registry import processors
from infra.broker import user_data
from processors.engine import worker
from processors.engine.settings import EngineSettings


def worker_command(
    space: SpaceOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what libraries say, too.")] = False,
) -> None:
    """Process the events of a space until stopped (SIGTERM or Ctrl-C).

    Start as many as there are cores, on as many machines as there are: each takes its share.
    """
    process.set_up(verbose)
    bootstrap = connect()
    with broker_errors():
        found = space_at(bootstrap, space)
    settings = EngineSettings(bootstrap_servers=bootstrap, data_dir=data_dir(found.name))
    try:
        code = worker.run(found, processors(), settings)
    except worker.MissingTopics as error:
        fail(error)
    # Faust's threads may still hold the interpreter; all that matters has been committed or given back.
    os._exit(code)


def data_dir(space: str) -> Path:
    return user_data() / "worker" / space
