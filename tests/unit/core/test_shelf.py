"""The contract of a shelf: rows rest on it as they were put, whoever keeps them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from processors.agenda import EVERYTHING, Due, deadline_in
from processors.row import DEADLINES, ROOT
from processors.shelf import Shelf
from processors.store import from_ms
from tests.unit.core.library import minutes
from tests.unit.core.shelves import EVERY_SHELF

Make = Callable[[Path], Shelf]

KEYS = ["member/ada", "member/ad", "member/ada b", "member/änne", ""]
"""Some begin as others do; the last is the partition itself."""
COLLECTIONS = ["loan", "loans", DEADLINES]
ENTRIES = ["", "dune", "dun", "dune\x1f2", "d\x00ne", "Übermut", "書"]
INSTANTS = [
    from_ms(-90_000),
    minutes(1),
    minutes(1) + timedelta(microseconds=1),
    minutes(2).astimezone(timezone(timedelta(hours=5))),
]
"""Deadlines are of microseconds, written in any time zone; expiries of milliseconds."""


@pytest.fixture
def shelf(make: Make, tmp_path: Path) -> Shelf:
    return make(tmp_path)


def ahead(shelf: Shelf, expiries: bool, after: Due | None = None, most: int = EVERYTHING) -> list[Due]:
    return sorted(shelf.ahead(expiries, after, most))


def instant(at: datetime) -> bytes:
    """As the row of a deadline says it."""
    return f'"{at.isoformat()}"'.encode()


@EVERY_SHELF
def test_nothing_lies_on_an_empty_shelf(shelf: Shelf) -> None:
    assert shelf.get("member/ada", ROOT, "") is None
    assert shelf.get("member/ada", "loans", "dune") is None
    assert shelf.until("member/ada", "loans", "dune") is None
    assert list(shelf.entries("member/ada", "loans")) == []
    assert (list(shelf.keys()), ahead(shelf, False), ahead(shelf, True), shelf.deadlines) == ([], [], [], 0)


@EVERY_SHELF
def test_a_row_is_there_as_soon_as_it_is_put_and_after_the_commit(shelf: Shelf) -> None:
    shelf.put("member/ada", "loans", "dune", b"1", minutes(5))
    for position in (1, 2):
        assert shelf.get("member/ada", "loans", "dune") == b"1"
        assert shelf.until("member/ada", "loans", "dune") == minutes(5)
        assert list(shelf.keys()) == ["member/ada"]
        shelf.commit(position)


@EVERY_SHELF
def test_the_row_put_last_counts_its_expiry_among_it(shelf: Shelf) -> None:
    for value, until in [(b"1", minutes(5)), (b"2", minutes(9)), (b"3", None)]:
        shelf.put("member/ada", "loans", "dune", value, until)
        assert (shelf.get("member/ada", "loans", "dune"), shelf.until("member/ada", "loans", "dune")) == (value, until)
        assert [due.at for due in ahead(shelf, True)] == ([until] if until else [])
        shelf.commit(1)


@EVERY_SHELF
def test_a_dropped_row_is_gone_with_its_expiry_even_when_it_comes_back(shelf: Shelf) -> None:
    shelf.put("member/ada", "loans", "dune", b"1", minutes(5))
    shelf.commit(1)
    shelf.put("member/ada", "loans", "dune", None, minutes(5))
    assert (shelf.get("member/ada", "loans", "dune"), ahead(shelf, True), list(shelf.keys())) == (None, [], [])
    shelf.commit(2)
    shelf.put("member/ada", "loans", "dune", b"2", None)
    assert (shelf.until("member/ada", "loans", "dune"), ahead(shelf, True)) == (None, [])


@EVERY_SHELF
def test_an_empty_value_is_a_row(shelf: Shelf) -> None:
    shelf.put("member/ada", "loans", "dune", b"", None)
    shelf.commit(1)
    assert shelf.get("member/ada", "loans", "dune") == b""
    assert list(shelf.entries("member/ada", "loans")) == ["dune"]


@EVERY_SHELF
def test_the_partitions_own_rows_are_no_keys(shelf: Shelf) -> None:
    shelf.put("", ROOT, "", b"{}", None)
    assert (shelf.get("", ROOT, ""), list(shelf.keys())) == (b"{}", [])


@EVERY_SHELF
def test_nothing_is_dropped_that_was_not_there(shelf: Shelf) -> None:
    shelf.put("member/ada", "loans", "dune", None, None)
    shelf.put("member/ada", ROOT, "", None, None)
    shelf.commit(1)
    assert (list(shelf.keys()), list(shelf.entries("member/ada", "loans"))) == ([], [])


@EVERY_SHELF
@pytest.mark.parametrize("expiries", [False, True])
def test_what_time_will_do_is_told_in_pieces_in_the_order_in_which_it_happens(shelf: Shelf, expiries: bool) -> None:
    def put(*days: int) -> None:
        for n in days:
            key, entry = f"member/{n % 3}", f"{n:03}"
            if expiries:
                shelf.put(key, "loans", entry, b"1", minutes(n % 50))
            else:
                shelf.put(key, DEADLINES, entry, instant(minutes(n % 50)), None)

    put(*range(0, 200, 2))
    shelf.commit(1)
    put(*range(1, 200, 2))
    pieces: list[Due] = []
    while piece := ahead(shelf, expiries, pieces[-1] if pieces else None, 7):
        assert len(piece) == 7 or len(pieces) + len(piece) == 200
        pieces += piece
    assert pieces == ahead(shelf, expiries) == sorted(pieces)
    assert len(pieces) == 200


@EVERY_SHELF
def test_a_deadline_that_is_none_is_said(shelf: Shelf) -> None:
    shelf.put("member/ada", DEADLINES, "overdue", b'"soon"', None)
    with pytest.raises(ValueError, match="deadline 'overdue' of member/ada does not fit its state: Invalid isoformat"):
        shelf.ahead(False, None, 1)


class Model(RuleBasedStateMachine):
    """A shelf is a dict of rows, whatever is put and dropped, committed or not."""

    make: Make

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.shelf = self.make(Path(self.directory.name))
        self.rows: dict[tuple[str, str, str], tuple[bytes, datetime | None]] = {}
        self.position = 0

    def teardown(self) -> None:
        self.shelf.close()
        self.directory.cleanup()

    def _put(self, key: str, collection: str, entry: str, value: bytes | None, until: datetime | None) -> None:
        self.shelf.put(key, collection, entry, value, until)
        with suppress(KeyError):
            del self.rows[key, collection, entry]
        if value is not None:
            self.rows[key, collection, entry] = value, until

    @rule(key=st.sampled_from(KEYS), value=st.binary(max_size=3) | st.none())
    def puts_a_root(self, key: str, value: bytes | None) -> None:
        self._put(key, ROOT, "", value, None)

    @rule(
        key=st.sampled_from(KEYS),
        collection=st.sampled_from(COLLECTIONS),
        entry=st.sampled_from(ENTRIES),
        value=st.binary(max_size=3),
        at=st.sampled_from(INSTANTS),
        until=st.sampled_from([None, from_ms(-60_000), minutes(1), minutes(2)]),
    )
    def puts(self, key: str, collection: str, entry: str, value: bytes, at: datetime, until: datetime | None) -> None:
        self._put(key, collection, entry, instant(at) if collection == DEADLINES else value, until)

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def drops(self, data: st.DataObject) -> None:
        self._put(*data.draw(st.sampled_from(sorted(self.rows))), None, None)

    @rule()
    def commits(self) -> None:
        self.position += 1
        self.shelf.commit(self.position)
        assert self.shelf.deadlines == sum(collection == DEADLINES for _, collection, _ in self.rows)

    @invariant()
    def every_row_is_found_by_its_name(self) -> None:
        for key in KEYS:
            assert self.shelf.get(key, ROOT, "") == self.rows.get((key, ROOT, ""), (None,))[0]
            for collection in COLLECTIONS:
                for entry in ENTRIES:
                    value, until = self.rows.get((key, collection, entry), (None, None))
                    assert self.shelf.get(key, collection, entry) == value
                    assert self.shelf.until(key, collection, entry) == until

    @invariant()
    def whoever_asks_for_many_gets_each_once(self) -> None:
        for key in KEYS:
            for collection in COLLECTIONS:
                wanted = sorted(e for k, c, e in self.rows if (k, c) == (key, collection))
                assert sorted(self.shelf.entries(key, collection)) == wanted
        assert sorted(self.shelf.keys()) == sorted({key for key, _, _ in self.rows} - {""})

    @invariant()
    def time_finds_what_it_will_do_in_order(self) -> None:
        rows = self.rows.items()
        deadlines = sorted(deadline_in(k, e, value) for (k, c, e), (value, _) in rows if c == DEADLINES)
        expiring = sorted(Due(until, k, True, c, e) for (k, c, e), (_, until) in rows if until is not None)
        for expiries, wanted in ((False, deadlines), (True, expiring)):
            assert ahead(self.shelf, expiries) == wanted
            for after in (None, *wanted[1::2]):
                left = [due for due in wanted if after is None or due > after]
                assert ahead(self.shelf, expiries, after, 2) == left[:2]


@EVERY_SHELF
def test_a_shelf_is_a_dict_of_rows(make: Make) -> None:
    of_this = type("OfThis", (Model,), {"make": staticmethod(make)})
    run_state_machine_as_test(of_this, settings=settings(max_examples=40, stateful_step_count=20, deadline=None))
