"""`backoffice worker`: process events, sharing the partitions with every other worker of the space."""

import os
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from backoffice import health, logs, preflight, process, profiling, vitals
from backoffice.cli.options import (
    LogFormatOption,
    MetricsHost,
    MetricsPort,
    SpaceOption,
    broker_errors,
    connect,
    fail,
    space_at,
)
from backoffice.registry import processors
from infra.broker import user_data
from infra.topics import TopicsError
from processors.engine.settings import EngineSettings
from processors.engine.worker import MissingTopics, Worker
from schemas.topics import Space


class StateStore(StrEnum):
    MEMORY = "memory"
    ROCKSDB = "rocksdb"


Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        dir_okay=False,
        help="Write where time goes: .html (browser), .json (speedscope), .pstats (python -m pstats) or .txt.",
    ),
]
Store = Annotated[
    StateStore,
    typer.Option(
        "--store",
        envvar="BACKOFFICE_STORE",
        help="Where state rests: in memory, or on disk (RocksDB) when there is more of it than memory holds.",
    ),
]
StallTimeout = Annotated[
    float | None,
    typer.Option(
        "--stall-timeout",
        min=1.0,
        envvar="BACKOFFICE_STALL_TIMEOUT",
        help="Seconds with work and without progress after which the worker ends, to be started again.",
    ),
]


def worker_command(
    space: SpaceOption = None,
    metrics_port: MetricsPort = None,
    metrics_host: MetricsHost = "127.0.0.1",
    log_format: LogFormatOption = logs.LogFormat.TEXT,
    profile: Profile = None,
    stall_timeout: StallTimeout = None,
    store: Store = StateStore.MEMORY,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what libraries say, too.")] = False,
) -> None:
    """Process the events of a space until stopped (SIGTERM or Ctrl-C).

    Start as many as there are cores, on as many machines as there are: each takes its share.
    """
    process.end_on_sigterm()
    process.set_up(verbose)
    logs.write_as(log_format)
    bootstrap = connect()
    settings = EngineSettings(bootstrap, Path(), store=store.value)
    if stall_timeout is not None:
        settings = replace(settings, stall_timeout=stall_timeout)
    try:
        with broker_errors():
            code = _run(settings, space_at(bootstrap, space), profile, metrics_host, metrics_port)
    except (TopicsError, MissingTopics, preflight.NotReady, health.PortTaken, profiling.ProfileError) as error:
        fail(error)
    # Faust's threads may still hold the interpreter; all that matters has been committed or given back.
    os._exit(code)


def _run(settings: EngineSettings, space: Space, profile: Path | None, host: str, port: int | None) -> int:
    """The worker with what an operator wanted around it; its exit code."""
    preflight.check(settings.bootstrap_servers, space, processors())
    worker = Worker(space, processors(), replace(settings, data_dir=data_dir(space.name)))
    with ExitStack() as around:
        if port is not None:
            registry = vitals.introduce(worker.progress.meters.registry, "worker")
            around.enter_context(health.announced(host, port, registry, worker.not_alive, worker.not_ready))
        if profile is not None:
            around.enter_context(profiling.profiled(profile))
        return worker.run()


def data_dir(space: str) -> Path:
    return user_data() / "worker" / space
