"""Rows: an immutable mapping over a shared base, and what a dict would do in its place."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from processors import rows as rows_module
from processors.rows import Rows, Write
from tests.unit.core.library import OPENING

ENTRIES = st.sampled_from("abcd")


@dataclass
class Held:
    """A collection somebody holds on to, and what it held when they got it."""

    rows: Rows[int]
    model: dict[str, int]
    until: dict[str, datetime | None] = field(default_factory=dict)


class RowsAreADict(RuleBasedStateMachine):
    """Whatever is put and dropped, wherever one goes on from: every collection ever made holds what a dict would."""

    held: list[Held]
    base: dict[str, int]
    original: dict[str, int]

    @initialize(base=st.dictionaries(ENTRIES, st.integers(0, 9)))
    def begins(self, base: dict[str, int]) -> None:
        self.base, self.original = base, dict(base)
        self.held = [Held(Rows(base), dict(base))]

    @rule(which=st.integers(0, 20), entry=ENTRIES, row=st.integers(0, 9), expires=st.booleans())
    def puts(self, which: int, entry: str, row: int, expires: bool) -> None:
        held = self.held[which % len(self.held)]
        until = OPENING if expires else None
        rows = held.rows.put(entry, row, until)
        assert rows.changes[entry] == Write(row, until)
        self.held.append(Held(rows, {**held.model, entry: row}))

    @rule(which=st.integers(0, 20), entry=ENTRIES)
    def drops(self, which: int, entry: str) -> None:
        held = self.held[which % len(self.held)]
        model = {e: row for e, row in held.model.items() if e != entry}
        self.held.append(Held(held.rows.drop(entry), model))

    @invariant()
    def nothing_held_has_changed(self) -> None:
        assert self.base == self.original
        for held in self.held[-5:] + self.held[:2]:
            rows, model = held.rows, held.model
            assert rows == model
            assert (dict(rows), len(rows), bool(rows)) == (model, len(model), bool(model))
            assert list(rows) == sorted(model)
            assert {entry: entry in rows for entry in "abcd"} == {entry: entry in model for entry in "abcd"}
            assert [rows.get(entry) for entry in "abcd"] == [model.get(entry) for entry in "abcd"]

    @invariant()
    def the_changes_lead_from_the_base_to_what_is_held(self) -> None:
        for held in self.held[-5:]:
            result = dict(self.base)
            for entry, write in held.rows.changes.items():
                if write.row is None:
                    del result[entry]  # nothing is dropped that was not there
                else:
                    result[entry] = write.row
            assert result == held.model


TestRows = RowsAreADict.TestCase
TestRows.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


class RowsInManyLayers(RowsAreADict):
    """The same, with so few changes in hand that each story makes layers."""

    def __init__(self) -> None:
        super().__init__()
        self.usual, rows_module.MOST_IN_HAND = rows_module.MOST_IN_HAND, 1

    def teardown(self) -> None:
        rows_module.MOST_IN_HAND = self.usual


TestRowsInManyLayers = RowsInManyLayers.TestCase
TestRowsInManyLayers.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_many_changes_in_one_step_lie_in_few_layers() -> None:
    """What `put` copies and `get` looks into grows with the logarithm of the changes, so n of them cost n log n."""
    rows = Rows[int]({"x": -1})
    deepest = 0
    for n in range(5_000):
        rows = rows.put(str(n), n)
        deepest = max(deepest, len(rows._layers))
        assert len(rows._in_hand) <= rows_module.MOST_IN_HAND
    assert deepest <= 10
    assert len(rows.changes) == 5_000
    assert all(len(below) > len(above) for below, above in pairwise(rows._layers))


def test_an_entry_that_is_dropped_twice_stays_dropped_however_much_was_changed_before() -> None:
    rows = Rows[int]()
    for n in range(rows_module.MOST_IN_HAND + 1):
        rows = rows.put(str(n), n)
    assert "0" not in rows.drop("0").drop("0")
    assert rows.drop("0").drop("0").put("1", 5).changes.keys() == rows.changes.keys() - {"0"}


def test_an_entry_that_is_not_there_cannot_be_had() -> None:
    with pytest.raises(KeyError, match="dune"):
        Rows[int]()["dune"]
    with pytest.raises(KeyError, match="dune"):
        Rows({"dune": 1}).drop("dune")["dune"]


def test_what_never_was_there_leaves_no_trace_when_dropped() -> None:
    empty = Rows[int]()
    assert empty.drop("dune") is empty
    assert empty.put("dune", 1).drop("dune").changes == {}


def test_the_last_word_on_an_entry_counts_its_expiry_among_it() -> None:
    rows = Rows[int]().put("dune", 1, OPENING).put("dune", 1)
    assert rows.changes == {"dune": Write(1, None)}


def test_an_expiry_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="entry 'dune': 2026-01-05 08:00:00 has no time zone"):
        Rows[int]().put("dune", 1, OPENING.replace(tzinfo=None))


def test_rows_are_compared_by_what_they_hold() -> None:
    assert Rows({"dune": 1}) == Rows[int]().put("dune", 1, OPENING + timedelta(days=1)) == {"dune": 1}
    assert Rows({"dune": 1}) != {"dune": 2}
    assert Rows({"dune": 1}) != [("dune", 1)]
    assert repr(Rows({"dune": 1})) == "Rows({'dune': 1})"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Rows({"dune": 1}))


def test_what_changed_against_the_own_base_is_what_was_changed() -> None:
    base = {"dune": 1, "zorba": 3}
    assert Rows(base).changes_against(base) == {}
    assert Rows(base).put("emma", 2, OPENING).drop("dune").changes_against(base) == {
        "emma": Write(2, OPENING),
        "dune": Write(None),
    }


def test_what_changed_against_another_base_is_the_difference_to_it() -> None:
    base = {"dune": 1, "zorba": 3}
    unrelated = Rows({"emma": 2}).put("zorba", 4)
    assert unrelated.changes_against(base) == {"dune": Write(None), "emma": Write(2), "zorba": Write(4)}
    assert Rows[int]().changes_against(base) == {"dune": Write(None), "zorba": Write(None)}


def test_what_is_put_into_unrelated_rows_expires_as_said() -> None:
    assert Rows[int]().put("emma", 2, OPENING).changes_against({"dune": 1}) == {
        "dune": Write(None),
        "emma": Write(2, OPENING),
    }


@given(st.dictionaries(ENTRIES, st.integers(0, 9)), st.dictionaries(ENTRIES, st.integers(0, 9)))
def test_the_changes_against_any_base_lead_from_it_to_the_rows(base: dict[str, int], wanted: dict[str, int]) -> None:
    result: dict[str, int | None] = dict(base)
    for entry, write in Rows(wanted).changes_against(base).items():
        result[entry] = write.row
    assert {entry: row for entry, row in result.items() if row is not None} == wanted
