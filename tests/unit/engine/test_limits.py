"""The dead-letter limit: a few bad records are theirs, many are ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.limits import DeadLetterLimit, TooManyDeadLetters


def noted(limit: DeadLetterLimit, *dead: bool, after: int = 0) -> bool:
    """Whether the limit lets all of these records pass, which come after so many good ones."""
    try:
        for number, each in enumerate(dead, after + 1):
            if each:
                limit.note(number)
    except TooManyDeadLetters:
        return False
    return True


def test_up_to_its_share_of_the_window_records_may_be_dead() -> None:
    limit = DeadLetterLimit(10, 0.5)
    assert noted(limit, *[True] * 5)
    assert not noted(limit, True, after=5)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    limit = DeadLetterLimit(4, 0.5)
    assert noted(limit, *[True, True, False, False] * 25)
    assert not noted(limit, True, True, True, after=100)


def test_a_million_good_records_in_between_make_no_difference() -> None:
    limit = DeadLetterLimit(4, 0.5)
    assert noted(limit, True, True)
    assert noted(limit, True, True, after=1_000_000)
    assert not noted(limit, True, after=1_000_002)


def test_it_says_how_many_and_what_to_do() -> None:
    limit = DeadLetterLimit(4, 0.5)
    assert noted(limit, True, True)
    with pytest.raises(TooManyDeadLetters, match=r"^3 of the last 3 records could not be read or applied; nothing of"):
        limit.note(3)


def test_it_says_how_many_of_the_window_when_that_is_full() -> None:
    limit = DeadLetterLimit(4, 0.5)
    assert noted(limit, True, True, after=100)
    with pytest.raises(TooManyDeadLetters, match=r"^3 of the last 4 records"):
        limit.note(103)


def test_by_default_half_of_the_last_thousand() -> None:
    limit = DeadLetterLimit()
    assert noted(limit, *[True] * 500)
    assert not noted(limit, True, after=500)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_it_counts_what_lies_in_the_window(dead: list[bool], window: int, share: float) -> None:
    most = int(window * share)
    over = any(sum(dead[max(0, n - window) : n]) > most for n in range(1, len(dead) + 1))
    assert noted(DeadLetterLimit(window, share), *dead) != over


def test_a_record_counts_once_however_often_it_is_noted() -> None:
    limit = DeadLetterLimit(4, 0.5)
    for number in (1, 1, 1, 2, 2, 1):
        limit.note(number)
    with pytest.raises(TooManyDeadLetters, match=r"^3 of the last 3"):
        limit.note(3)
