"""Ids seen: what was applied is known for a while, however often it is written, taken back and read again."""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from processors.row import MAX_ROW_BYTES
from processors.seen import Seen
from processors.shelf import Shelf
from tests.unit.core.shelves import EVERY_SHELF

Make = Callable[[Path], Shelf]
Chunks = list[tuple[str, bytes | None]]


@pytest.fixture
def seen(make: Make, tmp_path: Path) -> Seen:
    return make(tmp_path).seen


def known(seen: Seen, events: Iterable[str] = "abcdef") -> str:
    return "".join(event for event in events if event in seen)


def left(chunks: Chunks) -> Chunks:
    """What compaction leaves."""
    return [(entry, value) for entry, value in dict(chunks).items() if value is not None]


def reads(seen: Seen, chunks: Chunks) -> Seen:
    for entry, value in chunks:
        seen.load(entry, value)
    return seen


@EVERY_SHELF
def test_what_was_added_is_known_until_its_minute_is_forgotten(seen: Seen) -> None:
    seen.add("a", 1)
    seen.add("b", 2)
    seen.expire(1)
    assert known(seen) == "ab"
    seen.expire(2)
    assert known(seen) == "b"
    seen.expire(3)
    assert known(seen) == ""


@EVERY_SHELF
def test_what_is_forgotten_may_be_seen_anew(seen: Seen) -> None:
    seen.add("a", 1)
    seen.expire(2)
    seen.add("a", 5)
    assert known(seen) == "a"
    seen.expire(5)
    assert known(seen) == "a"


@EVERY_SHELF
def test_the_ids_of_a_batch_are_one_row_for_each_minute(seen: Seen) -> None:
    for event, minute in [("a", 1), ("b", 1), ("c", 2)]:
        seen.add(event, minute)
    assert seen.take(17) == [("1.17.0", b'["a","b"]'), ("2.17.0", b'["c"]')]
    assert seen.take(18) == []


@EVERY_SHELF
def test_a_minute_that_is_forgotten_takes_all_its_rows_along(seen: Seen) -> None:
    for n, event in enumerate("abc"):
        seen.add(event, 1)
        seen.take(n)
    seen.expire(2)
    assert sorted(seen.take(9)) == [("1.0.0", None), ("1.1.0", None), ("1.2.0", None)]


@EVERY_SHELF
def test_what_came_and_went_within_a_batch_is_never_written(seen: Seen) -> None:
    seen.add("a", 1)
    seen.expire(2)
    assert seen.take(1) == []


@EVERY_SHELF
def test_a_batch_that_is_taken_back_has_seen_nothing_and_forgotten_nothing(seen: Seen) -> None:
    seen.add("a", 1)
    seen.take(1)
    seen.add("b", 1)
    seen.add("c", 7)
    seen.expire(7)
    seen.forget_new()
    assert known(seen) == "a"
    assert seen.take(2) == []


@EVERY_SHELF
def test_what_was_forgotten_and_seen_anew_in_a_batch_that_is_taken_back_is_known_as_before(seen: Seen) -> None:
    seen.add("a", 1)
    seen.take(1)
    seen.expire(2)
    seen.add("a", 5)
    seen.forget_new()
    assert known(seen) == "a"
    seen.expire(2)
    assert known(seen) == "", "it is of its old minute again"


@EVERY_SHELF
def test_a_restart_knows_what_was_written_and_when_to_forget_it(make: Make, seen: Seen, tmp_path: Path) -> None:
    chunks: Chunks = []
    for n, (event, minute) in enumerate([("a", 1), ("b", 1), ("c", 4)]):
        seen.add(event, minute)
        chunks += seen.take(n)
    again = reads(make(tmp_path / "again").seen, chunks)
    assert known(again) == "abc"
    again.expire(2)
    assert known(again) == "c"
    assert sorted(again.take(9)) == [("1.0.0", None), ("1.1.0", None)]


@EVERY_SHELF
def test_an_id_seen_anew_outlives_the_row_in_which_it_was_seen_first(make: Make, seen: Seen, tmp_path: Path) -> None:
    seen.add("a", 1)
    chunks = seen.take(1)
    seen.expire(2)
    seen.add("a", 5)
    chunks += seen.take(2)
    for n, log in enumerate((chunks, left(chunks))):
        again = reads(make(tmp_path / f"again-{n}").seen, log)
        assert known(again) == "a"
        again.expire(5)
        assert known(again) == "a"
        again.expire(6)
        assert known(again) == ""


@EVERY_SHELF
@pytest.mark.parametrize(
    ("entry", "value"), [("yesterday.0.0", b"[]"), ("", b"[]"), ("1.0.0", b"{}"), ("1.0.0", b"[1]"), ("1.0.0", b"a")]
)
def test_a_row_that_is_no_chunk_of_ids_is_refused(seen: Seen, entry: str, value: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        seen.load(entry, value)


LETTERS = st.sampled_from(["a", "ä", "Я", "書", "😀", '"', "\\", "\x01"])


@EVERY_SHELF
@settings(max_examples=15, deadline=None)
@given(letter=LETTERS, length=st.integers(1, 1_500), many=st.integers(1, 2_000))
def test_ids_lie_in_rows_that_a_changelog_takes_whatever_they_are_written_with(
    make: Make, letter: str, length: int, many: int
) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        seen = make(Path(one)).seen
        events = [f"{n}{letter * length}" for n in range(many)]
        for event in events:
            seen.add(event, 1)
        chunks = seen.take(1)
        assert max(len(entry) + len(value or b"") for entry, value in chunks) <= MAX_ROW_BYTES
        again = reads(make(Path(other)).seen, chunks)
        assert all(event in again for event in events)


class Model(RuleBasedStateMachine):
    """What is known is what a dict of event → minute would know, and what was written of it comes back."""

    make: Make

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.opened = 0
        self.open()
        self.clock = self.kept_clock = 0
        self.minutes: dict[str, int] = {}
        self.kept: dict[str, int] = {}
        self.written: Chunks = []
        self.offset = 0

    def open(self) -> None:
        self.opened += 1
        self.shelf = self.make(Path(self.directory.name) / str(self.opened))
        self.seen = self.shelf.seen

    def teardown(self) -> None:
        self.shelf.close()
        self.directory.cleanup()

    @rule(event=st.sampled_from("abc"))
    def sees(self, event: str) -> None:
        if event not in self.minutes:
            self.seen.add(event, self.clock)
            self.minutes[event] = self.clock

    @rule(by=st.integers(1, 3), window=st.integers(0, 3))
    def time_passes(self, by: int, window: int) -> None:
        self.clock += by
        self.seen.expire(self.clock - window)
        self.minutes = {event: m for event, m in self.minutes.items() if m >= self.clock - window}

    @rule()
    def commits(self) -> None:
        self.offset += 1
        self.written += self.seen.take(self.offset)
        self.shelf.commit(self.offset)
        self.kept, self.kept_clock = dict(self.minutes), self.clock

    @rule()
    def rolls_back(self) -> None:
        self.seen.forget_new()
        self.minutes, self.clock = dict(self.kept), self.kept_clock

    @precondition(lambda self: self.written)
    @rule(compacted=st.booleans())
    def restarts(self, compacted: bool) -> None:
        self.shelf.close()
        self.open()
        reads(self.seen, left(self.written) if compacted else self.written)
        self.shelf.commit(self.offset)
        self.minutes, self.clock = dict(self.kept), self.kept_clock

    @invariant()
    def knows_what_it_should(self) -> None:
        assert known(self.seen) == "".join(sorted(self.minutes))


@EVERY_SHELF
def test_seen_is_a_dict_of_minutes(make: Make) -> None:
    of_this = type("OfThis", (Model,), {"make": staticmethod(make)})
    run_state_machine_as_test(of_this, settings=settings(max_examples=200, stateful_step_count=25, deadline=None))
