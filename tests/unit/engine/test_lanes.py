"""All lanes of a worker: who has which partition, and what becomes of records fetched for somebody gone."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import TopicPartition

from processors.engine.lanes import Fetched, Lanes
from tests.unit.core.library import BookReturned, library
from tests.unit.engine.standins import INBOX, LIVE, SETTINGS, World, came, garbage, surrounded

SMALL = replace(SETTINGS, queue_records=100, batch_records=30)
OTHER = TopicPartition(INBOX.topic, 0)
Story = Callable[[World, Lanes], Coroutine[Any, Any, None]]


@pytest.fixture
def lived(monkeypatch: pytest.MonkeyPatch) -> Callable[[Story], World]:
    """Runs a story with lanes, and stops them after it."""

    def run(story: Story) -> World:
        async def whole(world: World) -> None:
            failed = world.happened.append
            lanes = Lanes(LIVE, [library], SMALL, lambda topic: 4, failed, world.progress)
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
    async with asyncio.timeout(60):
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
        lane.feed([garbage(n) for n in range(SMALL.queue_records)], 0, SMALL.queue_records)
        assert lanes.fetchable() == {}
        world.gate.set()

    lived(story)


def test_whoever_waits_is_woken_when_a_full_lane_has_room_again(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        (lane,) = lanes.fetchable().values()
        world.gate.clear()
        records = [came(n, BookReturned(book="dune")) for n in range(SMALL.queue_records)]
        lane.feed(records, 0, len(records))
        assert lanes.fetchable() == {}
        waiting = asyncio.create_task(lanes.wait_until_fetchable(600))
        await asyncio.sleep(0)
        assert not waiting.done()
        world.gate.set()
        await waiting
        assert lanes.fetchable() == {INBOX: lane}
        assert lane.queued < SMALL.queue_records // 2

    lived(story)


def test_waiting_for_a_lane_ends_after_its_time(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        async with asyncio.timeout(60):
            await lanes.wait_until_fetchable(0.01)

    lived(story)


def test_records_go_to_the_lane_they_were_fetched_for(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX, OTHER)
        asked = lanes.fetchable()
        world.gate.clear()
        await lanes.hand_over(asked, {INBOX: Fetched(0, [garbage(0), garbage(1)], 3)}, world.seek)
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
        await lanes.hand_over(asked, {INBOX: Fetched(0, [garbage(0), garbage(1)], 2)}, world.seek)
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
        await lanes.hand_over(asked, {INBOX: Fetched(0, [garbage(0)], 1)}, world.seek)
        assert world.happened == []

    lived(story)


def test_records_of_a_partition_that_went_elsewhere_are_dropped(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        asked = lanes.fetchable()
        await lanes.stop()
        world.happened.clear()
        await lanes.hand_over(asked, {INBOX: Fetched(0, [garbage(0)], 1)}, world.seek)
        assert (world.happened, asked[INBOX].queued) == ([], 0)

    lived(story)


def test_a_lane_that_fails_is_told_of_with_its_partition(
    lived: Callable[[Story], World], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        world.refuses = RuntimeError("fenced")
        await lanes.hand_over(lanes.fetchable(), {INBOX: Fetched(0, [garbage(0)], 1)}, world.seek)
        async with asyncio.timeout(60):
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


def test_the_share_of_a_worker_is_on_view(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        progress = lanes.progress
        assert (progress.assigned, progress.restoring) == (False, [])
        lanes.assign([INBOX, OTHER], world.seek, world.committed_offset)
        assert progress.assigned
        assert progress.restoring == ["backoffice.events.library/0", "backoffice.events.library/2"]
        while progress.restoring:
            await lanes.wait_until_fetchable(1)
        await lanes.stop()
        assert (progress.assigned, progress.lanes) == (False, {})

    lived(story)


def test_a_lane_that_comes_back_goes_on_with_the_state_that_was_kept(lived: Callable[[Story], World]) -> None:
    """Faust stops the lanes twice in a rebalance: when partitions are revoked, and when they are assigned."""

    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        lanes.fetchable()[INBOX].feed([came(0, BookReturned(book="dune"))], 0, 1)
        await world.eventually(1)
        await lanes.stop()
        await lanes.stop()
        world.happened.clear()
        await assigned(world, lanes, INBOX)
        assert lanes.fetchable()[INBOX].position == 1
        assert world.happened == ["opened", ("sought", INBOX, 1)]

    lived(story)


def test_state_is_kept_for_the_next_assignment_only(lived: Callable[[Story], World]) -> None:
    async def story(world: World, lanes: Lanes) -> None:
        await assigned(world, lanes, INBOX)
        await lanes.stop()
        await assigned(world, lanes, OTHER)
        await lanes.stop()
        world.happened.clear()
        await assigned(world, lanes, INBOX)
        assert ("read", "broker:9092", "backoffice.changelog.library", INBOX.partition) in world.happened

    lived(story)
