"""What is recorded against what should be: each kind of difference is found, and equal things are equal."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.rebuilding.folding import Stand, in_turn, refold
from backoffice.rebuilding.standing import Rebuilt, differences, in_memory
from backoffice.rebuilding.streams import Expected, Log, digest, said_by
from processors.causing import Cause
from processors.fold import Fold
from processors.records import DEAD_LETTERS, Output, Record
from processors.row import Row, row_key
from processors.standing import META
from tests.unit.core.library import BookLent, CardLost, Desk, FinesPaid, library, minutes, through_the_changelog
from tests.unit.core.stories import STORIES, Moment, written

NUMBERS = st.integers(0, 9)


def expected(said: Iterable[int], log: Log = "whole", key: bytes = b"k") -> Expected:
    stream = Expected(log)
    for hashed in said:
        stream.says(key, hashed)
    return stream


def findings(stream: Expected, recorded: Iterable[int], newer: Iterable[int] = (), key: bytes = b"k") -> list[str]:
    found = [f for hashed in recorded for f in stream.meets(key, hashed, False)]
    found += [f for hashed in newer for f in stream.meets(key, hashed, True)]
    return [f"{f.kind} {f.nth}" if f.nth >= 0 else f.kind for f in (*found, *stream.ends())]


@pytest.mark.parametrize(
    ("log", "recorded", "newer", "found"),
    [
        ("whole", [1, 2, 3], [], []),
        ("whole", [1, 3], [], ["missing 1"]),
        ("whole", [1, 2], [], ["missing 2"]),
        ("whole", [1, 2, 9, 3], [], ["extra"]),
        ("whole", [1, 9, 3], [], ["extra", "missing 1"]),
        ("whole", [2, 1, 3], [], ["missing 0", "extra"]),
        ("whole", [1, 2, 3, 3], [], ["extra"]),
        ("whole", [1, 2, 3], [9], []),
        ("whole", [1, 2], [9], ["missing 2"]),
        ("cut", [2, 3], [], []),
        ("cut", [], [], []),
        ("cut", [2], [], ["missing 2"]),
        ("cut", [1, 3], [], ["missing 1"]),
        ("cut", [9, 2, 3], [], ["extra"]),
        ("compacted", [3], [], []),
        ("compacted", [1, 3], [], []),
        ("compacted", [1, 2], [], ["outdated 2"]),
        ("compacted", [], [], ["outdated 2"]),
        ("compacted", [3, 9], [], ["extra", "outdated 2"]),
        ("compacted", [1], [9], []),
        ("compacted", [], [9], []),
    ],
)
def test_what_is_recorded_of_one_two_three(log: Log, recorded: list[int], newer: list[int], found: list[str]) -> None:
    assert findings(expected([1, 2, 3], log), recorded, newer) == found


@given(st.lists(NUMBERS), st.data())
def test_a_record_put_in_or_left_out_anywhere_is_found(said: list[int], data: st.DataObject) -> None:
    assert findings(expected(said), said) == []
    here = data.draw(st.integers(0, len(said)))
    assert findings(expected(said), [*said[:here], 99, *said[here:]]) == ["extra"]
    if here < len(said):
        assert findings(expected(said), [*said[:here], *said[here + 1 :]]) != []


def test_each_key_of_a_compacted_topic_has_its_own_last_record() -> None:
    stream = Expected("compacted")
    for key, hashed in ((b"a", 1), (b"b", 2), (b"a", 3)):
        stream.says(key, hashed)
    met = [*stream.meets(b"b", 2, False), *stream.meets(b"a", 3, False)]
    assert [*met, *stream.ends()] == []


def test_a_dead_letter_is_the_same_whatever_its_stack_trace() -> None:
    desk = Desk()
    (letter,) = desk.hears(CardLost())
    other = [(name, b"another" if "stacktrace" in name else value) for name, value in letter.headers]
    moved = [(name, b"7" if "offset" in name else value) for name, value in letter.headers]
    assert _hash(letter) == _hash(letter._replace(headers=other)) != _hash(letter._replace(headers=moved))
    assert said_by(DEAD_LETTERS, letter.value, letter.headers) == Cause("library", 0, 0)
    assert said_by(DEAD_LETTERS, letter.value, ()) is None


def _hash(output: Output) -> int:
    return digest(output.topic, output.key, output.value, output.headers)


def test_an_output_names_the_record_that_caused_it() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    fined, *_ = desk.ticks(minutes(11))
    assert said_by("facts", fined.value, fined.headers) == Cause("library", 0, 1)
    assert said_by("facts", desk.log[0].value, ()) is None


def rebuilt(log: Iterable[Record], until: Stand | None = None) -> tuple[Rebuilt, list[Output]]:
    shelf, seen = in_memory()
    fold = Fold(library, shelf=shelf)
    outputs = [output for part in refold(fold, in_turn(log, replay=False), until) for output in part]
    return Rebuilt(fold, shelf, seen), outputs


def on_the_changelog(rows: Iterable[Row]) -> Rebuilt:
    shelf, seen = in_memory()
    fold = Fold(library, shelf=shelf)
    fold.restore(rows)
    return Rebuilt(fold, shelf, seen)


@settings(max_examples=60, deadline=None)
@given(STORIES, st.integers(0, 30))
def test_a_story_folded_again_to_where_it_stands_is_as_its_changelog(story: list[Moment], applied: int) -> None:
    log = written(story)
    fold, said = Fold(library), list[Output]()
    for record in log[:applied]:
        said += fold.apply(record)
    made, outputs = rebuilt(log, Stand.of(fold))
    found = on_the_changelog(through_the_changelog(fold.take_changes()))
    assert [(o.topic, o.key, o.value) for o in outputs] == [(o.topic, o.key, o.value) for o in said]
    assert list(differences(made, found)) == []


def test_a_partition_in_which_nothing_was_applied_yet_is_as_its_empty_changelog() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    made, outputs = rebuilt(desk.log, Stand(0, 0))
    assert outputs == []
    assert list(differences(made, on_the_changelog([]))) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row(row_key("member/ada", "", ""), b'{"fines": 7}', None), "the state of member/ada: fines: 7"),
        (Row(row_key("member/ada", "loans", "dune"), None, None), "the state of member/ada: loans[dune]: nothing"),
        (Row(row_key("member/eve", "", ""), b'{"fines": 1}', None), "the state of member/eve: fines: 1"),
        (Row(row_key(META, "seen", "29460000.9.0"), b'["member/ada\\n/tests\\nfake"]', None), "1 ids on the changelog"),
        (Row(META.encode(), b'{"next_offset": 2, "clock": 5, "settings": {}}', None), "its clock is 5"),
        (Row(META.encode(), b'{"next_offset": 2, "settings": {"fine": 9}}', None), "its settings is {'fine': 9}"),
    ],
)
def test_a_row_that_somebody_else_wrote_is_found(row: Row, said: str) -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.hears(FinesPaid(), "member/bob")
    made, _ = rebuilt(desk.log)
    found = on_the_changelog([*desk.fold.take_changes(), row])
    assert any(said in difference for difference in differences(made, found)), list(differences(made, found))
