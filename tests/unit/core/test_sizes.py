"""What is too large for a topic hurts the record that wants it, and nobody else."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from processors.causing import MAX_OUTPUT_BYTES
from processors.fold import Fold
from processors.processor import Aggregate, Processor
from processors.records import DEAD_LETTERS, Output
from processors.row import MAX_ROW_BYTES, RowTooLarge, row_key
from processors.rows import Rows
from processors.step import State, Step
from schemas.envelope import Event
from schemas.processing import DeadLetterHeaders, DeadlinePassed
from schemas.settings import Settings
from schemas.topics import INBOX_MAX_BYTES
from tests.unit.core.library import Desk, all_known, held, minutes, restarted


class Told(Event, type="archive.page.told", kind="page", topic="archive"):
    """Something to be kept, said or both: a letter, and how often it is repeated."""

    what: str
    letter: str = "a"
    times: int = 1


class Copied(Event, type="archive.page.copied", topic="copies"):
    text: str


class Rules(Settings):
    motto: str = ""


@dataclass(frozen=True, kw_only=True)
class Page(State):
    text: str = ""
    settings: Rules = field(default_factory=Rules)
    notes: Rows[str] = field(default_factory=Rows)


def step(page: Page, event: Event, at: datetime) -> Step[Page]:
    match event:
        case Told(what="text", letter=letter, times=times):
            return Step(page.evolve(text=letter * times))
        case Told(what="note", letter=letter, times=times):
            return Step(page.evolve(notes=page.notes.put("n", letter * times)))
        case Told(what="name", letter=letter, times=times):
            return Step(page.evolve(notes=page.notes.put(letter * times, "x")))
        case Told(what="wait", times=times):
            return Step(page.awaits(f"note/{times}", minutes(10)))
        case Told(what="copy", letter=letter, times=times):
            kept = page.evolve(text="copied")
            return Step(kept).emits("copy/0", Copied(text="0")).emits("copy/1", Copied(text=letter * times))
        case DeadlinePassed(name=name):
            return Step(page.evolve(notes=page.notes.put("late", "a" * int(name.partition("/")[2]))))
    return Step(page)


archive = Processor("archive", "archive", (Told,), {"page": Aggregate(Page, step)}, Rules)

ROOM = MAX_ROW_BYTES
"""What one row may take."""


class Archive(Desk):
    def tells(self, what: str, times: int = 1, letter: str = "a", page: str = "page/1") -> list[Output]:
        return self.hears(Told(what=what, letter=letter, times=times), page)

    def page(self, key: str = "page/1") -> Page:
        state = self.fold.states().get(key, Page(key=key))
        assert isinstance(state, Page)
        return state


@pytest.fixture
def desk() -> Archive:
    return Archive(Fold(archive))


def refused(outputs: list[Output]) -> str:
    """Why, of the one dead letter."""
    (letter,) = outputs
    assert letter.topic == DEAD_LETTERS
    return dict(letter.headers)[DeadLetterHeaders.MESSAGE].decode()


def largest(fold: Fold) -> int:
    return max(len(row.key) + len(row.value or b"") for row in fold.take_changes())


def test_a_row_fits_to_the_last_byte(desk: Archive) -> None:
    taken = len(row_key("page/1", "notes", "n")) + len('""')
    assert desk.tells("note", ROOM - taken) == []
    before = held(desk.page())
    assert refused(desk.tells("note", ROOM - taken + 1)) == (
        f"notes['n'] of page/1 would take {ROOM + 1:,} bytes; a row has room for {ROOM:,}"
    )
    assert desk.page() == before


def test_the_changelog_has_room_for_the_largest_row_with_its_headers() -> None:
    assert MAX_ROW_BYTES + 2_048 < INBOX_MAX_BYTES


def test_a_root_row_that_is_too_large_is_refused_by_name(desk: Archive) -> None:
    assert refused(desk.tells("text", ROOM)).startswith("the root row of page/1 would take 1,0")
    assert desk.page() == Page(key="page/1")


def test_the_next_record_goes_on_as_ever(desk: Archive) -> None:
    desk.tells("note", 2 * ROOM)
    assert desk.tells("note", 3) == []
    assert desk.page().notes == {"n": "aaa"}
    assert desk.fold.counts == {"records": 2, "dead letters": 1}


@pytest.mark.parametrize("letter", ["a", "ä", "書", "😀"])
def test_names_and_text_are_weighed_as_they_are_written(desk: Archive, letter: str) -> None:
    size = len(letter.encode())
    for what in ("name", "note"):
        assert desk.tells(what, (ROOM - 100) // size, letter) == []
        assert "bytes; a row has room for" in refused(desk.tells(what, (ROOM + 100) // size, letter))
    assert largest(desk.fold) <= ROOM


def test_a_name_that_cannot_be_written_hurts_its_record_alone(desk: Archive) -> None:
    def careless(page: Page, event: Event, at: datetime) -> Step[Page]:
        return Step(page.evolve(text="x", notes=page.notes.put("\ud800", "x")))

    desk.fold = Fold(Processor("archive", "archive", (Told,), {"page": Aggregate(Page, careless)}, Rules))
    assert "surrogates not allowed" in refused(desk.tells("text"))
    assert [row.key for row in desk.fold.take_changes()] == [b""]


def test_a_deadline_that_makes_a_row_too_large_is_a_dead_letter_of_its_own(desk: Archive) -> None:
    desk.tells("wait", ROOM)
    (letter,) = desk.at(minutes(11)).tells("note")
    assert letter.key == b"page/1"
    assert b"notes['late'] of page/1 would take" in dict(letter.headers)[DeadLetterHeaders.MESSAGE]
    assert desk.page().notes == {"n": "a"}


# Not weighed at once


@pytest.fixture
def hasty(desk: Archive) -> Archive:
    """Weighs only at the end of the batch."""
    desk.fold.weighs = False
    return desk


def test_a_batch_with_a_row_that_is_too_large_gives_nothing_away_and_can_be_read_again(hasty: Archive) -> None:
    hasty.tells("note", 3)
    changelog = hasty.fold.take_changes()
    before = all_known(hasty.fold)
    hasty.tells("text", 3)
    hasty.tells("note", ROOM)
    for _ in range(2):
        with pytest.raises(RowTooLarge, match=r"notes\['n'\] of page/1 would take"):
            hasty.fold.take_changes()
    batch = hasty.log[1:]
    hasty.fold.rollback()
    assert all_known(hasty.fold) == before
    hasty.fold.weighs = True
    outputs = [output for record in batch for output in hasty.fold.apply(record)]
    assert "would take" in refused(outputs)
    assert hasty.page() == Page(key="page/1", text="aaa", notes=Rows({"n": "aaa"}))
    changelog += hasty.fold.take_changes()
    assert all_known(restarted(hasty.fold, changelog)) == all_known(hasty.fold)


# Outputs


def test_an_output_fits_to_the_last_byte(desk: Archive) -> None:
    *_, fits = desk.tells("copy", 1)
    taken = len(fits.key or b"") + len(fits.value or b"") - 1
    *_, fits = desk.tells("copy", MAX_OUTPUT_BYTES - taken)
    assert len(fits.key or b"") + len(fits.value or b"") == MAX_OUTPUT_BYTES
    assert refused(desk.tells("copy", MAX_OUTPUT_BYTES - taken + 1)).startswith("archive.page.copied for copy/1 would")


def test_of_a_step_with_one_output_that_is_too_large_nothing_is_kept_or_said(desk: Archive) -> None:
    desk.tells("text", 3)
    assert "there is room for" in refused(desk.tells("copy", MAX_OUTPUT_BYTES))
    assert desk.page().text == "aaa"


def test_a_step_that_was_refused_for_its_size_may_come_again(desk: Archive) -> None:
    for _ in range(2):
        desk.hears(Told(what="note", times=ROOM), "page/1", id="same")
    assert desk.fold.counts == {"records": 2, "dead letters": 2}


# What the engine itself keeps


@pytest.mark.parametrize("letter", ["a", "ä", "書"])
def test_the_row_of_ids_seen_fits_even_for_the_longest_subjects(desk: Archive, letter: str) -> None:
    """A subject stands twice in its record, as the key and in the envelope."""
    subject = "page/" + letter * ((INBOX_MAX_BYTES // 2 - 1_000) // len(letter.encode()))
    for n in range(3):
        desk.hears(Told(what="note", letter=str(n)), subject)
    assert largest(desk.fold) <= ROOM


@pytest.mark.parametrize("letter", ["a", "ä", "書"])
def test_settings_that_are_too_large_to_be_remembered_are_refused(desk: Archive, letter: str) -> None:
    desk.told("archive", motto="short")
    long = letter * ((INBOX_MAX_BYTES - 1_000) // len(letter.encode()))
    desk.told("archive", motto=long)
    assert largest(desk.fold) <= ROOM
