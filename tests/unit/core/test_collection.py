"""A collection of one key: a mapping over the shelf, decoded where it was touched, in the order of its names."""

import json
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from processors import collection as module
from processors.collection import Collection, UnreadableRow
from processors.shelf import MemoryShelf

ENTRIES = ["a", "b", "c", "d", "é"]
ADA = "member/ada"


class Watched(MemoryShelf):
    """A shelf that counts how often it was asked for a row."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def get(self, key: str, collection: str, entry: str) -> bytes | None:
        self.asked += 1
        return super().get(key, collection, entry)


class Passing(MemoryShelf):
    """A shelf whose entries pass by once, as from a disk."""

    def entries(self, key: str, collection: str) -> Iterator[str]:
        return iter(list(super().entries(key, collection)))


def numbers(shelf: MemoryShelf) -> Collection:
    return Collection(ADA, "numbers", shelf, json.loads)


def shelved(shelf: MemoryShelf, rows: dict[str, int]) -> None:
    for entry, row in rows.items():
        shelf.put(ADA, "numbers", entry, json.dumps(row).encode(), None)


class CollectionIsADict(RuleBasedStateMachine):
    """Whatever is put, dropped, looked at, put on the shelf and forgotten."""

    shelf_type: type[MemoryShelf] = MemoryShelf

    def __init__(self) -> None:
        super().__init__()
        self.shelf = self.shelf_type()
        self.rows = numbers(self.shelf)
        self.model: dict[str, int] = {}
        self.dirty: set[str] = set()

    @rule(entry=st.sampled_from(ENTRIES), row=st.integers(0, 2))
    def puts(self, entry: str, row: int) -> None:
        self.rows.put(entry, row)
        self.model[entry] = row
        self.dirty.add(entry)

    @rule(entry=st.sampled_from(ENTRIES))
    def drops(self, entry: str) -> None:
        self.rows.drop(entry)
        self.model.pop(entry, None)
        self.dirty.add(entry)

    @rule(entry=st.sampled_from(ENTRIES))
    def looks(self, entry: str) -> None:
        assert self.rows.get(entry) == self.model.get(entry)
        assert (entry in self.rows) == (entry in self.model)

    @rule(hot=st.sampled_from([0, 2, 10]))
    def everything_is_shelved_and_perhaps_forgotten(self, hot: int) -> None:
        for entry in self.dirty:
            row = self.model.get(entry)
            self.shelf.put(ADA, "numbers", entry, None if row is None else json.dumps(row).encode(), None)
        self.dirty.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "HOT_ROWS", hot)
            self.rows.cool()

    @invariant()
    def holds_what_a_dict_would_in_the_order_of_names(self) -> None:
        assert list(self.rows) == sorted(self.model)
        assert (len(self.rows), bool(self.rows)) == (len(self.model), bool(self.model))

    def teardown(self) -> None:
        assert dict(self.rows) == self.model
        assert [self.rows.get(entry, "none") for entry in ENTRIES] == [self.model.get(e, "none") for e in ENTRIES]


class CollectionIsADictOverPassingEntries(CollectionIsADict):
    shelf_type = Passing


TestCollection = CollectionIsADict.TestCase
TestCollection.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestPassingCollection = CollectionIsADictOverPassingEntries.TestCase
TestPassingCollection.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_an_entry_that_was_touched_and_shelved_is_there_once_however_the_shelf_tells() -> None:
    for shelf in (MemoryShelf(), Passing()):
        shelved(shelf, {"a": 1, "b": 2})
        rows = numbers(shelf)
        assert rows["a"] == 1
        assert (list(rows), len(rows)) == (["a", "b"], 2)


def test_a_row_is_decoded_once_and_one_that_is_not_there_is_looked_for_once() -> None:
    shelf = Watched()
    shelved(shelf, {"a": 1})
    rows = numbers(shelf)
    for _ in range(3):
        assert (rows.get("a"), rows.get("b"), "c" in rows) == (1, None, False)
    assert shelf.asked == 3


def test_what_was_not_there_is_found_once_it_is_put() -> None:
    rows = numbers(MemoryShelf())
    assert "a" not in rows
    rows.put("a", 1)
    assert (rows["a"], list(rows), bool(rows)) == (1, ["a"], True)


def test_what_was_dropped_is_gone_even_while_it_lies_on_the_shelf() -> None:
    shelf = MemoryShelf()
    shelved(shelf, {"a": 1})
    rows = numbers(shelf)
    rows.drop("a")
    assert ("a" in rows, list(rows), len(rows), bool(rows)) == (False, [], 0, False)
    with pytest.raises(KeyError, match="a"):
        rows["a"]


def test_a_small_collection_stays_decoded_and_a_large_one_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HOT_ROWS", 2)
    shelf = Watched()
    shelved(shelf, {"a": 1, "b": 2, "c": 3})
    for touched, again in (["a", "b"], 0), (["a", "b", "c"], 3):
        rows, shelf.asked = numbers(shelf), 0
        assert [rows[entry] for entry in touched] == [rows[entry] for entry in touched]
        rows.cool()
        assert [rows[entry] for entry in touched] == [1, 2, 3][: len(touched)]
        assert shelf.asked == len(touched) + again


def test_a_row_that_cannot_be_decoded_says_which_and_hurts_only_who_touches_it() -> None:
    shelf = MemoryShelf()
    shelved(shelf, {"a": 1})
    shelf.put(ADA, "numbers", "b", b"not JSON", None)
    rows = numbers(shelf)
    assert (rows["a"], list(rows), len(rows)) == (1, ["a", "b"], 2)
    for _ in range(2):
        with pytest.raises(UnreadableRow, match=r"numbers\['b'\] of member/ada does not fit its state"):
            rows.get("b")


def test_whatever_is_no_name_is_no_entry() -> None:
    rows = numbers(MemoryShelf())
    others: Iterable[object] = (7, None, ["a"])
    assert [other in rows for other in others] == [False, False, False]
