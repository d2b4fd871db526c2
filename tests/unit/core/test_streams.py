"""Streams: the first event of a declared type in a partition on a day is told, once, whatever happens meanwhile."""

from dataclasses import replace

from processors.fold import Fold
from processors.records import Output
from schemas.codec import Decoder
from schemas.facts import StreamHeard
from schemas.processing import SettingsChanged
from tests.unit.core.library import BookLent, BookReturned, CardLost, Desk, DoorOpened, library, minutes

LISTENING = replace(library, streams=(BookReturned, CardLost))
DAY = 24 * 60


def listening() -> Desk:
    return Desk(Fold(LISTENING))


def heard(outputs: list[Output]) -> list[tuple[str, str]]:
    """Day and type of each first event that was told."""
    decoder = Decoder([StreamHeard])
    facts = [decoder.decode(out.value, out.headers) for out in outputs if b"facts.stream.heard" in (out.value or b"")]
    return [(f"{f.at:%d}", f.about.subject) for f in facts if isinstance(f, StreamHeard)]


RETURNED = "stream/library.book.returned"


def test_only_the_first_of_a_day_is_told_and_only_of_what_is_declared() -> None:
    desk = listening()
    for minute in (0, 1, 2, DAY, DAY + 1, 9 * DAY):
        desk.at(minutes(minute)).hears(BookReturned(book="dune"), f"member/{minute}")
        desk.hears(BookLent(book="dune", due=minutes(99 * DAY)))
        desk.hears(DoorOpened(), "room/1")
    assert heard(desk.outputs) == [("05", RETURNED), ("06", RETURNED), ("14", RETURNED)]


def test_a_duplicate_and_what_cannot_be_applied_are_not_heard() -> None:
    desk = listening()
    desk.hears(BookReturned(book="dune"), id="1")
    desk.at(minutes(DAY)).hears(BookReturned(book="dune"), id="1")
    desk.hears(CardLost())
    assert heard(desk.outputs) == [("05", RETURNED)]


def test_a_restart_tells_nothing_twice_and_a_rollback_tells_it_again() -> None:
    desk = listening()
    desk.hears(BookReturned(book="dune"))
    rows = desk.fold.take_changes()
    assert heard(desk.at(minutes(DAY)).hears(BookReturned(book="emma"))) == [("06", RETURNED)]
    desk.fold.rollback()
    assert heard(desk.hears(BookReturned(book="emma"))) == [("06", RETURNED)]

    again = Fold(LISTENING)
    again.restore(rows)
    restarted = Desk(again).at(minutes(60))
    restarted.log = list(desk.log[:1])
    assert heard(restarted.hears(BookReturned(book="emma"), "member/bob")) == []
    assert heard(restarted.at(minutes(DAY)).hears(BookReturned(book="emma"), "member/carl")) == [("06", RETURNED)]


def test_settings_may_move_the_day_so_the_next_one_is_told_again() -> None:
    desk = listening()
    desk.hears(BookReturned(book="dune"))
    desk.hears(SettingsChanged(processor="library", settings={"fine": 2}), "partition/0")
    assert heard(desk.at(minutes(1)).hears(BookReturned(book="emma"))) == [("05", RETURNED)]


def test_what_declares_no_streams_remembers_nothing_of_them() -> None:
    desk = Desk()
    desk.hears(BookReturned(book="dune"))
    (where,) = [row for row in desk.fold.take_changes() if row.key == b""]
    assert b"heard" not in (where.value or b"")
