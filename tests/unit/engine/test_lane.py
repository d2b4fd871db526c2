"""A lane's life: fenced, restored, fed, ticking, and gone without a trace of what it did not commit."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from processors.engine import lane as lane_module
from processors.engine.lane import TICK_AGAIN, TICK_LATE, Gap, Lane
from processors.engine.limits import TooManyDeadLetters
from processors.engine.outbox import partition_of
from processors.records import DEAD_LETTERS
from processors.store import to_ms
from schemas.codec import Decoder, encode
from schemas.envelope import About, Event
from schemas.processing import Tick
from tests.unit.core.library import OPENING, BookLent, BookReserved, BookReturned, Desk, minutes
from tests.unit.engine.standins import INBOX, LIVE, REPLAY, Came, World, surrounded

Story = Callable[[World], Coroutine[Any, Any, None]]


def member_here() -> str:
    """Whose key belongs into the lane's partition."""
    return next(f"member/{n}" for n in range(100) if partition_of(f"member/{n}".encode(), 4) == INBOX.partition)


MEMBER = member_here()


def came(offset: int, event: Event, at: datetime = OPENING) -> Came:
    about = About(f"e{offset}", "/tests", MEMBER, at)
    return Came(offset, to_ms(at), MEMBER.encode(), encode(event, about))


def garbage(offset: int) -> Came:
    return Came(offset, to_ms(minutes(0)), MEMBER.encode(), b"garbage")


def never(lane: Lane, error: BaseException) -> None:
    raise AssertionError(f"the lane failed: {error}")


def telling(failures: list[BaseException], failed: asyncio.Event) -> Callable[[Lane, BaseException], None]:
    def on_failure(lane: Lane, error: BaseException) -> None:
        failures.append(error)
        failed.set()

    return on_failure


def lives(monkeypatch: pytest.MonkeyPatch, story: Story) -> World:
    """The story, with the world around a lane."""
    world = surrounded(monkeypatch)
    asyncio.run(story(world))
    return world


# Feeding


def fed(*fetches: tuple[list[int], int, int], position: int = 0, **settings: Any) -> tuple[Lane, list[int]]:
    """A lane at a position after fetches (offsets, from, to), and the offsets in its queue."""

    async def story() -> tuple[Lane, list[int]]:
        lane = World().lane(**settings)
        lane.position = position
        for offsets, start, end in fetches:
            lane.feed([Came(offset) for offset in offsets], start, end)
        return lane, [record.offset for record in lane._queue]

    return asyncio.run(story())


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return surrounded(monkeypatch)


def test_fetches_that_follow_one_another_are_queued() -> None:
    lane, queued = fed(([0, 1], 0, 2), ([2], 2, 3))
    assert (queued, lane.position, lane.queued) == ([0, 1, 2], 3, 3)


def test_holes_between_offsets_are_the_logs_own_business() -> None:
    lane, queued = fed(([0, 4], 0, 9), ([12], 9, 14))
    assert (queued, lane.position) == ([0, 4, 12], 14)


def test_a_position_moves_over_transaction_markers_alone() -> None:
    lane, queued = fed(([], 0, 3), ([3], 3, 4))
    assert (queued, lane.position) == ([3], 4)


def test_what_overlaps_is_trimmed() -> None:
    lane, queued = fed(([5, 6, 7], 5, 8), ([6, 7, 8], 6, 9), ([3], 2, 4), position=5)
    assert (queued, lane.position) == ([5, 6, 7, 8], 9)


def test_what_comes_from_before_the_state_is_trimmed() -> None:
    assert fed(([0, 1, 2], 0, 3), position=2)[1] == [2]


def test_a_hole_between_fetches_ends_the_lane() -> None:
    with pytest.raises(Gap, match=r"backoffice\.events\.library/2: fetched from 6, but 5 was expected"):
        fed(([6], 6, 7), position=5)


def test_a_full_lane_is_not_fetched_for() -> None:
    assert not fed(([0, 1], 0, 2), queue_records=3)[0].full
    assert fed(([0, 1, 2], 0, 3), queue_records=3)[0].full


# From fencing to hand-over


def test_a_lane_fences_then_restores_then_goes_on_where_its_state_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(60)), MEMBER)

    async def story(world: World) -> None:
        world.changelog = [desk.fold.take_changes()]
        lane = world.lane()
        assert not lane.ready
        lane.start(never)
        await world.ready.wait()
        assert (lane.ready, lane.position) == (True, 1)
        assert lane._fold.store.earliest == minutes(60)
        await lane.stop()
        assert not lane.ready

    world = lives(monkeypatch, story)
    assert world.happened == [
        "opened",
        ("read", "broker:9092", "backoffice.changelog.library", 2),
        ("sought", INBOX, 1),
        "ready",
        "closed",
    ]


def test_a_lane_is_not_fetched_for_before_it_has_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = world.lane()

        async def seek(tp: object, offset: int) -> None:
            assert not lane.ready
            world.happened.append("sought")

        lane._seek = seek
        lane.start(never)
        await world.ready.wait()
        await lane.stop()

    assert "sought" in lives(monkeypatch, story).happened


def test_a_group_offset_ahead_of_the_state_does_not_skip_anything(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        world.group_offset = 9
        lane = world.lane()
        lane.start(never)
        await world.ready.wait()
        assert lane.position == 0
        await lane.stop()

    lives(monkeypatch, story)
    assert "the group's offset is 9, the state stands at 0; going on from the state" in caplog.text


def test_a_batch_is_one_commit_of_outputs_rows_and_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = world.lane(REPLAY)
        lane.start(never)
        await world.ready.wait()
        records = [came(0, BookLent(book="dune", due=minutes(5))), came(3, BookReturned(book="dune"), minutes(6))]
        lane.feed(records, 0, 5)
        await world.eventually(1)
        await lane.stop()
        assert lane.committed_records == 2

    (commit,) = lives(monkeypatch, story).commits
    assert [output.topic for output in commit.outputs] == ["facts", "alerting", "alerting"]
    assert commit.next_offset == 4
    keys = [row.key for row in commit.rows]
    assert len(keys) == len(set(keys))
    assert keys[-1] == b""


def test_while_a_transaction_is_in_flight_the_queue_grows_and_the_next_takes_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(world: World) -> None:
        lane = world.lane(REPLAY)
        lane.start(never)
        await world.ready.wait()
        world.gate.clear()
        for n in range(5):
            lane.feed([came(n, BookReturned(book="dune"))], n, n + 1)
            await asyncio.sleep(0)
        world.gate.set()
        await world.eventually(2)
        await lane.stop()

    assert [commit.next_offset for commit in lives(monkeypatch, story).commits] == [1, 5]


def test_a_transaction_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = world.lane(REPLAY, batch_records=2)
        lane.start(never)
        await world.ready.wait()
        lane.feed([came(n, BookReturned(book="dune")) for n in range(5)], 0, 5)
        await world.eventually(3)
        await lane.stop()

    assert [commit.next_offset for commit in lives(monkeypatch, story).commits] == [2, 4, 5]


def test_a_large_batch_lets_the_other_lanes_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = world.lane(REPLAY)
        lane.start(never)
        await world.ready.wait()
        lane.feed([came(n, BookReturned(book="dune")) for n in range(450)], 0, 450)
        turns = 0
        while not world.commits:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= 3
        await lane.stop()

    lives(monkeypatch, story)


def test_stopping_finishes_what_is_in_flight_and_leaves_what_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = world.lane(REPLAY)
        lane.start(never)
        await world.ready.wait()
        world.gate.clear()
        lane.feed([came(0, BookReturned(book="dune"))], 0, 1)
        await asyncio.sleep(0.01)
        lane.feed([came(1, BookReturned(book="dune"))], 1, 2)
        stopping = asyncio.create_task(lane.stop())
        await asyncio.sleep(0)
        world.gate.set()
        await stopping
        assert not lane.ready

    world = lives(monkeypatch, story)
    assert [commit.next_offset for commit in world.commits] == [1]
    assert world.happened[-1] == "closed"


def test_a_lane_that_still_restores_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        async def for_ever(tp: object) -> int | None:
            await asyncio.Event().wait()
            return None

        lane = world.lane()
        lane._committed = for_ever
        lane.start(never)
        await asyncio.sleep(0.01)
        async with asyncio.timeout(2):
            await lane.stop()

    assert lives(monkeypatch, story).happened[-1] == "closed"


def test_a_lane_that_never_began_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        await world.lane().stop()

    lives(monkeypatch, story)


def test_a_transaction_that_fails_ends_the_lane_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[BaseException] = []

    async def story(world: World) -> None:
        failed = asyncio.Event()
        lane = world.lane(REPLAY)
        lane.start(telling(failures, failed))
        await world.ready.wait()
        world.refuses = RuntimeError("fenced")
        lane.feed([came(0, BookReturned(book="dune"))], 0, 1)
        await failed.wait()
        assert not lane.ready
        assert lane.committed_records == 0
        await lane.stop()

    assert lives(monkeypatch, story).happened[-1] == "closed"
    assert [str(error) for error in failures] == ["fenced"]


def test_too_many_dead_letters_end_the_lane_before_anything_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[BaseException] = []

    async def story(world: World) -> None:
        failed = asyncio.Event()
        lane = world.lane(REPLAY, dead_letter_window=4, dead_letter_share=0.5)
        lane.start(telling(failures, failed))
        await world.ready.wait()
        lane.feed([garbage(n) for n in range(3)], 0, 3)
        await failed.wait()

    assert lives(monkeypatch, story).commits == []
    assert [type(error) for error in failures] == [TooManyDeadLetters]


def test_a_few_dead_letters_are_committed_with_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = world.lane(REPLAY, dead_letter_window=4, dead_letter_share=0.5)
        lane.start(never)
        await world.ready.wait()
        good = [came(n, BookReturned(book="dune")) for n in range(2, 8)]
        lane.feed([garbage(0), garbage(1), *good, garbage(8), garbage(9)], 0, 10)
        await world.eventually(1)
        await lane.stop()

    (commit,) = lives(monkeypatch, story).commits
    assert [output.topic for output in commit.outputs] == [DEAD_LETTERS] * 4


# Ticks

MONOTONIC = 1_000.0
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Clocks:
    """The machine's clocks, as the lane reads them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Now(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> "Now":
                return cls(2026, 1, 5, 8, tzinfo=tz)

        monkeypatch.setattr(lane_module, "datetime", Now)
        time = SimpleNamespace(
            monotonic=lambda: MONOTONIC, time_ns=lambda: int(NOW.timestamp()) * 1_000_000_000 + 5_999_999
        )
        monkeypatch.setattr(lane_module, "time", time)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def until_tick(due_in: float | None, space: Any = LIVE, ticked_ago: float | None = None) -> float | None:
    """Seconds that a lane waits whose earliest deadline is due in so many."""

    async def story() -> float | None:
        lane = World().lane(space)
        if due_in is not None:
            due = NOW + timedelta(seconds=due_in)
            lane._apply(came(0, BookLent(book="dune", due=due), NOW))
        if ticked_ago is not None:
            lane._ticked = MONOTONIC - ticked_ago
        return lane._until_tick()

    return asyncio.run(story())


def test_a_lane_waits_until_just_after_its_earliest_deadline(clocks: Clocks) -> None:
    assert until_tick(30) == pytest.approx(30 + TICK_LATE)


def test_a_deadline_that_is_due_is_ticked_for_at_once(clocks: Clocks) -> None:
    assert until_tick(-30) == TICK_LATE
    assert until_tick(0) == TICK_LATE


def test_a_tick_is_given_time_to_come_back(clocks: Clocks) -> None:
    assert until_tick(-30, ticked_ago=0.25) == pytest.approx(TICK_AGAIN - 0.25)
    assert until_tick(-30, ticked_ago=5) == TICK_LATE
    assert until_tick(30, ticked_ago=0.25) == pytest.approx(30 + TICK_LATE)


def test_after_a_tick_another_waits_its_time(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = world.lane()
        lane._apply(came(0, BookLent(book="dune", due=NOW), NOW))
        await lane._tick()
        assert lane._until_tick() == pytest.approx(TICK_AGAIN)

    assert len(lives(monkeypatch, story).commits) == 1


def test_a_lane_that_waits_for_nothing_ticks_never(clocks: Clocks) -> None:
    assert until_tick(None) is None


def test_in_a_replay_space_time_is_not_ours_to_give(clocks: Clocks) -> None:
    assert until_tick(-30, REPLAY) is None


def test_an_expiry_alone_is_not_ticked_for(clocks: Clocks) -> None:
    async def story() -> float | None:
        lane = World().lane()
        lane._apply(came(0, BookReserved(book="dune", until=NOW), NOW))
        return lane._until_tick()

    assert asyncio.run(story()) is None


def test_an_idle_lane_appends_a_tick_to_its_own_partition_and_acknowledges_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(world: World) -> None:
        lane = world.lane()
        lane.start(never)
        await world.ready.wait()
        now = datetime.now(UTC)
        lane.feed([came(0, BookLent(book="dune", due=now - timedelta(seconds=1)), now)], 0, 1)
        await world.eventually(2)
        await lane.stop()

    _, commit = lives(monkeypatch, story).commits
    (tick,) = commit.outputs
    assert (commit.rows, commit.next_offset) == ([], None)
    assert (tick.topic, tick.key, tick.partition) == ("events.library", None, INBOX.partition)
    read = Decoder([Tick]).decode(tick.value, tick.headers)
    assert read == Tick(partition=INBOX.partition)
    assert read.about.source == "/backoffice/engine"
    assert abs(read.about.time - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_record_is_read_under_its_topics_short_name_and_sent_on_by_its_key(world: World) -> None:
    async def story() -> list[Any]:
        lane = world.lane()
        stranger = Came(0, to_ms(NOW), b"member/elsewhere-1", b"x")
        return [output for n in range(8) for output in lane._apply(stranger._replace(key=f"member/{n}".encode()))]

    outputs = asyncio.run(story())
    assert {output.topic for output in outputs} == {"events.library", DEAD_LETTERS}
    for output in outputs:
        home = partition_of(output.key, 4)
        assert (output.topic == DEAD_LETTERS) == (home == INBOX.partition)
        assert output.topic == DEAD_LETTERS or output.partition == home
