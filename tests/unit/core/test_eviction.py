"""Eviction: what is decoded is a matter of memory, and of nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import collection, store
from processors.fold import Fold
from processors.records import Output
from processors.row import Row
from tests.unit.core.library import BookLent, BookReserved, Desk, DoorOpened, all_known, library, minutes
from tests.unit.core.stories import CUTS, STORIES, Moment, batches, opened, said_by, uninterrupted, written


def decoded(fold: Fold) -> set[str]:
    return {*fold.store._hot, *fold.store._cooling}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk that keeps two keys and two rows of a collection decoded."""
    monkeypatch.setattr(store, "HOT_KEYS", 2)
    monkeypatch.setattr(collection, "HOT_ROWS", 2)
    return Desk()


def test_keys_that_nobody_touches_are_put_away_and_come_back(small: Desk) -> None:
    for n in range(30):
        small.hears(DoorOpened(), f"room/{n}")
        small.fold.take_changes()
    assert len(decoded(small.fold)) <= 2 * (2 + 1), "at most twice as many as are to be kept, and the last"
    small.hears(DoorOpened(), "room/0")
    assert getattr(small.fold.states()["room/0"], "visitors", 0) == 2


def test_a_key_that_is_touched_again_and_again_stays(small: Desk) -> None:
    small.hears(DoorOpened(), "room/busy")
    busy = small.fold.store.entity("room/busy")
    for n in range(30):
        small.hears(DoorOpened(), f"room/{n}")
        small.hears(DoorOpened(), "room/busy")
        small.fold.take_changes()
    assert small.fold.store.entity("room/busy") is busy


def test_a_key_that_has_changed_stays_until_the_commit(small: Desk) -> None:
    for n in range(10):
        small.hears(DoorOpened(), f"room/{n}")
    assert len(decoded(small.fold)) == 10
    assert len(small.fold.states()) == 10


def test_one_key_with_many_rows_does_not_keep_them_all_decoded(small: Desk) -> None:
    """As alerting has it, whose every alert lies under one key."""
    for n in range(30):
        small.hears(BookReserved(book=f"b{n}", until=minutes(60)))
        small.fold.take_changes()
    assert len(small.fold.store.entity("member/ada").collections["reserved"]._hot) <= 2
    assert len(small.member().reserved) == 30


def test_a_deadline_of_a_key_that_was_put_away_passes(small: Desk) -> None:
    for n in range(10):
        small.hears(BookLent(book="dune", due=minutes(10)), f"member/{n}")
        small.fold.take_changes()
    plain = Desk(Fold(library))
    for n in range(10):
        plain.hears(BookLent(book="dune", due=minutes(10)), f"member/{n}")
    assert small.ticks(minutes(200)) == plain.ticks(minutes(200)) != []


@settings(max_examples=150, deadline=None)
@given(STORIES, CUTS, st.integers(0, 2), st.integers(0, 2))
def test_how_much_is_kept_decoded_changes_nothing(story: list[Moment], cuts: list[int], keys: int, rows: int) -> None:
    log = written(story)
    expected, through = uninterrupted(log)
    fold, outputs, changes = opened(), list[Output](), list[Row]()
    unevicted = opened()
    wanted = list[Row]()
    with pytest.MonkeyPatch.context() as patch:
        for begin, end in batches(cuts, len(log)):
            patch.setattr(store, "HOT_KEYS", keys)
            patch.setattr(collection, "HOT_ROWS", rows)
            outputs += said_by(fold, log[begin:end])
            changes += fold.take_changes()
            patch.undo()
            said_by(unevicted, log[begin:end])
            wanted += unevicted.take_changes()
    assert outputs == expected
    assert changes == wanted, "the same rows in the same order"
    assert all_known(fold) == all_known(through)
