"""The contract of a shelf: rows rest on it as they were put, whoever keeps them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from processors.row import ROOT
from processors.shelf import Shelf
from tests.unit.core.library import minutes
from tests.unit.core.shelves import EVERY_SHELF

Make = Callable[[Path], Shelf]

KEYS = ["member/ada", "member/ad", "member/ada b", "member/änne", ""]
"""Some begin as others do; the last is the partition itself."""
COLLECTIONS = ["loan", "loans", "deadlines"]
ENTRIES = ["", "dune", "dun", "dune\x1f2", "d\x00ne", "Übermut", "書"]


@pytest.fixture
def shelf(make: Make, tmp_path: Path) -> Shelf:
    return make(tmp_path)


@EVERY_SHELF
def test_nothing_lies_on_an_empty_shelf(shelf: Shelf) -> None:
    assert shelf.get("member/ada", ROOT, "") is None
    assert shelf.get("member/ada", "loans", "dune") is None
    assert shelf.until("member/ada", "loans", "dune") is None
    assert list(shelf.entries("member/ada", "loans")) == []
    assert (list(shelf.keys()), list(shelf.every("loans")), list(shelf.expiring())) == ([], [], [])


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
        assert [due for due, *_ in shelf.expiring()] == ([until] if until else [])
        shelf.commit(1)


@EVERY_SHELF
def test_a_dropped_row_is_gone_with_its_expiry_even_when_it_comes_back(shelf: Shelf) -> None:
    shelf.put("member/ada", "loans", "dune", b"1", minutes(5))
    shelf.commit(1)
    shelf.put("member/ada", "loans", "dune", None, minutes(5))
    assert (shelf.get("member/ada", "loans", "dune"), list(shelf.expiring()), list(shelf.keys())) == (None, [], [])
    shelf.commit(2)
    shelf.put("member/ada", "loans", "dune", b"2", None)
    assert (shelf.until("member/ada", "loans", "dune"), list(shelf.expiring())) == (None, [])


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
    assert (list(shelf.keys()), list(shelf.every("loans"))) == ([], [])


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
        until=st.sampled_from([None, minutes(1), minutes(2)]),
    )
    def puts(self, key: str, collection: str, entry: str, value: bytes, until: datetime | None) -> None:
        self._put(key, collection, entry, value, until)

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def drops(self, data: st.DataObject) -> None:
        self._put(*data.draw(st.sampled_from(sorted(self.rows))), None, None)

    @rule()
    def commits(self) -> None:
        self.position += 1
        self.shelf.commit(self.position)

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
        for collection in COLLECTIONS:
            wanted_rows = sorted((k, e, value) for (k, c, e), (value, _) in self.rows.items() if c == collection)
            assert sorted(self.shelf.every(collection)) == wanted_rows
        assert sorted(self.shelf.keys()) == sorted({key for key, _, _ in self.rows} - {""})
        expiring = sorted((until, *where) for where, (_, until) in self.rows.items() if until is not None)
        assert sorted(self.shelf.expiring()) == expiring


@EVERY_SHELF
def test_a_shelf_is_a_dict_of_rows(make: Make) -> None:
    of_this = type("OfThis", (Model,), {"make": staticmethod(make)})
    run_state_machine_as_test(of_this, settings=settings(max_examples=40, stateful_step_count=20, deadline=None))
