"""Ticks: the owner of an idle partition wakes it when its earliest deadline is due, and nobody else's clock counts."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from processors.engine import ticks
from processors.engine.ticks import TICK_AGAIN, TICK_LATE, Ticker
from processors.fold import Fold
from processors.records import Record
from schemas.codec import Decoder
from schemas.envelope import Event
from schemas.processing import Tick
from schemas.topics import Space
from tests.unit.core.library import BookLent, BookReserved, BookReturned, library
from tests.unit.engine.standins import INBOX, LIVE, REPLAY, World, came, surrounded

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Clocks:
    """The machine's clocks, which stand until they are told to go on."""

    def __init__(self) -> None:
        self.monotonic = 1_000.0
        self.now = NOW

    def pass_by(self, seconds: float) -> None:
        self.monotonic += seconds
        self.now += timedelta(seconds=seconds)

    def time_ns(self) -> int:
        return int(self.now.timestamp()) * 1_000_000_000 + 5_999_999


@pytest.fixture(autouse=True)
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()

    class Now(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Now":
            return cls.fromtimestamp(clocks.now.timestamp(), tz)

    monkeypatch.setattr(ticks, "datetime", Now)
    monkeypatch.setattr(ticks, "time", SimpleNamespace(monotonic=lambda: clocks.monotonic, time_ns=clocks.time_ns))
    return clocks


def after(*events: Event) -> Fold:
    """A partition in which these happened."""
    fold = Fold(library, INBOX.partition)
    for offset, event in enumerate(events):
        fold.apply(came(offset, event, NOW))
    return fold


def due(seconds: float) -> Fold:
    """A partition whose earliest deadline is due in so many seconds."""
    return after(BookLent(book="dune", due=NOW + timedelta(seconds=seconds)))


def ticker(space: Space = LIVE) -> Ticker:
    return Ticker(space, "events.library", INBOX.partition)


def test_a_tick_is_wanted_just_after_the_earliest_deadline() -> None:
    assert ticker().due_in(due(30)) == pytest.approx(30 + TICK_LATE)


def test_the_earliest_deadline_counts_whatever_came_last() -> None:
    books = [BookLent(book=str(n), due=NOW + timedelta(seconds=n)) for n in (50, 20, 40)]
    assert ticker().due_in(after(*books)) == pytest.approx(20 + TICK_LATE)


def test_a_deadline_that_was_dropped_is_not_waited_for() -> None:
    soon = BookLent(book="dune", due=NOW + timedelta(seconds=5))
    later = BookLent(book="emma", due=NOW + timedelta(seconds=30))
    assert ticker().due_in(after(soon, later, BookReturned(book="dune"))) == pytest.approx(30 + TICK_LATE)
    assert ticker().due_in(after(soon, BookReturned(book="dune"))) is None


def test_a_deadline_that_is_due_is_ticked_for_at_once() -> None:
    assert ticker().due_in(due(-30)) == TICK_LATE
    assert ticker().due_in(due(0)) == TICK_LATE


def test_a_tick_is_given_time_to_come_back(clocks: Clocks) -> None:
    one = ticker()
    one.tick()
    assert one.due_in(due(-30)) == pytest.approx(TICK_AGAIN)
    assert one.due_in(due(30)) == pytest.approx(30 + TICK_LATE), "it does not delay what is due later"
    clocks.pass_by(0.25)
    assert one.due_in(due(-30)) == pytest.approx(TICK_AGAIN - 0.25)
    clocks.pass_by(TICK_AGAIN)
    assert one.due_in(due(-30)) == TICK_LATE


def test_where_nothing_is_waited_for_no_tick_is_wanted() -> None:
    assert ticker().due_in(after()) is None
    assert ticker().due_in(after(BookReturned(book="dune"))) is None


def test_an_expiry_alone_is_not_ticked_for() -> None:
    assert ticker().due_in(after(BookReserved(book="dune", until=NOW))) is None


def test_in_a_replay_space_time_is_not_ours_to_give() -> None:
    assert ticker(REPLAY).due_in(due(-30)) is None


def test_a_tick_is_a_record_of_its_own_partition_that_says_when_it_was_made() -> None:
    tick = ticker().tick()
    assert (tick.topic, tick.key, tick.partition) == ("events.library", None, INBOX.partition)
    read = Decoder([Tick]).decode(tick.value, tick.headers)
    assert read == Tick(partition=INBOX.partition)
    assert (read.about.source, read.about.subject) == ("/backoffice/engine", f"partition/{INBOX.partition}")
    assert read.about.time == NOW + timedelta(milliseconds=5)


def test_the_tick_that_comes_back_lets_the_deadline_pass(clocks: Clocks) -> None:
    one, fold = ticker(), due(1)
    clocks.pass_by(one.due_in(fold) or 0)
    tick = one.tick()
    stamp = int(NOW.timestamp() * 1_000) + 1_000 + int(TICK_LATE * 1_000)
    came_back = Record("events.library", INBOX.partition, 1, stamp, tick.key, tick.value, tick.headers)
    assert [output.topic for output in fold.apply(came_back)] == ["facts", "alerting"]


# In a lane


def lived(monkeypatch: pytest.MonkeyPatch, story: Callable[[World], Coroutine[Any, Any, None]]) -> World:
    world = surrounded(monkeypatch)
    asyncio.run(story(world))
    return world


def test_an_idle_lane_appends_a_tick_to_its_own_partition_and_acknowledges_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(world: World) -> None:
        lane = await world.begun()
        lane.feed([came(0, BookLent(book="dune", due=NOW), NOW)], 0, 1)
        await world.eventually(2)
        await lane.stop()
        ticks_told = world.progress.meters.registry.get_sample_value("backoffice_ticks_total", {"processor": "library"})
        assert ticks_told == 1

    _, commit = lived(monkeypatch, story).commits
    (tick,) = commit.outputs
    assert (commit.rows, commit.next_offset) == ([], None)
    assert (tick.topic, tick.partition) == ("events.library", INBOX.partition)


def test_a_tick_that_does_not_come_back_is_followed_by_another(monkeypatch: pytest.MonkeyPatch, clocks: Clocks) -> None:
    async def story(world: World) -> None:
        lane = await world.begun()
        lane.feed([came(0, BookLent(book="dune", due=NOW), NOW)], 0, 1)
        for commits in (2, 4):
            await world.eventually(commits)
            clocks.pass_by(TICK_AGAIN)
            at = lane.position
            lane.feed([came(at, BookReturned(book="emma"), NOW)], at, at + 1)  # which wakes the lane
        await world.eventually(6)
        await lane.stop()

    outputs = [output.topic for commit in lived(monkeypatch, story).commits for output in commit.outputs]
    assert outputs.count("events.library") == 3


def test_a_lane_with_nothing_to_wait_for_commits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        lane = await world.begun()
        for _ in range(20):
            await asyncio.sleep(0)
        await lane.stop()

    assert lived(monkeypatch, story).commits == []
