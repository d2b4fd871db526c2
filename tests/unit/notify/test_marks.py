"""What a commit says of open records is read again as it was; what has no room counts as open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.notify.marks import LONGEST_NOTE, BadNote, Marks, note, read

OFFSETS = st.sets(st.integers(0, 3000) | st.integers(0, 2**40), max_size=300).map(sorted)


@given(OFFSETS, st.integers(0, 1000))
def test_what_was_open_is_read_again(offsets: list[int], beyond: int) -> None:
    position = (offsets[-1] + 1 if offsets else 0) + beyond
    marks = Marks(tuple(offsets), position)
    assert read(marks.offset, note(offsets, position)) == marks


def test_nothing_open_needs_no_note() -> None:
    assert note((), 5) == ""
    assert read(5, "") == Marks((), 5)


def test_a_thousand_that_wait_among_thousands_that_are_done_fit() -> None:
    waiting = range(5, 16_000 * 1000, 16_000)
    said = note(waiting, 16_000_001)
    assert len(said) <= LONGEST_NOTE
    assert read(5, said).open == tuple(waiting)


@given(st.integers(1000, 30_000), st.integers(2, 40_000))
def test_what_has_no_room_counts_as_open(count: int, gap: int) -> None:
    waiting = range(7, 7 + count * gap, gap)
    said = note(waiting, waiting[-1] + 1)
    assert len(said) <= LONGEST_NOTE
    found = read(7, said)
    assert found.open == tuple(waiting[: len(found.open)])
    assert found.position <= waiting[-1] + 1
    left = waiting[len(found.open) :]
    assert not left or found.position == left[0], "nothing that is open counts as done"


@pytest.mark.parametrize("text", ["2abc", "1\x00", "1~~~~~~~~", "1" + "0" * 5, "hello"])
def test_what_is_not_ours_is_said_so(text: str) -> None:
    with pytest.raises(BadNote):
        read(0, text)


@given(st.text(max_size=60))
def test_whatever_stands_there_is_read_or_refused(text: str) -> None:
    try:
        found = read(0, text)
    except BadNote:
        return
    assert list(found.open) == sorted(set(found.open))
