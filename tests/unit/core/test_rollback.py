"""Rollback: what happened since the last commit has not happened, whatever happens instead."""

import re
from datetime import timedelta

import pytest

from processors.collection import UnreadableRow
from processors.fold import Fold
from processors.row import Row, row_key
from tests.unit.core.library import (
    BookLent,
    BookReserved,
    BookReturned,
    Desk,
    DoorOpened,
    ReservationWithdrawn,
    all_known,
    known_keys,
    library,
    minutes,
    restarted,
)

WEEK = 7 * 24 * 60
"""In minutes."""


def committed(desk: Desk) -> Desk:
    """What it heard so far is for good."""
    desk.fold.take_changes()
    return desk


def rolled_back(desk: Desk) -> Desk:
    """What it heard since the commit is not: the log is read again from there."""
    desk.fold.rollback()
    del desk.log[desk.fold.next_offset :]
    return desk


def visitors(desk: Desk) -> int:
    return getattr(desk.fold.states().get("room/1"), "visitors", 0)


def test_nothing_is_left_of_a_batch_that_was_taken_back() -> None:
    desk = committed(Desk())
    before = all_known(desk.fold)
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.told(fine=7)
    desk.ticks(minutes(11))
    assert rolled_back(desk).fold.counts == {}
    assert all_known(desk.fold) == before
    assert known_keys(desk.fold) == []
    assert [row.key for row in desk.fold.take_changes()] == [b""]


def test_what_was_committed_stays() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    before = all_known(committed(desk).fold)
    desk.at(minutes(5)).hears(BookReturned(book="dune"))
    assert all_known(rolled_back(desk).fold) == before


def test_a_deadline_that_passed_passes_again_with_the_same_words() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    said = committed(desk).ticks(minutes(200))
    assert len(said) > 4
    assert rolled_back(desk).ticks(minutes(200)) == said


def test_a_deadline_that_was_dropped_and_whose_instant_went_by_is_waited_for_again() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    committed(desk).hears(BookReturned(book="dune"))
    desk.ticks(minutes(20))
    assert rolled_back(desk).ticks(minutes(20)) != []


def test_a_deadline_that_was_moved_is_waited_for_at_its_old_instant_again() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    committed(desk).hears(BookLent(book="dune", due=minutes(60)))
    assert desk.fold.store.agenda.earliest == minutes(60)
    assert rolled_back(desk).fold.store.agenda.earliest == minutes(10)
    assert desk.ticks(minutes(20)) != []


def test_an_entry_that_expired_is_back_and_expires_again() -> None:
    desk = Desk()
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    committed(desk).ticks(minutes(20))
    assert list(rolled_back(desk).member().reserved) == ["dune"]
    desk.ticks(minutes(20))
    assert desk.member().reserved == {}


@pytest.mark.parametrize("change", [ReservationWithdrawn(book="dune"), BookReserved(book="dune", until=minutes(60))])
def test_an_entry_that_was_withdrawn_or_prolonged_expires_as_it_would_have(change: BookReserved) -> None:
    desk = Desk()
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    committed(desk).hears(change)
    desk.ticks(minutes(20))
    assert list(rolled_back(desk).member().reserved) == ["dune"]
    desk.ticks(minutes(20))
    assert desk.member().reserved == {}


def test_an_id_seen_in_a_batch_that_was_taken_back_may_come_again() -> None:
    desk = committed(Desk())
    desk.hears(DoorOpened(), "room/1", id="d1")
    rolled_back(desk).hears(DoorOpened(), "room/1", id="d1")
    assert (visitors(desk), desk.fold.counts["duplicates"]) == (1, 0)


def test_an_id_that_was_forgotten_and_seen_anew_in_the_batch_is_known_again() -> None:
    """Else the second of the three would open the door when the batch is folded anew."""
    desk = Desk()
    desk.hears(DoorOpened(), "room/1", id="d1")
    committed(desk)
    for _ in range(2):
        rolled_back(desk).at(minutes(5)).hears(DoorOpened(), "room/1", id="d1")
        desk.at(minutes(WEEK + 5)).hears(DoorOpened(), "room/1", id="d1")
        assert (visitors(desk), desk.fold.counts["duplicates"]) == (2, 1)


def test_a_window_that_is_no_whole_number_of_minutes_is_the_same_after_a_restart_or_a_rollback() -> None:
    said = []
    for interruption in ("none", "restart", "rollback"):
        desk = Desk(Fold(library, seen_window=timedelta(seconds=90)))
        desk.hears(DoorOpened(), "room/1", id="d1")
        desk.ticks(minutes(2))
        changelog = desk.fold.take_changes()
        if interruption == "restart":
            desk.fold = restarted(desk.fold, changelog)
        if interruption == "rollback":
            desk.fold.rollback()
        desk.at(minutes(2.6)).hears(DoorOpened(), "room/1", id="d1")
        said.append(visitors(desk))
    assert said == [1, 1, 1]


def test_a_damaged_row_in_the_middle_of_a_batch_hurts_nothing_but_the_batch() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    rows = [*desk.fold.take_changes(), Row(row_key("member/bob", "loans", "dune"), b"[]", None)]
    fold = restarted(desk.fold, rows)
    before = all_known(restarted(desk.fold, rows[:-1]))
    desk.fold = fold
    desk.hears(BookReturned(book="dune"))
    with pytest.raises(UnreadableRow, match=re.escape("loans['dune'] of member/bob")):
        desk.hears(BookReturned(book="dune"), "member/bob")
    rolled_back(desk)
    assert (fold.next_offset, fold.clock, fold.store.agenda.earliest) == (1, minutes(0), minutes(10))
    assert desk.fold.given(fold.store.entity("member/ada")) == before["states"]["member/ada"]  # type: ignore[index]
    assert desk.ticks(minutes(11)) != []


def test_a_damaged_row_behind_a_deadline_leaves_the_deadline_waiting() -> None:
    fold = Fold(library)
    fold.restore(
        [
            Row(row_key("member/ada", "deadlines", "overdue/dune"), b'"2026-01-05T08:10:00Z"', None),
            Row(row_key("member/ada", "", ""), b"[]", None),
        ]
    )
    desk = Desk(fold)
    for _ in range(2):
        with pytest.raises(UnreadableRow, match="the root row of member/ada"):
            desk.ticks(minutes(11))
        rolled_back(desk)
        assert fold.store.agenda.next_at == minutes(10)
