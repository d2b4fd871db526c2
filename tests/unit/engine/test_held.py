"""A lane of a replay space: what it fetches waits for its tick, then is applied as a slice, in as many transactions
as that takes; whoever goes on in the middle applies only what is left."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from processors.engine.lane import Lane
from processors.engine.watchdog import seen
from processors.records import Record
from processors.row import read_row_key
from processors.seen import SEEN
from processors.store import to_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.processing import Tick
from schemas.waits import Waits
from tests.unit.core.library import BookLent, BookReturned, all_known, compacted, minutes
from tests.unit.engine.standins import INBOX, MEMBER, REPLAY, World, came, surrounded

Story = Callable[[World], Coroutine[Any, Any, None]]
Lives = Callable[[Story], World]


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> Lives:
    """Plays a story with the world around a lane."""

    def play(story: Story) -> World:
        world = surrounded(monkeypatch)
        asyncio.run(story(world))
        return world

    return play


async def begun(world: World, **settings: Any) -> Lane:
    return await world.begun(REPLAY, recorded=False, **settings)


def tick(offset: int, at: float) -> Record:
    about = About(f"tick-{offset}", "/tests", f"partition/{INBOX.partition}", minutes(at))
    value = encode(Tick(partition=INBOX.partition), about)
    return Record("events.library", INBOX.partition, offset, to_ms(minutes(at)), None, value, HEADERS)


def backwards(start: int, end: int) -> list[Record]:
    """Books that are lent, each before the one that stands before it."""
    return [came(n, BookLent(book=f"b{n}", due=minutes(9_000)), minutes(end - n)) for n in range(start, end)]


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_nothing_is_applied_or_told_as_work_before_the_tick(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await begun(world)
        lane.feed(backwards(0, 5), 0, 5)
        await settle()
        assert (lane.queued, world.commits) == (0, [])
        progress = world.progress.lanes[INBOX]
        progress.end = 5
        assert progress.lag == 0
        assert seen(progress).lag == 0, "the watchdog finds nothing to do"
        lane.feed([tick(5, at=60)], 5, 6)
        progress.end = 6
        assert progress.lag == 6
        await world.eventually(1)
        await lane.stop()
        assert progress.lag == 0

    (commit,) = lives(story).commits
    assert (commit.next_offset, Waits.read(commit.note)) == (6, Waits(0, minutes(9_000)))


def test_a_slice_of_more_records_than_a_queue_takes_comes_in_whole(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await begun(world, queue_records=4)
        for n in range(20):
            lane.feed([came(n, BookReturned(book="dune"))], n, n + 1)
            assert not lane.full
        lane.feed([tick(20, at=60)], 20, 21)
        assert lane.full
        await world.eventually(1)
        await settle()
        assert not lane.full
        await lane.stop()

    assert lives(story).commits[-1].next_offset == 21


def test_within_a_slice_the_offset_stays_and_a_note_says_how_far_it_has_come(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await begun(world, batch_records=2)
        lane.feed([*backwards(0, 4), tick(4, at=60)], 0, 5)
        await world.eventually(3)
        lane.feed([*backwards(5, 6), tick(6, at=120)], 5, 7)
        await world.eventually(4)
        await lane.stop()

    commits = lives(story).commits
    assert [(c.next_offset, getattr(Waits.read(c.note), "applied", None)) for c in commits] == [
        (0, 2),
        (0, 4),
        (5, 0),
        (7, 0),
    ]
    chunks = [row.key for commit in commits for row in commit.rows if own_collection(row.key) == SEEN]
    assert len(chunks) == len(set(chunks)), "no chunk of seen ids takes the place of another"


def own_collection(key: bytes) -> str:
    """The collection of a row of the partition itself; nothing for other rows."""
    if not key:
        return ""
    subject, collection, _ = read_row_key(key)
    return collection if not subject else ""


@pytest.mark.parametrize("dies_after", [1, 2])
def test_whoever_goes_on_within_a_slice_applies_the_rest_in_its_order(lives: Lives, dies_after: int) -> None:
    """The whole slice is read again, and comes to what it comes to undisturbed: ids, states, seen ids."""
    log = [*backwards(0, 7), tick(7, at=60)]
    known: list[object] = []

    async def undisturbed(world: World) -> None:
        lane = await begun(world)
        lane.feed(log, 0, 8)
        await world.eventually(1)
        await lane.stop()
        assert lane._fold is not None
        known.append(all_known(lane._fold))

    async def interrupted(world: World) -> None:
        lane = await begun(world, batch_records=2)
        lane.feed(log, 0, 8)
        await world.eventually(dies_after)
        world.gate.clear()
        stopping = asyncio.create_task(lane.stop())
        await settle()
        world.gate.set()
        await stopping
        assert lane.fold is None, "a fold is not kept: the group's offset does not tell how far a slice has come"
        world.changelog = [compacted(row for commit in world.commits for row in commit.rows)]
        world.group_offset = world.commits[-1].next_offset
        world.ready.clear()
        next_ = await begun(world)
        assert next_.position == 0, "the slice from its beginning"
        next_.feed(log, 0, 8)
        await world.eventually(len(world.commits) + 1)
        await next_.stop()
        assert next_._fold is not None
        known.append(all_known(next_._fold))

    wanted, found = lives(undisturbed), lives(interrupted)
    assert known[0] == known[1]
    assert [o for c in found.commits for o in c.outputs] == [o for c in wanted.commits for o in c.outputs]
    assert found.commits[-1].next_offset == 8


def test_a_recorded_log_is_applied_as_it_stands(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, recorded=True)
        lane.feed(backwards(0, 3), 0, 3)
        await world.eventually(1)
        await lane.stop()

    assert lives(story).commits[0].next_offset == 3


def test_a_recorded_log_is_not_sent_on_from_the_wrong_partition(lives: Lives) -> None:
    stranger = "member/ada" if MEMBER != "member/ada" else "member/bob"

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, recorded=True)
        lane.feed([came(0, BookLent(book="dune", due=minutes(5)), member=stranger)], 0, 1)
        await world.eventually(1)
        await lane.stop()
        assert lane._fold is not None
        assert lane._fold.states() == {}
        assert lane._fold.counts == {"records": 1, "elsewhere": 1}

    (commit,) = lives(story).commits
    assert (commit.outputs, commit.next_offset) == ([], 1)
