"""Offsets are committed only past what is done, and a commit says what is open after it."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.notify.progress import Progress, Standing

NOTHING = Standing(-1)


def reading(*partitions: str, at: Standing = NOTHING) -> Progress[str]:
    progress: Progress[str] = Progress()
    progress.assigned(dict.fromkeys(partitions or ("p",), at))
    return progress


def taken(progress: Progress[str], offsets: Iterable[int]) -> list[int]:
    """Those that are news."""
    return [offset for offset in offsets if progress.take("p", offset)]


def test_the_oldest_under_way_holds_the_offset_and_those_after_it_are_not_forgotten() -> None:
    progress = reading()
    assert taken(progress, (5, 6, 9)) == [5, 6, 9]
    progress.done("p", 6)
    after_one = progress.take_commits()["p"]
    progress.done("p", 9)
    after_two = progress.take_commits()["p"]
    assert (after_one.offset, after_two.offset) == (5, 5)
    progress.done("p", 5)
    assert progress.take_commits() == {"p": Standing(10)}
    assert (progress.take_commits(), progress.outstanding) == ({}, 0)

    assert taken(reading(at=after_one), range(5, 12)) == [5, 9, 10, 11]
    assert taken(reading(at=after_two), range(5, 12)) == [5, 10, 11]


def test_a_partition_that_was_taken_away_is_committed_no_more() -> None:
    progress = reading("p", "q")
    progress.take("p", 1)
    progress.take("q", 1)
    assert progress.assigned({"q": NOTHING}) == ["p"]
    progress.done("p", 1)
    progress.done("q", 1)
    assert progress.take_commits() == {"q": Standing(2)}
    assert not progress.take("p", 2)


def test_a_partition_that_comes_back_as_we_left_it_goes_on_with_what_is_in_hand() -> None:
    progress = reading()
    taken(progress, (1, 2, 3))
    progress.done("p", 2)
    commits = progress.take_commits()
    progress.committed(commits)
    assert progress.assigned(commits) == []
    assert taken(progress, (1, 2, 3, 4)) == [4], "fetched again, and in hand already"
    progress.done("p", 1)
    progress.done("p", 3)
    progress.done("p", 4)
    assert progress.take_commits() == {"p": Standing(5)}


def test_so_does_one_whose_last_commit_was_refused_or_not_answered() -> None:
    progress = reading()
    taken(progress, (1, 2))
    progress.done("p", 1)
    progress.not_committed(progress.take_commits())
    assert progress.assigned({"p": NOTHING}) == []
    assert taken(progress, (1, 2)) == []
    commits = progress.take_commits()
    assert progress.assigned(commits) == []


def test_a_partition_in_which_somebody_else_went_on_begins_anew() -> None:
    progress = reading()
    taken(progress, (1, 2, 3))
    assert progress.assigned({"p": Standing(3)}) == ["p"]
    assert not progress.is_open("p", 1)
    assert taken(progress, (3, 4)) == [3, 4]


def test_a_record_that_is_not_on_the_log_any_more_is_not_waited_for() -> None:
    progress = reading()
    taken(progress, (1, 2, 3, 4))
    progress.done("p", 2)
    again = reading(at=progress.take_commits()["p"])
    assert taken(again, (3, 4)) == [3, 4]
    again.done("p", 3)
    again.done("p", 4)
    assert again.take_commits() == {"p": Standing(5)}


def test_a_note_that_cannot_be_read_makes_all_after_it_open(caplog: pytest.LogCaptureFixture) -> None:
    assert taken(reading(at=Standing(3, "2 of a later version")), (3, 4, 5)) == [3, 4, 5]
    assert "all notices from offset 3 on count as open" in caplog.text


@given(st.sets(st.integers(0, 50), min_size=1).map(sorted), st.data())
def test_nothing_under_way_is_ever_passed_and_nothing_done_ever_comes_again(
    offsets: list[int], data: st.DataObject
) -> None:
    progress = reading()
    taken(progress, offsets)
    under_way = set(offsets)
    for offset in data.draw(st.permutations(offsets)):
        progress.done("p", offset)
        under_way.remove(offset)
        committed = progress.take_commits()["p"]
        assert all(committed.offset <= each for each in under_way)
        assert set(taken(reading(at=committed), [o for o in offsets if o >= committed.offset])) == under_way
    assert progress.outstanding == 0


@given(st.data())
def test_over_any_number_of_crashes_each_record_is_dealt_with_once(data: st.DataObject) -> None:
    """A crash right after a commit; in between, what is done and not committed may come again."""
    log, standing, dealt_with = range(1, 40, 2), NOTHING, list[int]()
    for _ in range(6):
        progress = reading(at=standing)
        in_hand = taken(progress, [o for o in log if o >= max(standing.offset, 0)])
        done = data.draw(st.lists(st.sampled_from(in_hand), unique=True)) if in_hand else []
        for offset in done:
            progress.done("p", offset)
        dealt_with += done
        standing = progress.take_commits().get("p", standing)
    assert len(set(dealt_with)) == len(dealt_with)
