"""Where the inbox partitions of a worker end, asked over a connection of its own."""

import asyncio
import contextlib
import logging
import time

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from processors.engine.progress import Progress

log = logging.getLogger(__name__)

ANSWER_WITHIN = 10.0
"""Seconds for one answer; without one the broker counts as away."""


class Ends:
    """Keeps `LaneProgress.end` of every lane up to date. Runs in any event loop but the worker's."""

    def __init__(self, progress: Progress, bootstrap_servers: str, every: float) -> None:
        """`every`: seconds between two questions."""
        self._progress = progress
        self._servers = bootstrap_servers
        self._every = every
        self._away = False

    def answered_within(self, seconds: float) -> bool:
        """Whether a broker has answered lately."""
        answered_at = self._progress.broker_answered_at
        return answered_at is not None and time.monotonic() - answered_at <= seconds

    async def keep_asking(self) -> None:
        """Asks until cancelled. A broker that does not answer is asked again, and the log says so once."""
        while True:
            try:
                await self._ask_while_it_answers()
            except (KafkaError, OSError, TimeoutError) as error:
                if not self._away:
                    log.warning("no broker answers at %s (%s); waiting for it", self._servers, _reason(error))
                self._away = True
            await asyncio.sleep(self._every)

    async def _ask_while_it_answers(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            client_id="backoffice-watchdog",
            isolation_level="read_committed",  # records of open transactions are nobody's work yet
            enable_auto_commit=False,
            request_timeout_ms=int(ANSWER_WITHIN * 1000),
        )
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await consumer.start()
            while True:
                await self._ask(consumer)
                await asyncio.sleep(self._every)
        finally:
            with contextlib.suppress(KafkaError, OSError):
                await consumer.stop()

    async def _ask(self, consumer: AIOKafkaConsumer) -> None:
        lanes = dict(self._progress.lanes)
        async with asyncio.timeout(ANSWER_WITHIN):
            if lanes:
                ends = await consumer.end_offsets(list(lanes))
            else:
                await consumer.topics()
                ends = {}
        for partition, lane in lanes.items():
            lane.end = ends.get(partition)
        self._progress.broker_answered_at = time.monotonic()
        if self._away:
            log.info("the broker answers again")
            self._away = False


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")
