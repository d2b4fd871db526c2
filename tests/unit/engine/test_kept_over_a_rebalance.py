"""Rows kept over a rebalance: used again only while nobody else can have had the partition."""

import asyncio

import pytest
from aiokafka.errors import ProducerFenced

from processors.fold import Fold
from processors.store import from_ms
from tests.unit.core.library import BookLent, minutes
from tests.unit.engine.standins import World, came, never, surrounded


async def _lent_once(world: World) -> Fold:
    """A lane takes one record, commits it, and is stopped by a rebalance; what it leaves."""
    lane = world.lane()
    lane.start(never)
    async with asyncio.timeout(5):
        await world.ready.wait()
    lane.feed([came(0, BookLent(book="Emma", due=minutes(60)))], 0, 1)
    await world.eventually(1)
    await lane.stop()
    assert lane.fold is not None
    world.happened.clear()
    world.ready.clear()
    return lane.fold


async def _comes_back(world: World, kept: Fold | None) -> Fold | None:
    lane = world.lane(kept=kept)
    lane.start(never)
    async with asyncio.timeout(5):
        await world.ready.wait()
    await lane.stop()
    return lane.fold


def test_a_partition_that_comes_back_untouched_goes_on_without_its_changelog(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        kept = await _lent_once(world)
        assert world.group_offset == 1, "the group was told when the lane stopped"
        assert await _comes_back(world, kept) is kept
        assert world.happened[0] == "opened", "fenced before the offset was looked at"
        assert not [each for each in world.happened if each[0] == "read"]  # type: ignore[index]

    asyncio.run(story(surrounded(monkeypatch)))


@pytest.mark.parametrize("elsewhere", [2, 57])
def test_one_that_somebody_else_had_meanwhile_is_read_again(monkeypatch: pytest.MonkeyPatch, elsewhere: int) -> None:
    async def story(world: World) -> None:
        kept = await _lent_once(world)
        world.group_offset = elsewhere
        assert await _comes_back(world, kept) is not kept
        assert [each for each in world.happened if each[0] == "read"]  # type: ignore[index]

    asyncio.run(story(surrounded(monkeypatch)))


def test_one_that_could_not_tell_the_group_where_it_stood_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the group knows is what tells that nobody else had the partition."""

    async def story(world: World) -> None:
        world.refuses_to_be_told = ProducerFenced()
        kept = await _lent_once(world)
        world.refuses_to_be_told = None
        assert await _comes_back(world, kept) is not kept

    asyncio.run(story(surrounded(monkeypatch)))


def test_a_lane_that_failed_or_never_stood_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        failed = asyncio.Event()
        lane = world.lane()
        assert lane.fold is None
        lane.start(lambda lane, error: failed.set())
        async with asyncio.timeout(5):
            await world.ready.wait()
        world.refuses = RuntimeError("fenced")
        lane.feed([came(0, BookLent(book="Emma", due=from_ms(0)))], 0, 1)
        async with asyncio.timeout(5):
            await failed.wait()
        assert lane.fold is None

    asyncio.run(story(surrounded(monkeypatch)))
