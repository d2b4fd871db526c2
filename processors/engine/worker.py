"""A worker: one process that shares the partitions of a space with all others of the same group."""

import asyncio
import gc
import os
import threading
import time
from collections.abc import Iterable

import faust
from aiokafka.admin import AIOKafkaAdminClient

from processors.engine import aiokafka_overrides, faust_overrides
from processors.engine.lanes import Lanes
from processors.engine.progress import Progress
from processors.engine.settings import EngineSettings
from processors.engine.watchdog import FAILED, Watchdog
from processors.processor import Processor
from schemas.topics import Space, topics

STOP_WITHIN = 8.0
"""Seconds a failed worker has to leave the group in good order before it ends without."""


BEAT_LATE = 15.0
"""Seconds without a beat of the event loop after which a worker counts as not alive."""


BROKER_LATE = 15.0
"""Seconds without an answer from a broker after which it counts as not ready."""


class MissingTopics(Exception):
    """The space has no such topics; `backoffice topics apply` makes them."""


class Worker:
    """One worker of a space. `progress` may be looked at from any thread while it runs."""

    def __init__(self, space: Space, processors: Iterable[Processor], settings: EngineSettings) -> None:
        self._space = space
        self._processors = tuple(processors)
        self._settings = settings
        self.progress = Progress()

    def run(self) -> int:
        """Runs until SIGTERM or SIGINT (exit code 0) or an unexpected error (`FAILED`). Raises MissingTopics.

        Ends the process itself when nothing moves any more (`watchdog`).
        """
        partitions = asyncio.run(_partitions(self._settings.bootstrap_servers, self._space, self._processors))
        aiokafka_overrides.install(self._space)
        _collect_rarely()
        app = faust_overrides.host(
            self._space.group, self._settings, [self._space.topic(p.inbox) for p in self._processors]
        )
        failure = _Failure(app)
        app.lanes = Lanes(
            self._space, self._processors, self._settings, partitions.__getitem__, failure.of, self.progress
        )
        worker = faust.Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
        worker.spinner = None  # it writes escape codes to standard output
        watchdog = Watchdog(self.progress, self._settings)
        self._beat(worker.loop)
        watchdog.start()
        try:
            worker.execute_from_commandline()
        except SystemExit as ended:
            return FAILED if failure.happened else int(ended.code or 0)
        finally:
            watchdog.stop()
        return FAILED if failure.happened else 0

    def not_alive(self) -> str | None:
        """Why whoever started this worker should start it again; None while its event loop runs."""
        late = time.monotonic() - self.progress.beat_at
        return f"the event loop has not run for {late:.0f} s" if late > BEAT_LATE else None

    def not_ready(self) -> str | None:
        """What this worker still waits for; None when it has its share, has restored all of it, and has a broker."""
        if not self.progress.assigned:
            return "the consumer group has not shared out its partitions yet"
        if restoring := self.progress.restoring:
            return f"restoring {', '.join(restoring)}"
        answered_at = self.progress.broker_answered_at
        if answered_at is None:
            return "no broker has been asked yet"
        silent = time.monotonic() - answered_at
        return f"no broker has answered for {silent:.0f} s" if silent > BROKER_LATE else None

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Now, and again and again for as long as the loop runs."""
        self.progress.beat()
        loop.call_later(self.progress.BEAT, self._beat, loop)


def _collect_rarely() -> None:
    """What a record makes has no cycles and is gone at once; Python's collector would look at all of it, often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def run(space: Space, processors: Iterable[Processor], settings: EngineSettings) -> int:
    """`Worker.run`, for those who want nothing else of it."""
    return Worker(space, processors, settings).run()


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
