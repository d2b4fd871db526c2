"""All lanes of a worker: who has which partition, and what becomes of records fetched for somebody gone."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiokafka import TopicPartition

from processors.engine.lanes import Fetched, Lanes
from tests.unit.core.library import library
from tests.unit.engine.standins import INBOX, LIVE, SETTINGS, Came, World, surrounded

OTHER = TopicPartition(INBOX.topic, 0)
Story = Callable[[World, Lanes], Coroutine[Any, Any, None]]


@pytest.fixture
def lived(monkeypatch: pytest.MonkeyPatch) -> Callable[[Story], World]:
    """Runs a story with lanes, and stops them after it."""

    def run(story: Story) -> World:
        async def whole(world: World) -> None:
            failed = world.happened.append
            lanes = Lanes(LIVE, [library], SETTINGS, lambda topic: 4, failed)
            try:
                await story(world, lanes)
            finally:
                await lanes.stop()

        world = surrounded(monkeypatch)
        asyncio.run(whole(world))
        return world

    return run


async def assigned(world: World, lanes: Lanes, *partitions: TopicPartition) -> None:
    lanes.assign(partitions, world.seek, world.committed_offset)
    async with asyncio.timeout(5):
        while len(lanes.fetchable()) < len(partitions):
            await lanes.wait_until_fetchable(1)


def test_every_assigned_partition_of_an_inbox_has_a_lane(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX, OTHER)
        assert set(lanes.fetchable()) == {INBOX, OTHER}
        assert [lane.inbox for lane in lanes] == [OTHER, INBOX]

    lived(story)


def test_partitions_that_are_no_inbox_of_ours_have_none(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        lanes.assign([TopicPartition("backoffice.audit", 0)], world.seek, world.committed_offset)
        assert list(lanes) == []
        assert lanes.inboxes == ["backoffice.events.library"]

    lived(story)


def test_only_lanes_that_are_ready_and_not_full_are_fetched_for(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        lanes.assign([INBOX], world.seek, world.committed_offset)
        assert lanes.fetchable() == {}
        await lanes.wait_until_fetchable(1)
        (lane,) = lanes.fetchable().values()
        world.gate.clear()
        lane.feed([Came(n) for n in range(SETTINGS.queue_records)], 0, SETTINGS.queue_records)
        assert lanes.fetchable() == {}
        world.gate.set()

    lived(story)


def test_waiting_for_a_lane_ends_after_its_time(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        async with asyncio.timeout(2):
            await lanes.wait_until_fetchable(0.01)

    lived(story)


def test_records_go_to_the_lane_they_were_fetched_for(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX, OTHER)
        asked = lanes.fetchable()
        world.gate.clear()
        await lanes.hand_over(asked, {INBOX: Fetched(0, [Came(0), Came(1)], 3)}, world.seek)
        assert (asked[INBOX].queued, asked[INBOX].position) == (2, 3)
        assert (asked[OTHER].queued, asked[OTHER].position) == (0, 0)
        world.gate.set()

    lived(story)


def test_records_fetched_for_a_lane_that_is_gone_are_dropped_and_the_new_one_goes_back(
    lived: Callable[[Story], World],
) -> None:
    """Even though both stand for the same partition: a fetch was blocked across the rebalance."""

    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        asked = lanes.fetchable()
        await lanes.stop()
        await assigned(world, lanes, INBOX)
        (lane,) = lanes.fetchable().values()
        assert lane is not asked[INBOX]
        world.happened.clear()
        await lanes.hand_over(asked, {INBOX: Fetched(0, [Came(0), Came(1)], 2)}, world.seek)
        assert (lane.queued, lane.position, asked[INBOX].queued) == (0, 0, 0)
        assert world.happened == [("sought", INBOX, 0)]

    lived(story)


def test_a_new_lane_that_still_restores_seeks_by_itself(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        asked = lanes.fetchable()
        await lanes.stop()
        lanes.assign([INBOX], world.seek, world.committed_offset)
        world.happened.clear()
        await lanes.hand_over(asked, {INBOX: Fetched(0, [Came(0)], 1)}, world.seek)
        assert world.happened == []

    lived(story)


def test_records_of_a_partition_that_went_elsewhere_are_dropped(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        asked = lanes.fetchable()
        await lanes.stop()
        world.happened.clear()
        await lanes.hand_over(asked, {INBOX: Fetched(0, [Came(0)], 1)}, world.seek)
        assert (world.happened, asked[INBOX].queued) == ([], 0)

    lived(story)


def test_a_lane_that_fails_is_told_of_with_its_partition(
    lived: Callable[[Story], World], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        world.refuses = RuntimeError("fenced")
        await lanes.hand_over(lanes.fetchable(), {INBOX: Fetched(0, [Came(0)], 1)}, world.seek)
        async with asyncio.timeout(5):
            while world.refuses not in world.happened:
                await asyncio.sleep(0)

    lived(story)
    assert "lane backoffice.events.library/2 failed: RuntimeError: fenced" in caplog.text


def test_stopping_stops_every_lane_and_forgets_them(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX, OTHER)
        await lanes.stop()
        assert list(lanes) == []
        assert world.happened.count("closed") == 2

    lived(story)
