"""Time in a partition: the clock is the highest timestamp, and what is due before a record happens before it."""

from datetime import datetime, timedelta

import pytest

from processors.fold import Fold
from processors.processor import Aggregate, Processor
from processors.records import DEAD_LETTERS, Output
from processors.step import Step
from schemas.codec import Decoder
from schemas.envelope import Event
from schemas.processing import DeadLetterHeaders, DeadlinePassed
from schemas.signals import ConditionFired, ConditionResolved
from tests.unit.core.library import (
    OPENING,
    BookLent,
    BookReserved,
    BookReturned,
    Desk,
    DoorOpened,
    LibraryFact,
    Member,
    ReservationWithdrawn,
    known_keys,
    library,
    member_step,
    minutes,
)

SAID = Decoder([ConditionFired, ConditionResolved, LibraryFact])
MILLISECOND = timedelta(milliseconds=1)


class Watched(Desk):
    """A desk whose steps are written down: what was heard, about whom, at what time of the partition."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, datetime]] = []

        def step(member: Member, event: Event, at: datetime) -> Step[Member]:
            name = event.name if isinstance(event, DeadlinePassed) else type(event).__name__
            self.heard.append((name, member.id, at))
            return member_step(member, event, at)

        room = library.aggregates["room"]
        watched = {"member": Aggregate(Member, step), "room": room}
        super().__init__(Fold(Processor(library.name, library.inbox, library.events, watched, library.settings)))

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.heard]


def fired(outputs: list[Output]) -> list[ConditionFired]:
    events = [SAID.decode(output.value) for output in outputs if output.topic == "alerting"]
    return [event for event in events if isinstance(event, ConditionFired)]


def test_the_clock_is_the_highest_timestamp_whatever_the_order() -> None:
    desk = Watched()
    for n in (5, 9, 3, 9):
        desk.at(minutes(n)).hears(BookReturned(book="dune"))
    assert [at for _, _, at in desk.heard] == [minutes(5), minutes(9), minutes(9), minutes(9)]
    assert desk.fold.clock == minutes(9)


def test_a_record_that_cannot_be_read_moves_the_clock_all_the_same() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    outputs = desk.at(minutes(11)).reads(b"garbage")
    assert [output.topic for output in outputs] == ["facts", "alerting", DEAD_LETTERS]
    assert desk.fold.clock == minutes(11)


def test_what_is_due_happens_before_the_record_that_lets_it_pass() -> None:
    desk = Watched()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.at(minutes(12)).hears(BookReturned(book="dune"))
    assert desk.names == ["BookLent", "overdue/dune", "BookReturned"]
    assert desk.heard[1] == ("overdue/dune", "ada", minutes(10)), "at the instant it was due, not at the record's"


def test_a_deadline_waits_until_its_instant_has_passed() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    assert desk.ticks(minutes(10)) == []
    assert desk.ticks(minutes(10) + MILLISECOND) != []


def test_deadlines_pass_in_order_of_instant_then_key_then_name() -> None:
    desk = Watched()
    for member, book, due in [
        ("member/bob", "emma", 10),
        ("member/bob", "dune", 10),
        ("member/ada", "zorba", 10),
        ("member/cat", "a", 9),
    ]:
        desk.hears(BookLent(book=book, due=minutes(due)), member)
    desk.heard.clear()
    desk.ticks(minutes(11))
    assert [(who, name) for name, who, _ in desk.heard] == [
        ("cat", "overdue/a"),
        ("ada", "overdue/zorba"),
        ("bob", "overdue/dune"),
        ("bob", "overdue/emma"),
    ]


def test_a_deadline_set_by_a_deadline_takes_its_place_among_the_others() -> None:
    desk = Watched()
    desk.hears(BookLent(book="dune", due=minutes(10)))  # reminders at 40, 70 and 100
    desk.hears(BookLent(book="emma", due=minutes(50)))
    desk.heard.clear()
    desk.ticks(minutes(60))
    assert [(name, at) for name, _, at in desk.heard] == [
        ("overdue/dune", minutes(10)),
        ("reminder/dune", minutes(40)),
        ("overdue/emma", minutes(50)),
    ]


def test_a_deadline_in_the_past_passes_with_the_next_record_and_does_not_turn_the_clock_back() -> None:
    desk = Watched()
    assert desk.at(minutes(60)).hears(BookLent(book="dune", due=minutes(10))) == []
    desk.heard.clear()
    (signal,) = fired(desk.ticks(minutes(61)))
    assert desk.heard[0] == ("overdue/dune", "ada", minutes(60))
    assert (signal.due, signal.starts_at, signal.about.time) == (minutes(10), minutes(60), minutes(60))


def test_a_late_deadline_passes_even_with_a_record_of_the_same_instant() -> None:
    desk = Desk()
    desk.at(minutes(60)).hears(BookLent(book="dune", due=minutes(10)))
    assert fired(desk.hears(DoorOpened(), "room/1")) != []


def test_a_deadline_that_was_moved_or_dropped_does_not_pass() -> None:
    desk = Watched()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.hears(BookLent(book="dune", due=minutes(30)))
    desk.hears(BookLent(book="emma", due=minutes(10)))
    desk.hears(BookReturned(book="emma"))
    assert desk.ticks(minutes(20)) == []
    assert [s.summary for s in fired(desk.ticks(minutes(31)))] == ["dune is overdue"]


def test_a_deadline_that_was_moved_forward_and_back_passes_once() -> None:
    desk = Watched()
    for due in (10, 30, 10):
        desk.hears(BookLent(book="dune", due=minutes(due)))
    desk.ticks(minutes(35))
    assert desk.names.count("overdue/dune") == 1


def test_a_deadline_passes_once() -> None:
    desk = Watched()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.ticks(minutes(11))
    assert desk.ticks(minutes(12)) == []
    assert "overdue/dune" not in desk.member().deadlines


def test_the_earliest_deadline_is_what_a_lane_must_wake_for() -> None:
    desk = Desk()
    assert desk.fold.store.agenda.earliest is None
    desk.hears(BookLent(book="dune", due=minutes(30)))
    desk.hears(BookReserved(book="emma", until=minutes(5)))
    assert desk.fold.store.agenda.earliest == minutes(30), "an expiry alone wakes nobody"
    desk.hears(BookLent(book="emma", due=minutes(20)))
    assert desk.fold.store.agenda.earliest == minutes(20)
    desk.hears(BookReturned(book="emma"))
    desk.hears(BookLent(book="dune", due=minutes(40)))
    assert desk.fold.store.agenda.earliest == minutes(40)
    desk.hears(BookReturned(book="dune"))
    assert (desk.fold.store.agenda.earliest, desk.fold.store.agenda.waiting) == (None, 0)


# Rules with a mistake in what they do about a deadline


@pytest.mark.parametrize(
    ("book", "words"),
    [
        ("haunted", "the rule for haunted books has a mistake"),
        ("sticky", "the rule waits again for 'overdue/sticky' at 2026-01-05 08:10:00+00:00, which has passed"),
    ],
)
def test_a_rule_that_fails_at_a_deadline_makes_a_dead_letter_of_the_deadline_alone(book: str, words: str) -> None:
    desk = Desk()
    desk.hears(BookLent(book=book, due=minutes(10)))
    desk.hears(BookLent(book="dune", due=minutes(10)), "member/bob")
    before = desk.member()
    outputs = desk.at(minutes(11)).hears(DoorOpened(), "room/1")
    letter, *others = outputs
    assert letter.topic == DEAD_LETTERS
    assert [o.topic for o in others] == ["facts", "alerting"], "the other key's deadline and the record go on"
    assert desk.member() == before.awaits(f"overdue/{book}", None)
    assert "room/1" in known_keys(desk.fold)
    reasons = {name: value.decode() for name, value in letter.headers}
    assert reasons[DeadLetterHeaders.MESSAGE] == words
    assert (reasons[DeadLetterHeaders.STAGE], reasons[DeadLetterHeaders.OFFSET]) == ("TRANSFORMATION", "2")
    passed = Decoder([DeadlinePassed]).decode(letter.value, letter.headers[:1])
    assert passed == DeadlinePassed(name=f"overdue/{book}", due=minutes(10))
    assert (letter.key, passed.about.subject, passed.about.id) == (b"member/ada", "member/ada", "0-2-1")


def test_what_cannot_be_written_leaves_the_state_as_it_was() -> None:
    def mumbling(member: Member, event: Event, at: datetime) -> Step[Member]:
        step = Step(member.evolve(fines=member.fines + 1)).awaits("soon", minutes(5) if at < minutes(5) else None)
        return step.emits("library/\ud800", LibraryFact(fines=1)) if isinstance(event, DeadlinePassed) else step

    members = {"member": Aggregate(Member, mumbling)}
    desk = Desk(Fold(Processor("library", library.inbox, library.events, members, library.settings)))
    desk.hears(BookReturned(book="dune"))
    (letter,) = desk.ticks(minutes(6))
    assert letter.topic == DEAD_LETTERS
    assert desk.member() == Member(key="member/ada", fines=1)


def test_a_key_that_only_waited_is_forgotten_when_it_waits_no_longer() -> None:
    def waiting(member: Member, event: Event, at: datetime) -> Step[Member]:
        return Step(member if isinstance(event, DeadlinePassed) else member.awaits("soon", minutes(60)))

    department = Processor("library", library.inbox, library.events, {"member": Aggregate(Member, waiting)})
    desk = Desk(Fold(department, seen_window=timedelta(minutes=1)))
    desk.hears(BookReturned(book="dune"))
    desk.ticks(minutes(30))
    assert known_keys(desk.fold) == ["member/ada"]
    desk.ticks(minutes(61))
    assert known_keys(desk.fold) == []


def test_a_rule_that_waits_again_for_a_later_instant_is_in_order() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.ticks(minutes(200))
    assert desk.fold.counts["deadlines"] == 4  # overdue and three reminders, at 40, 70, 100
    assert desk.fold.counts["dead letters"] == 0


def test_a_deadline_without_a_time_zone_hurts_only_the_record_that_set_it() -> None:
    def careless(member: Member, event: Event, at: datetime) -> Step[Member]:
        return Step(member.evolve(fines=9).awaits("soon", at.replace(tzinfo=None)))

    department = Processor("library", "events.library", library.events, {"member": Aggregate(Member, careless)})
    desk = Desk(Fold(department))
    (letter,) = desk.hears(BookReturned(book="dune"))
    assert dict(letter.headers)[DeadLetterHeaders.MESSAGE] == b"deadline 'soon': 2026-01-05 08:00:00 has no time zone"
    assert desk.member() == Member(key="member/ada")
    assert len(desk.ticks(minutes(60))) == 0


# Entries that drop out by themselves


def test_an_entry_drops_out_once_the_clock_has_passed_its_instant_and_not_a_millisecond_earlier() -> None:
    desk = Desk()
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    desk.ticks(minutes(10))
    assert "dune" in desk.member().reserved
    desk.ticks(minutes(10) + MILLISECOND)
    assert "dune" not in desk.member().reserved


def test_an_entry_is_still_there_for_a_deadline_of_its_own_instant_and_gone_for_a_later_one() -> None:
    desk = Desk()
    for book, due in [("dune", 10), ("emma", 11)]:
        desk.hears(BookReserved(book=book, until=minutes(10)))
        desk.hears(BookLent(book=book, due=minutes(due)))
    summaries = [signal.summary for signal in fired(desk.ticks(minutes(12)))]
    assert summaries == ["dune is overdue, which somebody waits for", "emma is overdue"]


def test_expiry_is_a_matter_of_whole_milliseconds_as_on_the_changelog() -> None:
    """Else a restart between the two would let them pass in the other order."""
    desk = Desk()
    microsecond = timedelta(microseconds=1)
    desk.hears(BookReserved(book="dune", until=minutes(10) + 500 * microsecond))
    desk.hears(BookLent(book="dune", due=minutes(10) + 300 * microsecond))
    assert [signal.summary for signal in fired(desk.ticks(minutes(11)))] == ["dune is overdue"]


def test_an_entry_that_is_written_again_lives_as_long_as_said_last() -> None:
    desk = Desk()
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    desk.hears(BookReserved(book="dune", until=minutes(30)))
    desk.ticks(minutes(20))
    assert "dune" in desk.member().reserved
    desk.ticks(minutes(31))
    assert "dune" not in desk.member().reserved


@pytest.mark.parametrize("committed", [True, False])
def test_an_entry_that_is_written_again_without_an_instant_stays_for_good(committed: bool) -> None:
    def keeping(member: Member, event: Event, at: datetime) -> Step[Member]:
        if isinstance(event, BookLent):
            return Step(member.evolve(reserved=member.reserved.put(event.book, "for good")))
        return member_step(member, event, at)

    members = {"member": Aggregate(Member, keeping)}
    desk = Desk(Fold(Processor("library", library.inbox, library.events, members, library.settings)))
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    if committed:
        desk.fold.take_changes()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.ticks(minutes(20))
    assert desk.member().reserved == {"dune": "for good"}


def test_an_entry_that_was_dropped_and_came_back_is_not_taken_by_its_old_expiry() -> None:
    desk = Desk()
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    desk.hears(ReservationWithdrawn(book="dune"))
    desk.hears(BookReserved(book="dune", until=minutes(30)))
    desk.ticks(minutes(20))
    assert "dune" in desk.member().reserved


def test_a_key_whose_last_entry_expires_is_forgotten() -> None:
    desk = Desk(Fold(library, seen_window=timedelta(minutes=1)))
    desk.hears(BookReserved(book="dune", until=minutes(10)))
    desk.fold.take_changes()
    desk.ticks(minutes(11))
    assert known_keys(desk.fold) == []
    assert {row.value for row in desk.fold.store.take_changes()} == {None}


def test_the_clock_starts_with_the_first_record() -> None:
    assert Desk().fold.clock < OPENING


def test_two_deadlines_that_set_each_other_off_for_ever_hurt_only_their_key() -> None:
    def step(member: Member, event: Event, at: datetime) -> Step[Member]:
        match event:
            case DeadlinePassed(name="ping", due=due):
                return Step(member).awaits("pong", due)
            case DeadlinePassed(name="pong", due=due):
                return Step(member).awaits("ping", due)
            case BookLent(book="ping"):
                return Step(member).awaits("ping", event.due)
        return member_step(member, event, at)

    aggregates = {**library.aggregates, "member": Aggregate(Member, step)}
    desk = Desk(Fold(Processor(library.name, library.inbox, library.events, aggregates, library.settings)))
    desk.hears(BookLent(book="ping", due=minutes(10)))
    desk.hears(BookLent(book="dune", due=minutes(20)), "member/bob")
    came = desk.ticks(minutes(60))
    (letter,) = [output for output in came if output.topic == DEAD_LETTERS]
    assert letter.key == b"member/ada"
    assert b"set off one another" in dict(letter.headers)[DeadLetterHeaders.MESSAGE]
    assert [signal.about.subject for signal in fired(came)] == ["member/bob"]
    assert desk.fold.store.agenda.earliest is None or desk.fold.store.agenda.earliest > minutes(10)
