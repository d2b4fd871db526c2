"""States and their rows: how a state lies on the changelog, what is written of it, and how it comes back."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.layout import Layout, layout_of
from processors.processor import Aggregate, Processor
from processors.row import Row, read_row_key, row_key
from processors.rows import Rows
from processors.seen import MINUTE, SEEN
from processors.step import State, Step
from processors.store import Store, from_ms, to_ms
from schemas.codec import encode
from schemas.envelope import About, Event
from tests.unit.core.library import (
    OPENING,
    BookLent,
    BookReserved,
    BookReturned,
    Desk,
    DoorOpened,
    FinesPaid,
    Loan,
    Member,
    Room,
    ShelvesCounted,
    all_known,
    compacted,
    known_keys,
    library,
    minutes,
    restarted,
    through_the_changelog,
)


def rows_of(desk: Desk) -> dict[tuple[str, str, str], bytes | None]:
    """The rows written since last asked, but for where the partition stands."""
    return {read_row_key(row.key): row.value for row in desk.fold.take_changes() if row.key}


# Layout


def test_a_state_is_a_root_row_and_a_row_for_each_entry_of_its_collections() -> None:
    layout = layout_of(Member)
    assert layout.root_fields == ("fines", "last_seen")
    assert list(layout.collections) == ["deadlines", "firing", "loans", "reserved"]
    assert layout_of(Member) is layout


def test_what_the_engine_gives_is_not_stored() -> None:
    ada = Member(key="member/ada", fines=3)
    assert json.loads(layout_of(Member).dump_root(ada)) == {"fines": 3, "last_seen": None}


@dataclass(frozen=True, kw_only=True)
class Plain(State):
    """Nothing but what every state has."""


@pytest.mark.parametrize("state", [Plain(key="plain/1"), Room(visitors=4), Member(fines=2, last_seen=OPENING)])
def test_a_root_of_any_number_of_fields_comes_back(state: State) -> None:
    layout: Layout[State] = layout_of(type(state))
    assert state.evolve(**layout.load_root(layout.dump_root(state))) == state


def test_a_row_comes_back_as_the_type_it_was() -> None:
    layout = layout_of(Member)
    loan = Loan(minutes(7) + timedelta(microseconds=3), 2)
    assert layout.loaders["loans"](layout.dump_row("loans", loan)) == loan


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.tuples(NAMES, NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=8)))
def test_a_rows_key_says_whose_it_is_whatever_the_names(names: tuple[str, str, str]) -> None:
    """A subject and a field's name have no control characters; an entry may be anything."""
    key, collection, entry = names
    assert read_row_key(row_key(key, collection, entry)) == (key, collection, entry)


@given(st.integers(0, 4_000_000_000_000))
def test_milliseconds_are_exact(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


def test_parts_of_a_millisecond_are_cut_off() -> None:
    assert to_ms(OPENING + timedelta(microseconds=999)) == to_ms(OPENING)


# What is written


def test_only_rows_that_changed_are_written() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(60)), id="1")
    desk.hears(BookLent(book="emma", due=minutes(60)), id="2")
    rows_of(desk)
    desk.hears(BookReserved(book="zorba", until=minutes(99)), id="3")
    rows = rows_of(desk)
    ids = json.loads(rows.pop(("", SEEN, f"{to_ms(OPENING) // MINUTE}.3.0")) or b"")
    assert rows == {("member/ada", "reserved", "zorba"): json.dumps(minutes(99).isoformat()).encode()}
    assert len(ids) == 1


def test_a_row_is_written_once_as_it_stands_at_the_end() -> None:
    desk = Desk()
    for n in range(5):
        desk.hears(DoorOpened(), "room/1", id=f"d{n}")
    rows = desk.fold.take_changes()
    assert len(rows) == len({row.key for row in rows}) == 3, "the room, the ids seen, and where the partition stands"
    assert rows_of(desk) == {}
    assert Row(row_key("room/1", "", ""), b'{"visitors":5}', None) in rows


def test_a_row_that_came_and_went_within_a_batch_is_written_as_dropped() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(60)))
    desk.hears(BookReturned(book="dune"))
    written = rows_of(desk)
    assert written["member/ada", "loans", "dune"] is None
    assert written["member/ada", "deadlines", "overdue/dune"] is None


def test_a_row_says_when_it_expires() -> None:
    desk = Desk()
    desk.hears(BookReserved(book="dune", until=minutes(60)), id="1")
    (row,) = desk.fold.store.take_changes()
    assert (read_row_key(row.key)[1:], row.until) == (("reserved", "dune"), minutes(60))


def test_a_root_that_is_as_if_new_is_dropped() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(5)))
    desk.ticks(minutes(6))
    desk.hears(ShelvesCounted())
    rows_of(desk)
    assert desk.member().last_seen is None
    desk.hears(FinesPaid())
    assert rows_of(desk)["member/ada", "", ""] is None


def test_a_collection_put_in_the_place_of_another_is_written_as_the_difference() -> None:
    desk = Desk()
    for book in ("dune", "emma"):
        desk.hears(BookLent(book=book, due=minutes(60)))
    rows_of(desk)
    desk.hears(ShelvesCounted(books=("emma", "zorba")))
    written = rows_of(desk)
    assert written["member/ada", "loans", "dune"] is None
    assert written["member/ada", "loans", "emma"] == written["member/ada", "loans", "zorba"] != None  # noqa: E711
    assert desk.member().loans == {"emma": Loan(OPENING), "zorba": Loan(OPENING)}


def test_a_state_in_memory_is_not_a_chain_of_changes() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(60)))
    assert desk.member().loans.changes == {}


# What comes back


def test_a_key_with_nothing_to_remember_disappears_with_all_its_rows() -> None:
    desk = Desk()
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    changelog = through_the_changelog(desk.fold.take_changes())
    assert known_keys(desk.fold) == ["member/ada"]
    desk.ticks(OPENING + timedelta(days=8))
    changelog += through_the_changelog(desk.fold.take_changes())
    assert known_keys(desk.fold) == []
    assert [row.key for row in compacted(changelog)] == [b""]
    assert known_keys(restarted(desk.fold, changelog)) == []


def test_a_row_from_an_older_version_gets_the_defaults_of_this_one() -> None:
    desk = Desk()
    desk.fold.restore([Row(row_key("member/ada", "", ""), b'{"fines": 3}', None)])
    assert desk.member() == Member(key="member/ada", fines=3)


def test_an_older_row_after_a_newer_one_leaves_nothing_of_the_newer() -> None:
    desk = Desk()
    desk.fold.restore([Row(row_key("member/ada", "", ""), row, None) for row in (b'{"fines": 3}', b"{}")])
    assert desk.member() == Member(key="member/ada")


def test_a_field_that_no_longer_exists_is_passed_over() -> None:
    desk = Desk()
    desk.fold.restore([Row(row_key("member/ada", "", ""), b'{"fines": 3, "nickname": "Ada"}', None)])
    assert desk.member() == Member(key="member/ada", fines=3)


def test_a_collection_that_no_longer_exists_is_passed_over_and_keeps_no_key_alive() -> None:
    desk = Desk()
    desk.fold.restore([Row(row_key("member/ada", "cassettes", "1"), b'{"side": "B"}', minutes(5))])
    assert known_keys(desk.fold) == []
    desk.ticks(minutes(10))


def test_a_deadline_comes_back_to_be_waited_for() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(60)))
    again = Desk(restarted(desk.fold, through_the_changelog(desk.fold.take_changes())))
    assert again.fold.store.agenda.earliest == minutes(60)
    assert again.ticks(minutes(61)) == said_without_restart(desk, minutes(61))


def said_without_restart(desk: Desk, when: datetime) -> list[object]:
    """What the desk that was never restarted says when time passes; its record has another offset, and so its ids."""
    return [output._replace(value=(output.value or b"").replace(b'"0-1-', b'"0-0-')) for output in desk.ticks(when)]


def test_an_expiry_comes_back_and_the_last_one_counts() -> None:
    rows = [
        Row(row_key("member/ada", "reserved", "dune"), b'"x"', minutes(10)),
        Row(row_key("member/ada", "reserved", "dune"), b'"y"', minutes(30)),
        Row(row_key("member/ada", "reserved", "emma"), b'"x"', minutes(10)),
        Row(row_key("member/ada", "reserved", "emma"), b'"x"', None),
        Row(row_key("member/ada", "reserved", "zorba"), b'"x"', minutes(10)),
        Row(row_key("member/ada", "reserved", "zorba"), None, minutes(10)),
    ]
    for log in (rows, compacted(rows)):
        desk = Desk()
        desk.fold.restore(log)
        desk.ticks(minutes(11))
        assert desk.member().reserved == {"dune": "y", "emma": "x"}
        desk.ticks(minutes(31))
        assert desk.member().reserved == {"emma": "x"}


def test_a_seen_id_comes_back_with_its_window() -> None:
    desk = Desk()
    desk.hears(DoorOpened(), "room/1", id="d1")
    again = Desk(restarted(desk.fold, through_the_changelog(desk.fold.take_changes())))
    again.hears(DoorOpened(), "room/1", id="d1")
    assert again.fold.counts["duplicates"] == 1
    again.at(OPENING + timedelta(days=7, minutes=1)).hears(DoorOpened(), "room/1", id="d1")
    assert again.fold.counts["duplicates"] == 1


def test_nothing_is_written_because_it_was_read() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(60)))
    again = restarted(desk.fold, through_the_changelog(desk.fold.take_changes()))
    assert again.store.take_changes() == []


def test_a_key_of_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="library keeps nothing of kind 'ghost', only member, room"):
        Store(library).entity("ghost/1")


def test_a_state_without_settings_of_its_own_is_given_none() -> None:
    desk = Desk()
    desk.hears(DoorOpened(), "room/1")
    assert desk.fold.states() == {"room/1": Room(key="room/1", visitors=1)}


# Any state whatever


@dataclass(frozen=True, kw_only=True)
class Shelf(State):
    label: str = ""
    sizes: tuple[int, ...] = ()
    books: Rows[dict[str, int]] = field(default_factory=Rows)


ENTRY = st.text(max_size=5)
OPERATIONS: st.SearchStrategy[tuple[str, str, dict[str, int], int]] = st.one_of(
    st.tuples(st.just("put"), ENTRY, st.dictionaries(ENTRY, st.integers(0, 5), max_size=2), st.integers(0, 3)),
    st.tuples(st.just("drop"), ENTRY, st.just({}), st.just(0)),
    st.tuples(st.just("replace"), ENTRY, st.dictionaries(ENTRY, st.integers(0, 5), max_size=2), st.just(0)),
    st.tuples(st.just("label"), ENTRY, st.just({}), st.integers(0, 3)),
)


class ShelfChanged(Event, type="shelves.shelf.changed", kind="shelf", topic="events.shelves"):
    what: str
    entry: str
    row: dict[str, int]
    n: int


def shelf_step(shelf: Shelf, event: Event, at: datetime) -> Step[Shelf]:
    assert isinstance(event, ShelfChanged)
    match event.what:
        case "put":
            until = at + timedelta(minutes=event.n) if event.n else None
            return Step(shelf.evolve(books=shelf.books.put(event.entry, event.row, until)))
        case "drop":
            return Step(shelf.evolve(books=shelf.books.drop(event.entry)))
        case "replace":
            return Step(shelf.evolve(books=Rows({event.entry: event.row})))
    return Step(shelf.evolve(label=event.entry, sizes=tuple(range(event.n))))


shelves = Processor("shelves", "events.shelves", (ShelfChanged,), {"shelf": Aggregate(Shelf, shelf_step)})


@settings(max_examples=100, deadline=None)
@given(st.lists(OPERATIONS, max_size=15), st.lists(st.integers(0, 15), max_size=3))
def test_rows_written_in_any_batches_make_the_same_states(
    operations: list[tuple[str, str, dict[str, int], int]], cuts: list[int]
) -> None:
    from processors.fold import Fold
    from processors.records import Record

    fold, changelog = Fold(shelves), list[Row]()
    for n, (what, entry, row, number) in enumerate(operations):
        now = minutes(n)
        event = ShelfChanged(what=what, entry=entry, row=row, n=number)
        value = encode(event, About(str(n), "/tests", f"shelf/{n % 2}", now))
        assert not fold.apply(Record("events.shelves", 0, n, to_ms(now), None, value))
        if n in cuts:
            changelog += through_the_changelog(fold.take_changes())
    changelog += through_the_changelog(fold.take_changes())
    assert all_known(restarted(fold, changelog)) == all_known(fold)
    assert all_known(restarted(fold, compacted(changelog))) == all_known(fold)


def test_a_dropped_row_has_no_expiry_whatever_its_header_says() -> None:
    desk = Desk()
    desk.fold.restore([Row(row_key("member/ada", "reserved", "dune"), None, minutes(10))])
    assert desk.ticks(minutes(11)) == []
    assert known_keys(desk.fold) == []
