"""Every override of Faust's internals, each with its reason. Nothing else in the program knows them.

Faust keeps the app, the worker, group membership and its co-partitioning assignor. Its data plane (four
tasks per message in the conductor, acknowledgements, commits) is replaced: fetched records go to lanes.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiokafka
import faust
from aiokafka import TopicPartition
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver

from processors.engine.lanes import Fetched, Lanes
from processors.engine.settings import EngineSettings

SCHEME = "backoffice"
"""The broker URL's scheme that selects `Transport` in Faust's driver registry."""


SOON = 0.02
"""Seconds a fetch may wait while some lane wants no records: it may want some at any moment."""

_NOTHING: tuple[Any, ...] = ()


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that owns the aiokafka consumer."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        """Reads committed records only and asks with our waits: Faust hard-codes a fetch wait of 1,500 ms.

        The assignor is Faust's own (sticky, co-partitioned), which it uses itself only when there are tables.
        """
        app, settings = self.app, self.app.engine_settings
        self._assignor = app.assignor
        return aiokafka.AIOKafkaConsumer(
            client_id=app.conf.broker_client_id,
            group_id=app.conf.id,
            bootstrap_servers=settings.bootstrap_servers,
            partition_assignment_strategy=[app.assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=int(settings.fetch_wait * 1000),
            fetch_min_bytes=settings.fetch_min_bytes,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            max_poll_records=settings.queue_records,
            session_timeout_ms=int(settings.session_timeout * 1000),
            heartbeat_interval_ms=int(settings.heartbeat_interval * 1000),
            rebalance_timeout_ms=30_000,
            request_timeout_ms=30_000,
            metadata_max_age_ms=60_000,
        )

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TopicPartition],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Mapping[TopicPartition, Fetched]:
        """The records with the positions before and after, which only this thread can see together.

        A position also moves without records: over transaction markers, and what compaction left out. When the
        partitions were assigned anew meanwhile all of them are told of: a new lane may have sought back to before
        such a marker, and this fetch have passed it once more, so that nothing seems to have moved.
        """
        assignment = _assignment(consumer)
        starts = {tp: _position(consumer, tp) for tp in active_partitions}
        fetched = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        anew = _assignment(consumer) is not assignment
        found = {
            tp: Fetched(start, fetched.get(tp, ()), end)
            for tp, start in starts.items()
            if (end := _position(consumer, tp)) != start or anew or tp in fetched
        }
        self._asks_next(consumer._fetcher, busy=bool(found))
        return found

    def _asks_next(self, fetcher: Any, *, busy: bool) -> None:
        """While records come the broker gathers some before it answers; while none come it answers at the first."""
        settings = self.app.engine_settings
        fetcher._fetch_min_bytes = settings.fetch_min_bytes if busy else 1
        fetcher._fetch_max_wait_ms = int((settings.fetch_wait if busy else settings.idle_fetch_wait) * 1000)

    async def committed(self, tp: TopicPartition) -> int | None:
        offset: int | None = await self.call_thread(self._ensure_consumer().committed, tp)
        return offset

    async def seek_to(self, tp: TopicPartition, offset: int) -> None:
        await self.call_thread(self._seek_if_assigned, tp, offset)

    async def _seek_if_assigned(self, tp: TopicPartition, offset: int) -> None:
        consumer = self._ensure_consumer()
        if tp in consumer.assignment():  # it may just have been revoked; its lane is then being stopped
            consumer.seek(tp, offset)

    def _stopped_set(self) -> None:
        """A crash ends the thread and closes its loop before it is told to stop; nobody is left there to be told."""
        if self.thread_loop.is_closed():
            self._stopped.set()
        else:
            super()._stopped_set()


def _assignment(consumer: aiokafka.AIOKafkaConsumer) -> Any:
    """The partitions that are ours, another object after each rebalance; None before the first."""
    return consumer._subscription.subscription.assignment


def _position(consumer: aiokafka.AIOKafkaConsumer, tp: TopicPartition) -> int:
    """The fetch position without asking the broker; -1 when the partition is not ours or has none yet."""
    assignment = _assignment(consumer)
    if assignment is None or tp not in assignment.tps:
        return -1
    state = assignment.state_value(tp)
    return state.position if state.has_valid_position else -1


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Fetches for the lanes, and hands nothing to Faust's conductor."""

    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def lanes(self) -> Lanes:
        lanes: Lanes = self.app.lanes
        return lanes

    async def getmany(self, timeout: float) -> AsyncIterator[Any]:
        """One round of fetching. An async generator that never yields: Faust's per-message path costs 0.3 ms."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        wait = self.app.engine_settings.poll_timeout
        lanes = self.lanes.fetchable()
        if len(lanes) < len(self.lanes):
            wait = min(wait, SOON)
        if not lanes:
            await self.lanes.wait_until_fetchable(wait)
            return
        fetched = await self._thread.getmany(set(lanes), wait)
        await self.lanes.hand_over(lanes, fetched, self._thread.seek_to)
        for message in _NOTHING:
            yield message

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """The lanes finish their transactions before anybody else may own their partitions."""
        await self.lanes.stop()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        """New lanes fence and restore in their own tasks: no heartbeat is sent while this callback runs."""
        await self.lanes.stop()
        await super().on_partitions_assigned(assigned, generation_id)
        self.lanes.assign(assigned, self._thread.seek_to, self._thread.committed)

    async def on_stop(self) -> None:
        """SIGTERM: the lanes stop while the producers still can, so that the process exits cleanly."""
        await self.lanes.stop()
        await super().on_stop()

    async def perform_seek(self) -> None:
        """Not wanted: each lane seeks to where its state stands (Faust's does nothing for offset 0)."""

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Not wanted: input offsets are committed in the lanes' transactions."""
        return False

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Not wanted: it watches Faust's acknowledgements, of which there are none."""


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's aiokafka driver with our consumer."""

    Consumer = Consumer


TRANSPORTS.aliases[SCHEME] = f"{__name__}:Transport"


class HostApp(faust.App):  # type: ignore[misc]
    """The Faust app that hosts the lanes. It declares the inboxes, so that the group subscribes to them."""

    lanes: Lanes
    engine_settings: EngineSettings

    def _create_directories(self) -> None:
        """Not wanted: no tables of Faust's, nothing to keep."""


def host(app_id: str, settings: EngineSettings, lanes_inboxes: list[str]) -> HostApp:
    """The app of a worker; its `lanes` are set before it starts."""
    urls = ";".join(f"{SCHEME}://{server.strip()}" for server in settings.bootstrap_servers.split(","))
    app = HostApp(
        app_id,
        broker=urls,
        datadir=str(settings.data_dir),
        env_prefix="BACKOFFICE_FAUST_",  # environment variables beat arguments in Faust's settings
        web_enabled=False,
        web_tables_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        table_standby_replicas=0,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.heartbeat_interval,
        broker_request_timeout=30.0,
        worker_redirect_stdouts=False,
    )
    app.engine_settings = settings
    for inbox in lanes_inboxes:
        app.agent(app.topic(inbox), name=f"lanes of {inbox}")(_declares_only)
    return app


async def _declares_only(stream: Any) -> None:
    """An agent, because Faust subscribes to the topics of agents. Nothing ever reaches it."""
    async for _ in stream:
        raise RuntimeError("a record came through Faust's conductor; it should have gone to a lane")
