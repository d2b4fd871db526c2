"""The agenda holds the nearest in memory and leaves the rest on the shelf: what passes, and when, is the same."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.agenda import EVERYTHING, Due
from processors.fold import Fold
from processors.records import Output
from processors.row import DEADLINES
from processors.shelf import MemoryShelf, Shelf
from tests.unit.core.library import (
    BookLent,
    BookReserved,
    BookReturned,
    Desk,
    DoorOpened,
    ReservationWithdrawn,
    held,
    library,
    minutes,
)
from tests.unit.core.shelves import SHELVES
from tests.unit.core.stories import (
    BOOKS,
    INSTANTS,
    STORIES,
    WINDOW,
    Moment,
    batches,
    said_by,
    uninterrupted,
    written,
)


class ShortSighted(MemoryShelf):
    """It is asked for a few things at a time, and counts what it was asked for."""

    def __init__(self, look_ahead: int = 2) -> None:
        super().__init__()
        self.look_ahead = look_ahead
        self.asked = 0

    def ahead(self, expiries: bool, after: Due | None, most: int) -> list[Due]:
        self.asked += 1
        return sorted(super().ahead(expiries, after, most))


def knows(fold: Fold) -> dict[str, object]:
    """All that can be asked of any shelf."""
    states = fold.states()
    return {
        "states": {key: held(state) for key, state in states.items()},
        "earliest": fold.store.agenda.earliest,
        "clock": fold.clock,
        "next offset": fold.next_offset,
    }


def lived(shelf: Shelf, story: list[Moment], cuts: list[int], lost: int, restarts: bool) -> tuple[list[Output], Fold]:
    """The story in batches, each of which is first taken back after so many records."""
    log, outputs = written(story), list[Output]()
    fold = Fold(library, seen_window=WINDOW, shelf=shelf)
    for begin, end in batches(cuts, len(log)):
        said_by(fold, log[begin : min(end, begin + lost)])
        fold.rollback()
        outputs += said_by(fold, log[begin:end])
        fold.take_changes()
        shelf.commit(end)
        if restarts:
            fold = Fold(library, seen_window=WINDOW, shelf=shelf)
            fold.loaded()
    return outputs, fold


BUSY = st.lists(
    st.builds(
        Moment,
        st.sampled_from([0, 0, 1, 10, 45]).map(lambda n: timedelta(minutes=n)),
        st.one_of(
            st.builds(BookLent, book=BOOKS, due=INSTANTS),
            st.builds(BookReserved, book=BOOKS, until=INSTANTS),
            st.builds(BookReturned, book=BOOKS),
            st.builds(ReservationWithdrawn, book=BOOKS),
        ),
        st.sampled_from(["member/ada", "member/bob", "member/cy"]),
    ),
    min_size=10,
    max_size=25,
)
"""So much is waited for at once that little of it is near."""
OFTEN = st.lists(st.integers(1, 25), min_size=3, max_size=8)


@settings(max_examples=150, deadline=None)
@given(BUSY, OFTEN, st.integers(0, 30), st.integers(1, 3), st.booleans())
def test_who_looks_ahead_a_little_sees_the_same_as_who_sees_everything(
    story: list[Moment], cuts: list[int], lost: int, look_ahead: int, restarts: bool
) -> None:
    outputs, fold = lived(ShortSighted(look_ahead), story, cuts, lost, restarts)
    expected, through = uninterrupted(written(story))
    assert outputs == expected
    assert knows(fold) == knows(through)


@settings(max_examples=30, deadline=None)
@given(BUSY | STORIES, OFTEN, st.integers(0, 30), st.integers(1, 3), st.booleans())
def test_a_shelf_on_disk_is_the_shelf_in_memory(
    story: list[Moment], cuts: list[int], lost: int, look_ahead: int, restarts: bool
) -> None:
    with TemporaryDirectory() as directory:
        shelf = SHELVES["rocksdb"](Path(directory))
        shelf.look_ahead = look_ahead  # type: ignore[misc]
        try:
            outputs, fold = lived(shelf, story, cuts, lost, restarts)
            expected, through = uninterrupted(written(story))
            assert outputs == expected
            assert knows(fold) == knows(through)
        finally:
            shelf.close()


MANY = 10_000


def lends(desk: Desk, first: int, last: int) -> None:
    """Books that are due one a minute, the earliest first."""
    for n in range(first, last):
        desk.hears(BookLent(book=f"{n:05}", due=minutes(n)), f"member/{n % 100}")


def held_in_memory(fold: Fold) -> int:
    """How much of what time will do lies in memory."""
    agenda = fold.store.agenda
    return sum(len(each._heap) + len(each._beyond) for each in (agenda._deadlines, agenda._expiries))


def test_what_lies_far_off_is_not_in_memory_once_it_is_on_the_shelf() -> None:
    desk = Desk(Fold(library, shelf=ShortSighted(50)))
    for n in range(1, MANY, 500):
        lends(desk, n, n + 500)
        assert held_in_memory(desk.fold) <= 500 + 2 * 50, "the batch at hand, and what is near"
        desk.fold.take_changes()
        assert held_in_memory(desk.fold) <= 2 * 50
    assert desk.fold.store.agenda.waiting == MANY
    assert desk.fold.store.agenda.earliest == minutes(1)


def test_what_is_moved_again_and_again_takes_no_room() -> None:
    """As the deadline of a device that is heard of every few seconds."""
    desk = Desk(Fold(library, shelf=ShortSighted(50)))
    for n in range(1, 2_000):
        desk.hears(BookLent(book="dune", due=minutes(10_000 + n)), f"member/{n % 40}")
        if n % 100 == 0:
            desk.fold.take_changes()
            assert held_in_memory(desk.fold) <= 2 * 50
    desk.fold.take_changes()
    assert desk.fold.store.agenda.earliest == minutes(10_000 + 2_000 - 40)
    assert desk.fold.store.agenda.waiting <= 2 * 50


def test_while_nothing_is_due_the_shelf_is_not_asked() -> None:
    shelf = ShortSighted(50)
    desk = Desk(Fold(library, shelf=shelf))
    lends(desk, 5_000, 7_000)
    desk.fold.take_changes()
    assert desk.fold.store.agenda.earliest == minutes(5_000)
    shelf.asked = 0
    for n in range(1_000):
        desk.at(minutes(n)).hears(DoorOpened(), "room/1")
        desk.fold.take_changes()
        assert desk.fold.store.agenda.earliest == minutes(5_000)
    assert shelf.asked == 0


def test_a_restart_looks_at_the_next_few_only() -> None:
    shelf = ShortSighted(50)
    desk = Desk(Fold(library, shelf=shelf))
    lends(desk, 1, 2_001)
    desk.fold.take_changes()
    shelf.asked = 0
    desk.fold = Fold(library, shelf=shelf)
    desk.fold.loaded()
    assert shelf.asked == 2, "once for deadlines, once for expiries"
    assert held_in_memory(desk.fold) == 50
    assert desk.fold.store.agenda.waiting == 2_000
    desk.ticks(minutes(2_001))
    assert desk.fold.counts["deadlines"] >= 2_000


def test_many_pass_in_one_go_and_each_piece_is_read_once() -> None:
    shelf = ShortSighted(50)
    desk = Desk(Fold(library, shelf=shelf))
    lends(desk, 1, 1_001)
    desk.fold.take_changes()
    shelf.asked = 0
    passed = [desk.fold.store.pop_due(minutes(1_001)) for _ in range(1_001)]
    assert [due and due.at for due in passed] == [*(minutes(n) for n in range(1, 1_001)), None]
    assert shelf.asked <= 1_000 // 50 + 2


@pytest.mark.parametrize("look_ahead", [1, 2, EVERYTHING])
def test_a_new_deadline_before_all_that_were_read_passes_first(look_ahead: int) -> None:
    desk = Desk(Fold(library, shelf=ShortSighted(look_ahead)))
    lends(desk, 10, 20)
    desk.fold.take_changes()
    desk.hears(BookLent(book="early", due=minutes(5)), "member/eve")
    desk.hears(BookLent(book="late", due=minutes(15)), "member/a")
    desk.hears(BookReserved(book="early", until=minutes(4)), "member/eve")
    assert desk.fold.store.agenda.next_at == minutes(4)
    due = [desk.fold.store.pop_due(minutes(16)) for _ in range(8)]
    assert [(d.key, d.at) for d in due if d] == [
        ("member/eve", minutes(5)),
        *((f"member/{n}", minutes(n)) for n in range(10, 15)),
        ("member/15", minutes(15)),
        ("member/a", minutes(15)),
    ]


def test_rows_of_a_kind_that_there_is_no_more_wait_for_nothing() -> None:
    """A directory on disk may hold what an earlier version of the rules has left."""
    shelf = MemoryShelf()
    shelf.put("planet/mars", DEADLINES, "eclipse", b'"2026-01-05T08:10:00Z"', None)
    shelf.put("member/ada", "dreams", "dune", b"1", minutes(5))
    desk = Desk(Fold(library, shelf=shelf))
    desk.fold.loaded()
    assert desk.fold.store.agenda.earliest is None
    assert desk.ticks(minutes(60)) == []
