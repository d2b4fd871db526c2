"""What is remembered of a key: the last of each of its rows, and nothing that was dropped."""

from datetime import timedelta

from backoffice.registry import processors
from backoffice.remembered import keepers, latest, plain
from processors.row import Row, row_key
from processors.standing import META
from tests.unit.core.library import (
    OPENING,
    BookLent,
    BookReserved,
    BookReturned,
    Desk,
    FinesPaid,
    Member,
    library,
    minutes,
)


def rows_of(desk: Desk, key: str) -> list[Row]:
    """As they are read: those of the key and the partition's own."""
    own = (META.encode(), row_key(key, "", "")[:-1])
    return [row for row in desk.fold.take_changes() if row.key == own[0] or row.key.startswith(own[1])]


def test_the_state_is_that_of_the_fold_with_where_it_stands() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.hears(BookLent(book="emma", due=minutes(20)), "member/bob")
    found = latest(library, 0, "member/ada", rows_of(desk, "member/ada"))
    assert found is not None
    assert found.state == desk.member()
    assert (found.offset, found.clock) == (2, OPENING)
    assert found.as_json()["state"]["loans"] == {"dune": {"due": "2026-01-05T08:10:00Z", "reminders": 0}}
    assert "emma" not in str(found.as_json())


def test_later_rows_win_and_dropped_ones_are_gone() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.hears(BookReserved(book="emma", until=minutes(30)))
    rows = rows_of(desk, "member/ada")
    desk.at(minutes(5)).hears(BookReturned(book="dune"))
    rows += rows_of(desk, "member/ada")
    found = latest(library, 0, "member/ada", rows)
    assert found is not None
    assert found.state == desk.member()
    assert found.as_json()["state"] == {
        "fines": 0,
        "last_seen": "2026-01-05T08:05:00Z",
        "reserved": {"emma": minutes(30).isoformat()},
    }
    assert [(row["collection"], row["entry"]) for row in found.as_rows()["rows"]] == [("", ""), ("reserved", "emma")]
    assert found.as_rows()["rows"][1]["until"] == minutes(30).isoformat()


def test_nothing_is_remembered_of_a_key_whose_rows_are_all_dropped() -> None:
    desk = Desk()
    desk.hears(BookReserved(book="emma", until=OPENING + timedelta(minutes=1)))
    rows = rows_of(desk, "member/ada")
    desk.ticks(minutes(2))
    rows += rows_of(desk, "member/ada")
    assert any(row.key.startswith(b"member/ada") for row in rows)
    assert latest(library, 0, "member/ada", rows) is None
    assert latest(library, 0, "member/bob", rows_of(Desk(), "member/bob")) is None


def test_settings_hold_and_are_not_shown_as_remembered() -> None:
    desk = Desk()
    desk.told(fine=4)
    desk.hears(FinesPaid())
    desk.hears(BookLent(book="dune", due=minutes(10)))
    found = latest(library, 0, "member/ada", rows_of(desk, "member/ada"))
    assert found is not None
    assert isinstance(found.state, Member)
    assert found.state.settings.fine == 4
    assert "settings" not in plain(found.state)


def test_who_keeps_a_key() -> None:
    assert [p.name for p in keepers(processors(), "service/vpn")] == ["it", "correlation"]
    assert [p.name for p in keepers(processors(), "office")] == ["alerting"]
    assert keepers(processors(), "vendor") == keepers(processors(), "office/1") == keepers(processors(), "x/1") == []
