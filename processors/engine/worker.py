"""A worker: one process that shares the partitions of a space with all others of the same group."""

import asyncio
import logging
import os
import threading
from collections.abc import Iterable

import faust
from aiokafka.admin import AIOKafkaAdminClient

from processors.engine import faust_overrides
from processors.engine.lanes import Lanes
from processors.engine.settings import EngineSettings
from processors.processor import Processor
from schemas.topics import Space, topics

log = logging.getLogger(__name__)

STOP_WITHIN = 8.0
"""Seconds a failed worker has to leave the group in good order before it ends without."""

FAILED = 70
"""Exit code of a worker that met something unexpected (EX_SOFTWARE): its supervisor starts it again."""


class MissingTopics(Exception):
    """The space has no such topics; `backoffice topics apply` makes them."""


def run(space: Space, processors: Iterable[Processor], settings: EngineSettings) -> int:
    """Runs a worker until SIGTERM or SIGINT (exit code 0) or an unexpected error (`FAILED`)."""
    processors = tuple(processors)
    partitions = asyncio.run(_partitions(settings.bootstrap_servers, space, processors))
    app = faust_overrides.host(space.group, settings, [space.topic(p.inbox) for p in processors])
    failure = _Failure(app)
    app.lanes = Lanes(space, processors, settings, partitions.__getitem__, failure.of)
    worker = faust.Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it writes escape codes to standard output
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        return FAILED if failure.happened else int(ended.code or 0)
    return FAILED if failure.happened else 0


class _Failure:
    """The first error of a lane ends the worker: cleanly if that works, at once if not."""

    def __init__(self, app: faust_overrides.HostApp) -> None:
        self._app = app
        self.happened = False

    def of(self, error: BaseException) -> None:
        if self.happened:
            return
        self.happened = True
        timer = threading.Timer(STOP_WITHIN, os._exit, (FAILED,))
        timer.daemon = True
        timer.start()
        self._crash = asyncio.ensure_future(self._app.crash(error))


async def _partitions(bootstrap: str, space: Space, processors: tuple[Processor, ...]) -> dict[str, int]:
    """How many partitions each topic of the space has. Raises MissingTopics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics()
    finally:
        await admin.close()
    found = {topic["topic"]: len(topic["partitions"]) for topic in described}
    wanted = topics(space, {p.name: p.inbox for p in processors})
    missing = [spec.name for spec in wanted if spec.name not in found]
    if missing:
        raise MissingTopics(
            f"space {space.name}: no topic {', '.join(missing)}; run `backoffice topics apply --space {space.name}`"
        )
    return found
