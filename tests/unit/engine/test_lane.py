"""A lane's life: fenced, restored, fed, and gone without a trace of what it did not commit."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from aiokafka.errors import ProducerFenced

from processors.engine.batches import SLICE
from processors.engine.lane import Gap, Lane
from processors.engine.limits import TooManyDeadLetters
from processors.engine.outbox import TransactionTimeout, partition_of
from processors.processor import Aggregate
from processors.records import DEAD_LETTERS, Output
from processors.row import MAX_ROW_BYTES, Row, row_key
from processors.step import Step
from schemas.envelope import Event
from schemas.processing import DeadLetterHeaders
from tests.unit.core.library import BookLent, BookReserved, BookReturned, Desk, Member, library, minutes
from tests.unit.engine.standins import (
    INBOX,
    MEMBER,
    PARTITIONS,
    REPLAY,
    Failures,
    World,
    came,
    garbage,
    never,
    surrounded,
)

Story = Callable[[World], Coroutine[Any, Any, None]]


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> Callable[[Story], World]:
    """Plays a story with the world around a lane."""

    def play(story: Story) -> World:
        world = surrounded(monkeypatch)
        asyncio.run(story(world))
        return world

    return play


Lives = Callable[[Story], World]


def returned(*offsets: int) -> list[Any]:
    return [came(n, BookReturned(book="dune")) for n in offsets]


# Feeding


@pytest.fixture
def fed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Lane, list[int]]]:
    """A lane at a position after fetches (offsets, from, to), and the offsets in its queue."""

    def feed(*fetches: tuple[list[int], int, int], position: int = 0, **settings: Any) -> tuple[Lane, list[int]]:
        lane = surrounded(monkeypatch).lane(**settings)
        lane.position = position
        for offsets, start, end in fetches:
            lane.feed([garbage(offset) for offset in offsets], start, end)
        return lane, [record.offset for record in lane._queue]

    return feed


Fed = Callable[..., tuple[Lane, list[int]]]


def test_fetches_that_follow_one_another_are_queued(fed: Fed) -> None:
    lane, queued = fed(([0, 1], 0, 2), ([2], 2, 3))
    assert (queued, lane.position, lane.queued) == ([0, 1, 2], 3, 3)


def test_holes_between_offsets_are_the_logs_own_business(fed: Fed) -> None:
    lane, queued = fed(([0, 4], 0, 9), ([12], 9, 14))
    assert (queued, lane.position) == ([0, 4, 12], 14)


def test_a_position_moves_over_transaction_markers_alone(fed: Fed) -> None:
    lane, queued = fed(([], 0, 3), ([3], 3, 4))
    assert (queued, lane.position) == ([3], 4)


def test_what_overlaps_is_trimmed(fed: Fed) -> None:
    lane, queued = fed(([5, 6, 7], 5, 8), ([6, 7, 8], 6, 9), ([3], 2, 4), position=5)
    assert (queued, lane.position) == ([5, 6, 7, 8], 9)


def test_what_comes_from_before_the_state_is_trimmed(fed: Fed) -> None:
    assert fed(([0, 1, 2], 0, 3), position=2)[1] == [2]


def test_a_hole_between_fetches_ends_the_lane(fed: Fed) -> None:
    with pytest.raises(Gap, match=r"backoffice\.events\.library/2: fetched from 6, but 5 was expected"):
        fed(([6], 6, 7), position=5)


def test_a_full_lane_is_not_fetched_for(fed: Fed) -> None:
    assert not fed(([0, 1], 0, 2), queue_records=3)[0].full
    assert fed(([0, 1, 2], 0, 3), queue_records=3)[0].full


def test_a_full_lane_has_room_again_when_less_than_half_is_left(lives: Lives) -> None:
    """Told once, not at every batch: a fetch for a few records costs as much as one for many."""
    left: list[int] = []
    lanes: list[Lane] = []

    def on_room() -> None:
        left.append(lanes[0].queued)

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, queue_records=8, batch_records=2, on_room=on_room)
        lanes.append(lane)
        world.gate.clear()
        lane.feed(returned(*range(9)), 0, 9)
        assert lane.full
        world.gate.set()
        await world.eventually(2)
        assert lane.full == (not left)
        await world.eventually(5)
        assert not lane.full
        await lane.stop()

    lives(story)
    (queued,) = left
    assert 0 < queued < 4


# From fencing to hand-over


def test_a_lane_fences_then_restores_then_goes_on_where_its_state_stands(lives: Lives) -> None:
    desk, years = Desk(), minutes(10_000_000)  # until then nothing ticks, however slow this machine is
    desk.hears(BookLent(book="dune", due=years), MEMBER)

    async def story(world: World) -> None:
        world.changelog = [desk.fold.take_changes()]
        lane = world.lane()
        assert not lane.ready
        lane.start(never)
        await world.ready.wait()
        assert (lane.ready, lane.position, lane.restored_rows) == (True, 1, len(world.changelog[0]))
        assert lane._fold is not None
        assert lane._fold.store.agenda.earliest == years
        await lane.stop()
        assert not lane.ready

    assert lives(story).happened == [
        "opened",
        ("read", "broker:9092", "backoffice.changelog.library", 2),
        ("from", None),
        ("sought", INBOX, 1),
        "ready",
        "closed",
    ]


def test_state_comes_back_from_a_changelog_in_parts(lives: Lives) -> None:
    """Which rows come together is the fetch's business; a row's last word counts."""
    desk = Desk()
    parts: list[list[Row]] = []
    for n, book in enumerate(["dune", "emma", "dune"]):
        desk.hears(BookLent(book=book, due=minutes(60 + n)), MEMBER)
        parts += [[row] for row in desk.fold.take_changes()]

    async def story(world: World) -> None:
        world.changelog = [*parts, []]
        lane = await world.begun()
        assert lane.position == 3
        assert lane._fold is not None
        assert lane._fold.states()[MEMBER] == desk.member(MEMBER)
        await lane.stop()

    lives(story)


def test_a_foreign_record_in_the_changelog_ends_the_lane(lives: Lives) -> None:
    async def story(world: World) -> None:
        failures = Failures()
        world.changelog = [[Row(b"somebody else's", b"{}", None)]]
        lane = world.lane()
        lane.start(failures)
        await failures.some.wait()
        assert 'the row b"somebody else\'s" is not one of' in str(failures[0])
        assert lane.fold is None
        await lane.stop()

    world = lives(story)
    assert "ready" not in world.happened
    assert world.happened[-1] == "closed"


def test_a_row_that_cannot_be_read_ends_the_lane_that_touches_it_with_nothing_of_its_batch_done(lives: Lives) -> None:
    async def story(world: World) -> None:
        failures = Failures()
        world.changelog = [[Row(row_key(MEMBER, "", ""), b"not JSON", None)]]
        lane = world.lane()
        lane.start(failures)
        await world.ready.wait()
        lane.feed(returned(0), 0, 1)
        await failures.some.wait()
        assert str(failures[0]).startswith(
            f"backoffice.changelog.library/2: the root row of {MEMBER} does not fit its state: "
        )
        await lane.stop()

    assert not lives(story).commits


def test_a_lane_is_not_fetched_for_before_it_has_sought(lives: Lives) -> None:
    async def story(world: World) -> None:
        async def seek(tp: object, offset: int) -> None:
            assert not lane.ready
            world.happened.append("sought")

        lane = world.lane(seek=seek)
        lane.start(never)
        await world.ready.wait()
        await lane.stop()

    assert "sought" in lives(story).happened


def test_a_group_offset_ahead_of_the_state_does_not_skip_anything(
    lives: Lives, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        world.group_offset = 9
        lane = await world.begun()
        assert lane.position == 0
        await lane.stop()

    lives(story)
    assert "the group's offset is 9, the state stands at 0; going on from the state" in caplog.text


def test_an_idle_lane_tells_the_group_where_it_stands(lives: Lives) -> None:
    async def story(world: World) -> None:
        world.tells_in = 0.01
        lane = await world.begun()
        lane.feed([came(0, BookReturned(book="dune"))], 0, 1)
        async with asyncio.timeout(60):
            while not world.told:
                await asyncio.sleep(0)
        await lane.stop()

    assert lives(story).told == [1]


def test_a_lane_that_stops_tells_the_group_before_it_closes(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun()
        lane.feed([came(0, BookReturned(book="dune"))], 0, 1)
        await world.eventually(1)
        assert not world.told
        await lane.stop()

    assert lives(story).told == [1]


@pytest.mark.parametrize("why", [ProducerFenced(), TransactionTimeout("no answer"), TimeoutError()])
def test_a_lane_that_cannot_tell_the_group_stops_all_the_same(lives: Lives, why: Exception) -> None:
    async def story(world: World) -> None:
        world.refuses_to_be_told = why
        lane = await world.begun()
        lane.feed([came(0, BookReturned(book="dune"))], 0, 1)
        await world.eventually(1)
        await lane.stop()

    assert lives(story).happened[-1] == "closed"


def test_a_group_that_was_not_told_of_the_last_batches_is_told_by_the_next_owner(lives: Lives) -> None:
    """The worker before committed them, and was killed."""

    async def story(world: World) -> None:
        world.changelog = [[Row(b"", b'{"next_offset": 7, "clock": 0, "settings": {}}', None)]]
        world.group_offset = 5
        lane = await world.begun()
        await lane.stop()

    assert lives(story).told == [7]


def test_a_batch_is_one_commit_of_outputs_rows_and_offset(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        records = [came(0, BookLent(book="dune", due=minutes(5))), came(3, BookReturned(book="dune"), minutes(6))]
        lane.feed(records, 0, 5)
        await world.eventually(1)
        await lane.stop()
        assert world.committed_records == 2

    (commit,) = lives(story).commits
    assert [output.topic for output in commit.outputs] == ["facts", "alerting", "alerting"]
    assert commit.next_offset == 4
    keys = [row.key for row in commit.rows]
    assert len(keys) == len(set(keys))
    assert keys[-1] == b""


def test_while_a_transaction_is_in_flight_the_queue_grows_and_the_next_takes_all_of_it(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        world.gate.clear()
        for n in range(5):
            lane.feed(returned(n), n, n + 1)
            await asyncio.sleep(0)
        world.gate.set()
        await world.eventually(2)
        await lane.stop()

    assert [commit.next_offset for commit in lives(story).commits] == [1, 5]


def test_a_transaction_has_a_largest_size(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, batch_records=2)
        lane.feed(returned(*range(5)), 0, 5)
        await world.eventually(3)
        await lane.stop()

    assert [commit.next_offset for commit in lives(story).commits] == [2, 4, 5]


def test_a_large_batch_lets_the_other_lanes_go_on(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        lane.feed(returned(*range(2 * SLICE + 50)), 0, 2 * SLICE + 50)
        turns = 0
        while not world.commits:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= 3
        await lane.stop()

    lives(story)


def test_a_batch_whose_time_is_up_is_committed_and_the_rest_comes_next(lives: Lives) -> None:
    """Slow rules must not keep a transaction, and whoever waits for its outputs, for ever."""

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, batch_seconds=0.0)
        lane.feed(returned(*range(SLICE + 50)), 0, SLICE + 50)
        while not world.commits or world.commits[-1].next_offset != SLICE + 50:
            await world.eventually(len(world.commits) + 1)
        await lane.stop()
        assert world.committed_records == SLICE + 50
        assert lane.queued == 0

    commits = lives(story).commits
    assert commits[0].next_offset == SLICE
    ids = [row.key for commit in commits for row in commit.rows if row.key.startswith(b"\x1fseen")]
    assert len(ids) == len(commits), "each event was applied once"


def test_a_record_is_sent_on_to_the_partition_that_its_key_belongs_in(lives: Lives) -> None:
    members = [f"member/{n}" for n in range(8)]

    async def story(world: World) -> None:
        lane = await world.begun(recorded=False)
        lane.feed([came(n, BookReturned(book="dune"), member=member) for n, member in enumerate(members)], 0, 8)
        await world.eventually(1)
        await lane.stop()

    (commit,) = lives(story).commits
    homes = {member.encode(): partition_of(member.encode(), PARTITIONS) for member in members}
    strangers = {key: home for key, home in homes.items() if home != INBOX.partition}
    assert {output.key: output.partition for output in commit.outputs} == strangers
    assert {output.topic for output in commit.outputs} == {"events.library"}


# The end


def test_stopping_finishes_what_is_in_flight_and_leaves_what_is_queued(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        world.gate.clear()
        lane.feed(returned(0), 0, 1)
        while lane.queued:
            await asyncio.sleep(0)
        lane.feed(returned(1), 1, 2)
        stopping = asyncio.create_task(lane.stop())
        await asyncio.sleep(0)
        world.gate.set()
        await stopping
        assert not lane.ready

    world = lives(story)
    assert [commit.next_offset for commit in world.commits] == [1]
    assert world.happened[-1] == "closed"


def test_a_large_batch_ends_early_when_the_lane_is_to_stop(lives: Lives) -> None:
    """What was applied is committed; the rest is as if it had never been fetched."""

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        lane.feed(returned(*range(5 * SLICE)), 0, 5 * SLICE)
        while lane._progress.applied < SLICE:
            await asyncio.sleep(0)
        await lane.stop()
        (commit,) = world.commits
        assert commit.next_offset is not None
        assert SLICE <= commit.next_offset < 5 * SLICE
        assert commit.next_offset + lane.queued == 5 * SLICE
        assert lane.fold is not None
        assert lane.fold.next_offset == commit.next_offset

    lives(story)


def test_while_one_record_lets_many_deadlines_pass_other_lanes_go_on_and_it_is_done_as_a_whole(lives: Lives) -> None:
    """A hundred thousand invoices fall overdue at one tick: longer than the watchdog waits for the event loop."""
    many = 5 * SLICE

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        lane.feed([came(n, BookLent(book=f"book {n}", due=minutes(1))) for n in range(many)], 0, many)
        while not world.commits or world.commits[-1].next_offset != many:
            await asyncio.sleep(0)
        before = lane._progress.applied
        lane.feed([came(many, BookReturned(book="dune"), minutes(5))], many, many + 1)
        while lane._progress.applied == before:
            await asyncio.sleep(0)
        assert lane._fold is not None
        assert lane._fold.next_offset == many, "others have their turn while it is not done"
        await lane.stop()

    commit = lives(story).commits[-1]
    assert commit.next_offset == many + 1
    assert len([output for output in commit.outputs if output.topic == "facts"]) == many


def test_a_lane_that_still_restores_is_given_up_at_once(lives: Lives) -> None:
    async def story(world: World) -> None:
        asked = asyncio.Event()

        async def for_ever(tp: object) -> int | None:
            asked.set()
            await asyncio.Event().wait()
            return None

        lane = world.lane(committed=for_ever)
        lane.start(never)
        await asked.wait()
        async with asyncio.timeout(60):
            await lane.stop()
        assert lane.fold is None

    assert lives(story).happened[-1] == "closed"


def test_a_lane_that_never_began_can_be_stopped(lives: Lives) -> None:
    async def story(world: World) -> None:
        await world.lane().stop()

    lives(story)


def test_an_idle_lane_can_be_stopped(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun()
        await lane.stop()
        await lane.stop()

    world = lives(story)
    assert (world.commits, world.happened.count("closed")) == ([], 1)


def test_a_transaction_that_fails_ends_the_lane_and_is_told(lives: Lives) -> None:
    failures = Failures()

    async def story(world: World) -> None:
        lane = world.lane(REPLAY)
        lane.start(failures)
        await world.ready.wait()
        world.refuses = RuntimeError("fenced")
        lane.feed(returned(0), 0, 1)
        await failures.some.wait()
        assert not lane.ready
        assert world.committed_records == 0
        await lane.stop()

    assert lives(story).happened[-1] == "closed"
    assert [str(error) for error in failures] == ["fenced"]


def test_a_failure_is_told_of_though_the_lane_is_stopped_while_it_ends(
    lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebalance often follows a failure at once; the worker must end all the same."""
    failures = Failures()

    async def story(world: World) -> None:
        lane = world.lane(REPLAY)
        closing, may_close = asyncio.Event(), asyncio.Event()

        async def slowly() -> None:
            closing.set()
            await may_close.wait()
            world.happened.append("closed")

        monkeypatch.setattr(lane._outbox, "close", slowly)
        lane.start(failures)
        await world.ready.wait()
        world.refuses = RuntimeError("fenced")
        lane.feed(returned(0), 0, 1)
        await closing.wait()
        stopping = asyncio.create_task(lane.stop())
        await asyncio.sleep(0)
        may_close.set()
        await stopping
        assert lane.fold is None

    assert lives(story).happened[-1] == "closed"
    assert [str(error) for error in failures] == ["fenced"]


def test_a_lane_that_cannot_fence_reads_nothing_and_is_told(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = Failures()

    async def story(world: World) -> None:
        lane = world.lane()

        async def refused() -> None:
            raise RuntimeError("no broker")

        monkeypatch.setattr(lane._outbox, "open", refused)
        lane.start(failures)
        await failures.some.wait()
        await lane.stop()

    assert lives(story).happened == ["closed"]
    assert [str(error) for error in failures] == ["no broker"]


# Dead letters


def test_too_many_dead_letters_end_the_lane_before_anything_is_committed(lives: Lives) -> None:
    failures = Failures()

    async def story(world: World) -> None:
        lane = world.lane(REPLAY, dead_letter_window=4, dead_letter_share=0.5)
        lane.start(failures)
        await world.ready.wait()
        lane.feed([garbage(n) for n in range(3)], 0, 3)
        await failures.some.wait()

    assert lives(story).commits == []
    assert [type(error) for error in failures] == [TooManyDeadLetters]


def test_a_few_dead_letters_are_committed_with_the_rest(lives: Lives, caplog: pytest.LogCaptureFixture) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, dead_letter_window=4, dead_letter_share=0.5)
        lane.feed([garbage(0), garbage(1), *returned(*range(2, 8)), garbage(8), garbage(9)], 0, 10)
        await world.eventually(1)
        await lane.stop()

    (commit,) = lives(story).commits
    assert [output.topic for output in commit.outputs] == [DEAD_LETTERS] * 4
    assert "4 dead letters, the first at offset 0: " in caplog.text


def test_what_is_logged_of_a_lane_says_which_in_fields_of_its_own(
    lives: Lives, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        world.group_offset = 9
        lane = await world.begun(REPLAY)
        lane.feed([garbage(0)], 0, 1)
        await world.eventually(1)
        await lane.stop()

    ours = {"processors.engine.lane", "processors.engine.batches"}
    caplog.set_level(logging.DEBUG, "processors.engine")
    lives(story)
    said = [vars(record) for record in caplog.records if record.name in ours]
    assert {record["name"] for record in said} == ours
    where = {(r["processor"], r["topic"], r["partition"]) for r in said}
    assert where == {("library", INBOX.topic, INBOX.partition)}


# A row too large for the changelog


def too_large(offset: int) -> Any:
    """A reservation whose row no changelog takes: the book's name is its entry, and the instant its content."""
    return came(offset, BookReserved(book="x" * (MAX_ROW_BYTES - 30), until=minutes(60)))


def buried(outputs: list[Output]) -> list[tuple[bytes | None, bytes | None]]:
    """Offset and exception of each dead letter."""
    headers = [dict(output.headers) for output in outputs if output.topic == DEAD_LETTERS]
    return [(each[DeadLetterHeaders.OFFSET], each[DeadLetterHeaders.EXCEPTION]) for each in headers]


def test_a_row_too_large_hurts_only_its_own_record(lives: Lives) -> None:
    lent = [came(n, BookLent(book=f"book {n}", due=minutes(n + 5))) for n in (0, 1, 3, 4)]

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        lane.feed([*lent[:2], too_large(2), *lent[2:]], 0, 5)
        await world.eventually(1)
        assert lane._fold is not None
        assert set(lane._fold.states()[MEMBER].loans) == {"book 0", "book 1", "book 3", "book 4"}  # type: ignore[attr-defined]
        assert world.committed_records == 5
        await lane.stop()

    (commit,) = lives(story).commits
    assert buried(commit.outputs) == [(b"2", b"processors.row.RowTooLarge")]
    assert commit.next_offset == 5
    assert all(len(row.key) + len(row.value or b"") <= MAX_ROW_BYTES for row in commit.rows)


def test_a_row_that_cannot_be_written_hurts_only_its_own_record(lives: Lives) -> None:
    """A rule that names a row as UTF-8 cannot must not end its worker again and again."""

    def careless(member: Member, event: Event, at: datetime) -> Step[Member]:
        cursed = isinstance(event, BookReturned) and event.book == "cursed"
        return Step(member.awaits("\ud800", minutes(60)) if cursed else member.awaits("soon", minutes(60)))

    async def story(world: World) -> None:
        world.processor = replace(library, aggregates={"member": Aggregate(Member, careless)})
        lane = await world.begun(REPLAY)
        lane.feed([*returned(0), came(1, BookReturned(book="cursed")), *returned(2)], 0, 3)
        await world.eventually(1)
        assert lane._fold is not None
        assert set(lane._fold.states()[MEMBER].deadlines) == {"soon"}
        await lane.stop()

    (commit,) = lives(story).commits
    assert buried(commit.outputs) == [(b"1", b"builtins.UnicodeEncodeError")]
    assert commit.next_offset == 3


def test_nothing_of_a_batch_that_is_done_again_is_there_twice(lives: Lives) -> None:
    """The first try let a deadline pass, saw ids and counted: all of that is taken back."""

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        lane.feed([came(0, BookLent(book="dune", due=minutes(5)))], 0, 1)
        await world.eventually(1)
        lane.feed([came(1, BookReturned(book="emma"), minutes(6)), garbage(2), too_large(3)], 1, 4)
        await world.eventually(2)
        assert lane._fold is not None
        counts = dict(lane._fold.counts)
        assert {what: n for what, n in counts.items() if n} == {"records": 4, "deadlines": 1, "dead letters": 2}
        await lane.stop()

    again = lives(story).commits[1]
    assert [output.topic for output in again.outputs] == ["facts", "alerting", DEAD_LETTERS, DEAD_LETTERS]
    assert [offset for offset, _ in buried(again.outputs)] == [b"2", b"3"]
    keys = [row.key for row in again.rows]
    assert len(keys) == len(set(keys))


def test_batches_after_one_that_was_done_again_are_not_weighed_step_by_step(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY)
        assert lane._fold is not None
        for n in (0, 2):
            lane.feed([too_large(n)], n, n + 1)
            await world.eventually(n + 1)
            assert not lane._fold.weighs
            lane.feed(returned(n + 1), n + 1, n + 2)
            await world.eventually(n + 2)
        await lane.stop()

    assert [len(buried(commit.outputs)) for commit in lives(story).commits] == [1, 0, 1, 0]


def test_a_full_lane_of_one_record_has_room_when_that_is_gone(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, queue_records=1)
        lane.feed(returned(0), 0, 1)
        await world.eventually(1)
        await lane.stop()
        assert not lane.full

    lives(story)


def test_dead_letters_of_a_batch_that_is_done_again_count_once(lives: Lives) -> None:
    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, dead_letter_window=10, dead_letter_share=0.5)
        lane.feed([garbage(0), garbage(1), garbage(2), too_large(3), *returned(*range(4, 10))], 0, 10)
        await world.eventually(1)
        await lane.stop()

    assert len(buried(lives(story).commits[0].outputs)) == 4


def test_a_record_that_lets_many_deadlines_fail_is_one_dead_record(lives: Lives) -> None:
    here = [m for m in (f"member/{n}" for n in range(100)) if partition_of(m.encode(), PARTITIONS) == INBOX.partition]

    async def story(world: World) -> None:
        lane = await world.begun(REPLAY, dead_letter_window=4, dead_letter_share=0.5)
        haunted = [came(n, BookLent(book="haunted", due=minutes(1)), member=m) for n, m in enumerate(here[:4])]
        lane.feed([*haunted, came(4, BookReturned(book="emma"), minutes(5))], 0, 5)
        await world.eventually(1)
        await lane.stop()

    assert len(buried(lives(story).commits[0].outputs)) == 4
