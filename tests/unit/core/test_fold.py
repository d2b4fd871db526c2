"""The fold of one partition: what a record does, whom it concerns, and what becomes of one that is of no use."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from processors.collection import UnreadableRow as UnreadableRow
from processors.fold import Fold
from processors.processor import Aggregate, Processor
from processors.records import DEAD_LETTERS, Output
from processors.row import Row, row_key
from processors.step import State, Step
from schemas.codec import HEADERS, Decoder, encode
from schemas.envelope import About, Event, Evidence
from schemas.processing import DeadLetterHeaders
from schemas.signals import ConditionFired, ConditionResolved
from schemas.topics import INBOX_MAX_BYTES
from tests.unit.core.library import (
    Anything,
    BookLent,
    BookReserved,
    BookReturned,
    CardLost,
    Desk,
    DoorOpened,
    LibraryFact,
    LibrarySettings,
    Member,
    Room,
    all_known,
    known_keys,
    library,
    minutes,
    partition_of,
    restarted,
)

MILLISECOND = timedelta(milliseconds=1)
SAID = Decoder([ConditionFired, ConditionResolved, LibraryFact])


def said(outputs: list[Output]) -> list[Event]:
    return [SAID.decode(output.value, output.headers) for output in outputs if output.topic != DEAD_LETTERS]


def why(outputs: list[Output]) -> dict[str, str]:
    """The reasons of the one dead letter."""
    (letter,) = outputs
    assert letter.topic == DEAD_LETTERS
    return {name: value.decode() for name, value in letter.headers if name.startswith("__connect.errors.")}


# Dead letters


def test_a_record_whose_rule_raises_is_a_dead_letter_and_changes_nothing() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(60)))
    before = desk.member()
    desk.fold.take_changes()
    (letter,) = desk.hears(CardLost())
    assert (letter.key, letter.value) == (desk.log[-1].key, desk.log[-1].value)
    assert desk.member() == before
    assert [row.key for row in desk.fold.take_changes()] == [b""], "only where the partition stands has changed"


def test_a_rule_that_raises_for_a_stranger_leaves_no_trace_of_him() -> None:
    desk = Desk()
    desk.hears(CardLost(), "member/stranger")
    assert known_keys(desk.fold) == []


def test_a_dead_letter_is_the_whole_record_with_connects_headers() -> None:
    desk = Desk().at(minutes(3))
    sent = [*HEADERS, ("traceparent", b"00-1-2-01")]
    (letter,) = desk.hears(CardLost(), headers=sent)
    assert letter.headers[: len(sent)] == sent
    assert (letter.at, letter.partition) == (minutes(3), None)
    reasons = why([letter])
    trace = reasons.pop(DeadLetterHeaders.STACKTRACE)
    assert reasons == {
        "__connect.errors.topic": "events.library",
        "__connect.errors.partition": "0",
        "__connect.errors.offset": "0",
        "__connect.errors.stage": "TRANSFORMATION",
        "__connect.errors.class.name": "library",
        "__connect.errors.exception.class.name": "builtins.RuntimeError",
        "__connect.errors.exception.message": "nobody thought of lost cards",
    }
    assert trace.startswith("Traceback")
    assert trace.rstrip().endswith("RuntimeError: nobody thought of lost cards")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "the record has no value"),
        (b"not JSON", "event: Invalid JSON"),
        (b'{"type": "library.book.burnt"}', "event: Input tag 'library.book.burnt'"),
    ],
)
def test_an_unreadable_record_is_a_dead_letter_of_the_converter(value: bytes | None, words: str) -> None:
    (letter,) = Desk().reads(value, b"member/ada", [])
    reasons = why([letter])
    assert (letter.key, letter.value) == (b"member/ada", value)
    assert reasons[DeadLetterHeaders.STAGE] == "VALUE_CONVERTER"
    assert reasons[DeadLetterHeaders.MESSAGE].startswith(words)


def test_a_header_that_is_not_text_fails_in_the_header_converter() -> None:
    reasons = why(Desk().reads(b"{}", b"member/ada", [("ce_id", b"\xff")]))
    assert reasons[DeadLetterHeaders.STAGE] == "HEADER_CONVERTER"


def test_a_long_complaint_is_cut_so_that_the_letter_fits() -> None:
    def rambling(state: Member, event: Event, at: object) -> Step[Member]:
        raise RuntimeError("ä" * 100_000)

    verbose = Processor("library", "events.library", library.events, {"member": Aggregate(Member, rambling)})
    (letter,) = Desk(Fold(verbose)).hears(CardLost())
    reasons = why([letter])
    assert reasons[DeadLetterHeaders.MESSAGE] == "ä" * 8_000
    assert len(reasons[DeadLetterHeaders.STACKTRACE]) == 8_000
    assert reasons[DeadLetterHeaders.STACKTRACE].endswith("ä\n"), "the innermost is at the end"


def test_a_key_that_is_not_the_subject_is_refused_with_both() -> None:
    reasons = why(Desk().hears(BookReturned(book="dune"), "member/ada", key="member/bob"))
    assert reasons[DeadLetterHeaders.MESSAGE] == (
        "the key is b'member/bob', but the subject is 'member/ada'; they must be equal"
    )
    assert reasons[DeadLetterHeaders.STAGE] == "VALUE_CONVERTER"


def test_a_kind_that_the_department_does_not_keep_is_refused_by_name() -> None:
    desk = Desk()
    reasons = why(desk.hears(Anything(), "ghost/1"))
    assert "library keeps nothing of kind 'ghost', only member, room" in reasons[DeadLetterHeaders.MESSAGE]
    assert known_keys(desk.fold) == []


def test_the_record_after_a_dead_letter_is_applied_as_ever() -> None:
    desk = Desk()
    desk.reads(b"garbage")
    desk.hears(BookLent(book="dune", due=minutes(60)))
    assert list(desk.member().loans) == ["dune"]
    assert desk.fold.next_offset == 2
    assert desk.fold.counts == {"records": 2, "dead letters": 1}


# Duplicates


def test_a_second_event_with_the_same_source_and_id_changes_nothing() -> None:
    desk = Desk()
    desk.hears(DoorOpened(), "room/1", id="d1")
    assert desk.hears(DoorOpened(), "room/1", id="d1") == []
    assert desk.fold.counts["duplicates"] == 1
    assert visitors(desk) == {"room/1": 1}


def test_the_same_id_from_another_source_or_about_another_key_is_another_event() -> None:
    desk = Desk()
    desk.hears(DoorOpened(), "room/1", id="d1", source="/front-door")
    desk.hears(DoorOpened(), "room/1", id="d1", source="/back-door")
    desk.hears(DoorOpened(), "room/2", id="d1", source="/front-door")
    assert visitors(desk) == {"room/1": 2, "room/2": 1}


def test_blanks_in_sources_and_ids_do_not_make_two_events_one() -> None:
    desk = Desk()
    desk.hears(DoorOpened(), "room/1", id="door 1", source="/front")
    desk.hears(DoorOpened(), "room/1", id="1", source="/front door")
    desk.hears(DoorOpened(), "room/1 /front", id="1", source="door")
    assert visitors(desk) == {"room/1": 2, "room/1 /front": 1}


@pytest.mark.parametrize("second", [0, 1, 59])
def test_an_id_is_known_for_the_window_and_forgotten_with_its_minute(second: int) -> None:
    week = 7 * 24 * 60
    desk = Desk().at(minutes(second / 60))
    desk.hears(DoorOpened(), "room/1", id="d1")
    desk.at(minutes(week + 1) - MILLISECOND).hears(DoorOpened(), "room/1", id="d1")
    assert visitors(desk) == {"room/1": 1}
    desk.at(minutes(week + 1)).hears(DoorOpened(), "room/1", id="d1")
    assert visitors(desk) == {"room/1": 2}


def test_the_window_is_a_matter_of_the_partitions_clock_not_of_an_events_own_time() -> None:
    desk = Desk().at(minutes(60))
    about = About("d1", "/tests", "room/1", minutes(-10 * 24 * 60))
    for _ in range(2):
        desk.reads(encode(DoorOpened(), about), b"room/1")
        desk.at(minutes(120))
    assert visitors(desk) == {"room/1": 1}


def test_a_duplicate_does_not_lengthen_the_window() -> None:
    week = 7 * 24 * 60
    desk = Desk()
    desk.hears(DoorOpened(), "room/1", id="d1")
    desk.at(minutes(week - 1)).hears(DoorOpened(), "room/1", id="d1")
    desk.at(minutes(week + 1)).hears(DoorOpened(), "room/1", id="d1")
    assert visitors(desk) == {"room/1": 2}


def test_an_event_that_could_not_be_applied_may_come_again() -> None:
    desk = Desk()
    desk.hears(CardLost(), id="lost")
    (letter,) = desk.hears(CardLost(), id="lost")
    assert letter.topic == DEAD_LETTERS
    assert desk.fold.counts["duplicates"] == 0


def visitors(desk: Desk) -> dict[str, int]:
    return {key: room.visitors for key, room in desk.fold.states().items() if isinstance(room, Room)}


# The right partition

ELSEWHERE = next(f"member/{n}" for n in range(100) if partition_of(f"member/{n}".encode()) == 3)
HERE = next(f"member/{n}" for n in range(100) if partition_of(f"member/{n}".encode()) == 2)


@pytest.fixture
def desk() -> Desk:
    """The third of four partitions."""
    return Desk(Fold(library, 2, partition_of))


def test_a_record_in_the_wrong_partition_is_sent_on_untouched(desk: Desk) -> None:
    headers = [*HEADERS, ("traceparent", b"00-1-2-01")]
    sent_on = desk.at(minutes(7)).hears(BookReturned(book="dune"), ELSEWHERE, headers=headers)
    record = desk.log[-1]
    assert sent_on == [Output("events.library", ELSEWHERE.encode(), record.value, headers, minutes(7), 3)]
    assert known_keys(desk.fold) == []
    assert desk.fold.counts["forwarded"] == 1


def test_even_one_that_cannot_be_read_is_sent_on_for_its_own_partition_to_say_so(desk: Desk) -> None:
    (sent_on,) = desk.reads(b"garbage", ELSEWHERE.encode())
    assert (sent_on.topic, sent_on.value, sent_on.partition) == ("events.library", b"garbage", 3)


def test_a_record_without_a_key_goes_where_its_subject_belongs_and_has_it_for_key_from_then_on(desk: Desk) -> None:
    (sent_on,) = desk.hears(BookReturned(book="dune"), ELSEWHERE, key=None)
    assert (sent_on.key, sent_on.partition, sent_on.topic) == (ELSEWHERE.encode(), 3, "events.library")
    desk.hears(BookLent(book="dune", due=minutes(60)), HERE, key=None)
    assert known_keys(desk.fold) == [HERE]


def test_a_record_that_would_not_fit_with_a_key_is_a_dead_letter_where_it_is(desk: Desk) -> None:
    sent = json.loads(encode(BookReturned(book="dune"), About("e1", "/tests", ELSEWHERE, minutes(0))))
    room = INBOX_MAX_BYTES - 200
    sent["note"] = "x" * (room - len(json.dumps({**sent, "note": ""})))
    (letter,) = desk.reads(json.dumps(sent).encode(), None)
    assert len(letter.value or b"") == room
    assert "there is room for" in why([letter])[DeadLetterHeaders.MESSAGE]


def test_a_key_of_here_does_not_bring_a_subject_from_elsewhere(desk: Desk) -> None:
    reasons = why(desk.hears(BookReturned(book="dune"), ELSEWHERE, key=HERE))
    assert reasons[DeadLetterHeaders.MESSAGE].endswith("they must be equal")


def test_ticks_and_settings_belong_to_the_partition_they_stand_in(desk: Desk) -> None:
    assert desk.ticks(minutes(1)) == []
    assert desk.told(fine=3) == []
    assert desk.fold.counts["control"] == 2


def test_a_processor_with_one_key_takes_every_subject() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Everything(State):
        """All that is known."""

        heard: int = 0

    def count(state: Everything, event: Event, at: object) -> Step[Everything]:
        return Step(state.evolve(heard=state.heard + 1)).emits("heard", LibraryFact(fines=1))

    single = Processor("all", "all", library.events, {"everything": Aggregate(Everything, count)}, single=True)
    desk = Desk(Fold(single, 0, lambda key: 3))
    heard = [*desk.hears(BookReturned(book="dune"), "member/ada", key="whatever")]
    heard += desk.hears(DoorOpened(), "room/1", key=None)
    assert [output.topic for output in heard] == ["facts", "facts"]
    assert desk.fold.states() == {"everything": Everything(key="everything", heard=2)}


# Settings


def fine(fold: Fold) -> int:
    assert isinstance(fold.settings, LibrarySettings)
    return fold.settings.fine


def test_settings_on_record_hold_from_there_on_for_every_key() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.hears(BookLent(book="emma", due=minutes(30)))
    desk.ticks(minutes(15))
    desk.told(fine=4)
    desk.ticks(minutes(31))
    assert desk.member().fines == 1 + 4


def test_deadlines_before_new_settings_fall_under_the_old_ones() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.at(minutes(20)).told(fine=4)
    assert desk.member().fines == 1


def test_settings_replace_all_earlier_ones() -> None:
    desk = Desk()
    desk.told(fine=4)
    desk.told(remind_after="PT1H")
    assert fine(desk.fold) == 1


def test_another_processors_settings_are_nothing_to_us() -> None:
    desk = Desk()
    assert desk.told("archive", shelves=7) == []
    assert desk.fold.settings == desk.fold.processor.settings()


@pytest.mark.parametrize("wrong", [{"fine": "many"}, {"no_such_setting": 1}])
def test_settings_that_do_not_fit_are_a_dead_letter_and_the_old_ones_stay(wrong: dict[str, Any]) -> None:
    desk = Desk()
    desk.told(fine=4)
    reasons = why(desk.told(**wrong))
    assert reasons[DeadLetterHeaders.STAGE] == "VALUE_CONVERTER"
    assert reasons[DeadLetterHeaders.MESSAGE].startswith("settings of library: ")
    assert next(iter(wrong)) in reasons[DeadLetterHeaders.MESSAGE]
    assert fine(desk.fold) == 4


# Whatever a rule does wrong


def test_a_rule_that_waits_without_a_time_zone_behind_our_back_hurts_its_record_alone() -> None:
    def sly(member: Member, event: Event, at: datetime) -> Step[Member]:
        naive = at.replace(tzinfo=None)
        return Step(member.evolve(fines=9, deadlines=member.deadlines.put("soon", naive).put("later", naive)))

    desk = Desk(Fold(Processor("library", "events.library", library.events, {"member": Aggregate(Member, sly)})))
    assert "has no time zone" in why(desk.hears(BookReturned(book="dune")))[DeadLetterHeaders.MESSAGE]
    assert known_keys(desk.fold) == []
    assert desk.ticks(minutes(60)) == []


# What is said


def test_what_a_record_causes_is_named_after_it_and_numbered() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.hears(BookLent(book="emma", due=minutes(20)))
    outputs = said(desk.ticks(minutes(25)))
    assert [event.about.id for event in outputs] == ["0-2-2", "0-2-3", "0-2-5", "0-2-6"]  # 1 and 4: the deadlines
    assert {event.about.source for event in outputs} == {"/backoffice/processors/library"}
    assert [event.about.causationid for event in outputs] == ["0-2-1", "0-2-1", "0-2-4", "0-2-4"]


def test_the_partition_is_part_of_the_name(desk: Desk) -> None:
    desk.hears(BookLent(book="dune", due=minutes(-1)), HERE)
    assert {event.about.id for event in said(desk.ticks(minutes(1)))} == {"2-1-2", "2-1-3"}


def test_an_output_carries_its_causes_correlation_and_time() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.ticks(minutes(11))
    desk.at(minutes(12))
    sent = json.loads(
        b'{"specversion":"1.0","id":"r1","source":"/desk","type":"library.book.returned","subject":"member/ada",'
        b'"time":"2026-01-05T08:00:00Z","correlationid":"visit-1","data":{"book":"dune"}}'
    )
    outputs = desk.reads(json.dumps(sent).encode())
    (event,) = said(outputs)
    about = event.about
    assert (about.causationid, about.correlationid, about.traceparent) == ("r1", "visit-1", None)
    assert (about.subject, about.time) == ("member/ada", minutes(12))
    (output,) = outputs
    assert (output.topic, output.key, output.at, output.partition) == ("alerting", b"member/ada", minutes(12), None)
    assert output.headers == HEADERS


def test_a_rule_rests_on_where_its_event_stands_on_the_log() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.ticks(minutes(11))
    (event,) = said(desk.hears(BookReturned(book="dune"), id="back"))
    assert isinstance(event, ConditionResolved)
    assert event.evidence == (Evidence("events.library", 0, 2, "back"),)


def test_the_same_log_gives_the_same_bytes() -> None:
    def day() -> Desk:
        desk = Desk()
        desk.hears(BookReserved(book="dune", until=minutes(500)))
        desk.hears(BookLent(book="dune", due=minutes(10)))
        desk.ticks(minutes(400))
        desk.hears(BookReturned(book="dune"))
        return desk

    assert day().outputs == day().outputs != []
    assert all_known(day().fold) == all_known(day().fold)


# What a restart reads


def test_a_row_that_is_not_of_this_processor_is_refused_with_its_key() -> None:
    for key, value in [
        (b"no separators", b"1"),
        (b"member/ada\x1floans", b"{}"),
        (row_key("ghost/1", "", ""), b"{}"),
        (b"\xff", b"{}"),
        (row_key("", "loans", "dune"), b"{}"),
        (row_key("", "seen", "yesterday.0.0"), b"[]"),
        (row_key("", "seen", "7.0.0"), b'{"member/ada /tests 1": 1}'),
        (row_key("", "seen", "7.0.0"), b"[1]"),
        (row_key("", "seen", "7.0.0"), b"not JSON"),
    ]:
        with pytest.raises(ValueError, match=r"the row b.* is not one of library's") as e:
            Fold(library, 2).restore([Row(key, value, None)])
        assert repr(key) in str(e.value)


@pytest.mark.parametrize(
    "value",
    [
        b"not JSON",
        b"[1]",
        b'{"next_offset": "soon"}',
        b'{"applied": []}',
        b'{"clock": null}',
        b'{"clock": 1e300}',
        b'{"settings": {"fine": "much"}}',
        b'{"settings": 7}',
    ],
)
def test_a_partition_that_is_not_told_where_it_stands_is_refused_with_the_row(value: bytes) -> None:
    with pytest.raises(ValueError, match="the row b'' does not say where the partition stands"):
        Fold(library).restore([Row(b"", value, None)])


def test_a_deadline_that_cannot_be_read_stops_the_restart() -> None:
    with pytest.raises(UnreadableRow, match="deadline 'x' of member/ada does not fit its state: Invalid isoformat"):
        Fold(library).restore([Row(row_key("member/ada", "deadlines", "x"), b'"yesterday"', None)])


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (row_key("member/ada", "", ""), b"[1]", "the root row of member/ada does not fit its state"),
        (row_key("member/ada", "", ""), b'{"fines": "many"}', "the root row of member/ada does not fit its state"),
        (row_key("member/ada", "loans", "dune"), b"7", "loans['dune'] of member/ada does not fit its state"),
    ],
)
def test_a_row_that_does_not_fit_its_state_stops_whoever_touches_it_and_nobody_else(
    key: bytes, value: bytes, words: str
) -> None:
    """It is not the record's fault, which therefore is no dead letter."""
    desk = Desk()
    desk.fold.restore([Row(key, value, None)])
    assert desk.hears(BookReturned(book="dune"), "member/bob") == []
    with pytest.raises(UnreadableRow, match=re.escape(words)):
        desk.hears(BookReturned(book="dune"))
    assert desk.fold.counts["dead letters"] == 0


def test_where_a_partition_stands_is_a_row_of_its_own() -> None:
    desk = Desk()
    desk.at(minutes(5)).told(fine=3)
    (row,) = desk.fold.take_changes()
    assert (row.key, row.until) == (b"", None)
    assert json.loads(row.value or b"") == {
        "next_offset": 1,
        "clock": int(minutes(5).timestamp() * 1000),
        "settings": {"fine": 3},
    }
    again = restarted(desk.fold, [row])
    assert (again.next_offset, again.clock, fine(again)) == (1, minutes(5), 3)


def test_a_partition_nobody_read_yet_begins_at_the_beginning() -> None:
    fresh = Fold(library)
    fresh.restore([Row(b"", None, None), Row(b"", b"{}", None)])
    assert all_known(fresh) == all_known(Fold(library))
    assert fresh.next_offset == 0
