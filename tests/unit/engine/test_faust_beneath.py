"""What we rely on in Faust and aiokafka: a test here fails when a new version changes it beneath us."""

import asyncio
import inspect
from types import SimpleNamespace
from typing import Any

import aiokafka
import faust
import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.subscription_state import SubscriptionState
from faust.transport.consumer import Consumer as AnyConsumer
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver

from processors.engine import faust_overrides
from processors.engine.faust_overrides import Consumer, ConsumerThread, HostApp, Transport, host
from processors.engine.lanes import Fetched
from processors.engine.outbox import BATCH_BYTES
from tests.unit.engine.standins import INBOX, SETTINGS

RELIED_ON = [
    (driver.AIOKafkaConsumerThread, "_create_worker_consumer", ("self", "transport")),
    (
        driver.AIOKafkaConsumerThread,
        "_fetch_records",
        ("self", "consumer", "active_partitions", "timeout", "max_records"),
    ),
    (driver.AIOKafkaConsumerThread, "getmany", ("self", "active_partitions", "timeout")),
    (driver.AIOKafkaConsumerThread, "_ensure_consumer", ("self",)),
    (driver.AIOKafkaConsumerThread, "call_thread", ("self", "fun", "args", "kwargs")),
    (driver.AIOKafkaConsumerThread, "_stopped_set", ("self",)),
    (driver.Consumer, "_new_consumer_thread", ("self",)),
    (driver.Consumer, "getmany", ("self", "timeout")),
    (driver.Consumer, "on_partitions_revoked", ("self", "revoked")),
    (driver.Consumer, "on_partitions_assigned", ("self", "assigned", "generation_id")),
    (driver.Consumer, "on_stop", ("self",)),
    (driver.Consumer, "perform_seek", ("self",)),
    (driver.Consumer, "commit", ("self", "topics", "start_new_transaction")),
    (driver.Consumer, "verify_event_path", ("self", "now", "tp")),
    (driver.Consumer, "wait", ("self", "coros", "timeout")),
    (faust.App, "_create_directories", ("self",)),
]


@pytest.mark.parametrize(("cls", "name", "parameters"), RELIED_ON, ids=[name for _, name, _ in RELIED_ON])
def test_what_we_override_or_call_is_there_with_the_parameters_we_know(
    cls: type, name: str, parameters: tuple[str, ...]
) -> None:
    assert tuple(inspect.signature(getattr(cls, name)).parameters) == parameters


@pytest.mark.parametrize("cls", [ConsumerThread, Consumer, Transport, HostApp])
def test_every_override_overrides_something_and_takes_what_that_takes(cls: type) -> None:
    """So that nothing of ours is left standing alone when Faust renames its own."""
    ours = {"committed", "seek_to", "_seek_if_assigned", "_asks_next", "lanes", "engine_settings", "_thread"}
    base = cls.__mro__[1]
    for name, attribute in vars(cls).items():
        if name.startswith("__") or name in ours or name == "_abc_impl":
            continue
        original = getattr(base, name)
        if inspect.isfunction(attribute):
            assert list(inspect.signature(attribute).parameters) == list(inspect.signature(original).parameters), name
            assert inspect.iscoroutinefunction(attribute) == inspect.iscoroutinefunction(original), name


def test_what_is_ours_alone_hides_nothing_of_fausts() -> None:
    for name in ("committed", "seek_to", "_seek_if_assigned", "_asks_next"):
        assert not hasattr(driver.AIOKafkaConsumerThread, name)
    assert not hasattr(driver.Consumer, "lanes")
    assert not hasattr(faust.App, "lanes")
    assert not hasattr(faust.App, "engine_settings")


def test_our_scheme_selects_our_transport() -> None:
    assert TRANSPORTS.by_url("backoffice://broker:9092") is Transport
    assert Transport.Consumer is Consumer
    assert issubclass(Transport, driver.Transport)


def test_a_fetch_asks_the_fetcher_as_fausts_own_does() -> None:
    assert list(inspect.signature(Fetcher.fetched_records).parameters) == [
        "self",
        "partitions",
        "timeout",
        "max_records",
    ]
    source = inspect.getsource(driver.AIOKafkaConsumerThread._fetch_records)
    assert "fetcher.fetched_records(" in source


def test_the_flow_that_getmany_waits_for_is_fausts() -> None:
    assert AnyConsumer.flow_active is True
    for name in ("stop_flow", "resume_flow"):
        assert "can_resume_flow" in inspect.getsource(getattr(AnyConsumer, name))


# aiokafka's own


def test_a_position_is_read_without_asking_the_broker() -> None:
    """Through `_subscription`, `assignment`, `tps`, `state_value`, `has_valid_position` and `position`."""

    async def story() -> list[int]:
        subscription = SubscriptionState()
        consumer = SimpleNamespace(_subscription=subscription)
        here, elsewhere = TopicPartition("t", 0), TopicPartition("t", 1)
        subscription.subscribe({"t"})
        positions = [faust_overrides._position(consumer, here)]
        subscription.assign_from_subscribed({here})
        positions.append(faust_overrides._position(consumer, here))
        assert subscription.subscription is not None
        assignment = subscription.subscription.assignment
        assert assignment is not None
        assignment.state_value(here).seek(7)
        positions += [faust_overrides._position(consumer, tp) for tp in (here, elsewhere)]
        return positions

    assert asyncio.run(story()) == [-1, -1, 7, -1]
    assert "_subscription" in inspect.getsource(aiokafka.AIOKafkaConsumer.__init__)


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (aiokafka.AIOKafkaProducer, "create_batch", ("self",)),
        (aiokafka.AIOKafkaProducer, "send_batch", ("self", "batch", "topic", "partition")),
        (aiokafka.AIOKafkaProducer, "send_offsets_to_transaction", ("self", "offsets", "group_id")),
        (aiokafka.AIOKafkaProducer, "begin_transaction", ("self",)),
        (aiokafka.AIOKafkaProducer, "commit_transaction", ("self",)),
        (aiokafka.AIOKafkaConsumer, "committed", ("self", "partition")),
        (aiokafka.AIOKafkaConsumer, "seek", ("self", "partition", "offset")),
        (aiokafka.AIOKafkaConsumer, "position", ("self", "partition")),
        (aiokafka.AIOKafkaConsumer, "assignment", ("self",)),
    ],
)
def test_aiokafka_is_asked_in_its_own_words(owner: type, name: str, parameters: tuple[str, ...]) -> None:
    assert tuple(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_the_consumer_takes_what_we_tell_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(aiokafka, "AIOKafkaConsumer", lambda **said: told.update(said))
    app = host("trial.processors", SETTINGS, ["trial.facts"])
    thread = object.__new__(ConsumerThread)
    thread.app = app
    thread._create_worker_consumer(None)
    monkeypatch.undo()
    assert told.keys() <= inspect.signature(aiokafka.AIOKafkaConsumer.__init__).parameters.keys()
    assert told["isolation_level"] == "read_committed"
    assert told["enable_auto_commit"] is False
    assert told["auto_offset_reset"] == "earliest"
    assert told["group_id"] == "trial.processors"
    assert told["partition_assignment_strategy"] == [app.assignor]
    assert told["fetch_max_wait_ms"] == int(SETTINGS.fetch_wait * 1000)
    assert told["fetch_min_bytes"] == SETTINGS.fetch_min_bytes
    assert told["max_poll_records"] == SETTINGS.queue_records
    assert told["bootstrap_servers"] == "broker:9092"


def test_the_producer_takes_what_we_tell_it() -> None:
    from processors.engine import outbox

    source = inspect.getsource(outbox.Outbox.__init__)
    known = inspect.signature(aiokafka.AIOKafkaProducer.__init__).parameters
    named = [
        line.split("=")[0].strip() for line in source.splitlines() if line.startswith("            ") and "=" in line
    ]
    assert "transactional_id" in named
    assert set(named) <= set(known)
    assert BATCH_BYTES <= 1024 * 1024


# The host


def test_the_host_declares_its_inboxes_and_nothing_else() -> None:
    app = host("trial.processors", SETTINGS, ["trial.events.library", "trial.facts"])
    topics = [topic for agent in app.agents.values() for topic in agent.channel.topics]
    assert topics == ["trial.events.library", "trial.facts"]
    assert isinstance(app.transport, Transport)
    assert not list(app.tables)


def test_the_host_is_set_so_that_faust_keeps_out_of_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOPIC_ALLOW_DECLARE", "1")
    monkeypatch.setenv("TABLE_STANDBY_REPLICAS", "3")
    conf = host("trial.processors", SETTINGS, ["trial.facts"]).conf
    assert (conf.topic_allow_declare, conf.table_standby_replicas) == (False, 0), "the environment must not win"
    assert (conf.web_enabled, conf.topic_disable_leader, conf.stream_wait_empty) == (False, True, False)


def test_the_host_makes_no_directories(tmp_path: Any) -> None:
    app = host("trial.processors", SETTINGS, ["trial.facts"])
    app._create_directories()
    assert not SETTINGS.data_dir.exists()


def test_a_record_in_fausts_conductor_is_an_error() -> None:
    async def stream() -> Any:
        yield "a record"

    with pytest.raises(RuntimeError, match="it should have gone to a lane"):
        asyncio.run(faust_overrides._declares_only(stream()))


# Nothing goes through Faust's per-message path


class Worker:
    """A consumer of ours without its Faust, between one fetch and one set of lanes."""

    def __init__(self, fetchable: dict[TopicPartition, Any], fetched: dict[TopicPartition, Fetched]) -> None:
        self.asked: list[Any] = []
        worker = self

        class Thread:
            async def getmany(self, active: set[TopicPartition], timeout: float) -> dict[TopicPartition, Fetched]:
                worker.asked.append(("fetch", active, timeout))
                return fetched

            async def seek_to(self, tp: TopicPartition, offset: int) -> None:
                """Never."""

            async def committed(self, tp: TopicPartition) -> None:
                """Nothing."""

        class Lanes:
            def fetchable(self) -> dict[TopicPartition, Any]:
                return fetchable

            def __len__(self) -> int:
                return len(fetchable)

            async def wait_until_fetchable(self, timeout: float) -> None:
                worker.asked.append(("wait", timeout))

            async def hand_over(self, asked_for: Any, fetched: Any, seek: Any) -> None:
                worker.asked.append(("hand over", asked_for, fetched))

            async def stop(self) -> None:
                worker.asked.append("stop")

            def assign(self, assigned: Any, seek: Any, committed: Any) -> None:
                worker.asked.append(("assign", assigned))

        consumer: Any = object.__new__(Consumer)
        self.consumer = consumer
        consumer.app = SimpleNamespace(lanes=Lanes(), engine_settings=SETTINGS)
        consumer._thread = Thread()
        consumer.flow_active = True

    def poll(self) -> list[Any]:
        async def story() -> list[Any]:
            return [message async for message in self.consumer.getmany(1.0)]

        return asyncio.run(story())


def test_what_is_fetched_goes_to_the_lanes_and_none_of_it_to_faust() -> None:
    lanes, fetched = {INBOX: object()}, {INBOX: Fetched(0, ["a record"], 1)}
    worker = Worker(lanes, fetched)
    assert worker.poll() == []
    assert worker.asked == [("fetch", {INBOX}, SETTINGS.poll_timeout), ("hand over", lanes, fetched)]


def test_no_fetch_is_asked_for_while_no_lane_wants_any() -> None:
    """An empty set would mean every partition."""
    worker = Worker({}, {})
    assert worker.poll() == []
    assert worker.asked == [("wait", SETTINGS.poll_timeout)]


def test_fausts_own_offsets_are_never_committed_nor_sought() -> None:
    worker = Worker({}, {})

    async def story() -> bool:
        await worker.consumer.perform_seek()
        worker.consumer.verify_event_path(0.0, INBOX)
        committed: bool = await worker.consumer.commit()
        return committed

    assert asyncio.run(story()) is False
    assert worker.asked == []


def test_lanes_end_before_partitions_go_and_begin_after_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker({}, {})

    async def by_faust(consumer: Any, *told: Any) -> None:
        worker.asked.append("faust")

    for name in ("on_partitions_revoked", "on_partitions_assigned", "on_stop"):
        monkeypatch.setattr(driver.Consumer, name, by_faust)

    async def story() -> None:
        await worker.consumer.on_partitions_revoked({INBOX})
        await worker.consumer.on_partitions_assigned({INBOX}, 3)
        await worker.consumer.on_stop()

    asyncio.run(story())
    assert worker.asked == ["stop", "faust", "stop", "faust", ("assign", {INBOX}), "stop", "faust"]


HOLDING = SimpleNamespace(_fetcher=SimpleNamespace())
"""A consumer, as far as a fetch tells its fetcher something."""


def fetching() -> ConsumerThread:
    thread = object.__new__(ConsumerThread)
    thread.app = SimpleNamespace(engine_settings=SETTINGS)
    return thread


def test_a_fetch_tells_the_positions_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition without records is told of only when its position has moved: over a marker, say."""
    quiet, marked, busy = (TopicPartition("t", n) for n in range(3))
    positions = {quiet: 4, marked: 4, busy: 4}
    records = ["a record"]

    async def by_faust(thread: Any, consumer: Any, active: Any, timeout: Any, most: Any) -> dict[TopicPartition, Any]:
        positions.update({marked: 6, busy: 5})
        return {busy: records}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", by_faust)
    monkeypatch.setattr(faust_overrides, "_position", lambda consumer, tp: positions[tp])
    monkeypatch.setattr(faust_overrides, "_assignment", lambda consumer: "ours")

    async def story() -> Any:
        return await fetching()._fetch_records(HOLDING, {quiet, marked, busy}, 0.1, 10)

    assert asyncio.run(story()) == {marked: Fetched(4, (), 6), busy: Fetched(4, records, 5)}


def test_an_idle_partitions_first_record_is_not_waited_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker may gather records only while they come. What each request says, aiokafka reads when it makes it."""
    comes: list[dict[TopicPartition, Any]] = [{INBOX: ["a record"]}, {}, {INBOX: ["a record"]}]

    async def by_faust(thread: Any, consumer: Any, active: Any, timeout: Any, most: Any) -> dict[TopicPartition, Any]:
        return comes.pop(0)

    async def story() -> list[tuple[int, int]]:
        fetcher = SimpleNamespace()
        asked = []
        while comes:
            await fetching()._fetch_records(SimpleNamespace(_fetcher=fetcher), {INBOX}, 0.1, 10)
            asked.append((fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms))
        return asked

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", by_faust)
    monkeypatch.setattr(faust_overrides, "_position", lambda consumer, tp: 4)
    monkeypatch.setattr(faust_overrides, "_assignment", lambda consumer: "ours")
    gathers, at_once = (SETTINGS.fetch_min_bytes, 10), (1, 100)
    assert asyncio.run(story()) == [gathers, at_once, gathers]
    source = inspect.getsource(Fetcher._get_actions_per_node)
    assert "self._fetch_max_wait_ms" in source
    assert "self._fetch_min_bytes" in source


def test_a_fetch_across_a_rebalance_tells_of_every_partition_also_of_one_that_is_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The old lane had passed a marker; the new one sought back to before it; and the fetch passed it again."""
    there = TopicPartition("t", 0)

    def passes_the_marker(subscription: SubscriptionState) -> None:
        subscription.seek(there, 831)
        subscription.subscription.assignment.state_value(there).consumed_to(832)

    async def by_faust(thread: Any, consumer: Any, active: Any, timeout: Any, most: Any) -> dict[TopicPartition, Any]:
        consumer._subscription.begin_reassignment()
        consumer._subscription.assign_from_subscribed({there})
        passes_the_marker(consumer._subscription)
        return {}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", by_faust)

    async def story() -> Any:
        subscription = SubscriptionState()
        subscription.subscribe({"t"})
        subscription.assign_from_subscribed({there})
        passes_the_marker(subscription)
        consumer = SimpleNamespace(_subscription=subscription, _fetcher=SimpleNamespace())
        return await fetching()._fetch_records(consumer, {there}, 0.1, 10)

    assert asyncio.run(story()) == {there: Fetched(832, (), 832)}


@pytest.mark.parametrize(("mine", "sought"), [(True, [(INBOX, 5)]), (False, [])])
def test_a_lane_seeks_only_in_a_partition_that_is_still_ours(mine: bool, sought: list[Any]) -> None:
    found: list[Any] = []
    consumer = SimpleNamespace(
        assignment=lambda: {INBOX} if mine else set(), seek=lambda tp, offset: found.append((tp, offset))
    )
    thread = object.__new__(ConsumerThread)
    thread._consumer = consumer
    asyncio.run(thread._seek_if_assigned(INBOX, 5))
    assert found == sought
