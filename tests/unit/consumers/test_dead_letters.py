"""Dead letters: what they failed of, what they are sent again as, and that each is sent once whatever is killed."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.dead_letters import inboxes
from backoffice.registry import processors
from consumers.api.ports import NotTaken, NotWritten
from consumers.dead_letters import standing as standing_module
from consumers.dead_letters.box import NoSuchLetter
from consumers.dead_letters.dealing import Dealing, Outcome, Person, Writer
from consumers.dead_letters.letter import Letter, Reason, letter_of, pattern
from consumers.dead_letters.resending import Copy, Refused, Sending, problem, resend
from consumers.dead_letters.standing import Choice, Fate, Standing
from consumers.log import Record
from processors import records as processing
from processors.deadletter import dead_letter
from processors.fold import Fold
from schemas.audit import ActionRecorded
from schemas.codec import HEADERS, Decoder, Headers
from schemas.dead_letters import DECISIONS, HANDLED, LetterDecision, LetterDiscarded, LetterRedriven
from schemas.example import example
from schemas.processing import DeadLetterHeaders as Dead
from schemas.processing import DeadlinePassed, RedriveHeaders, Tick
from schemas.signals import ConditionFired
from schemas.topics import Space

T = TypeVar("T")

SPACE = Space("test")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
INBOXES = inboxes()
ACCOUNTING = next(p for p in processors() if p.name == "accounting")
DANA = Person("dana", "console")

RECEIVED = {
    "specversion": "1.0",
    "id": "1",
    "source": "/erp",
    "type": "accounting.invoice.received",
    "subject": "vendor/acme",
    "time": AT.isoformat(),
    "data": {
        "number": "INV-7",
        "invoice": "R-1",
        "amount": {"amount": "10.00", "currency": "EUR"},
        "issued_on": "2026-03-01",
        "due_on": "2026-04-01",
    },
}


def said(**data: Any) -> bytes:
    return json.dumps({**RECEIVED, "data": {**RECEIVED["data"], **data}}).encode()  # type: ignore[dict-item]


BAD = said(amount={"amount": "10,00", "currency": "EUR"})
GOOD = said()


def processed(value: bytes | None, key: bytes | None = b"vendor/acme", headers: Headers = HEADERS) -> processing.Record:
    return processing.Record("events.accounting", 3, 1207, int(AT.timestamp() * 1000), key, value, headers)


def buried(number: int, record: processing.Record, fold: Fold | None = None) -> Record:
    """The record as the processor buries it, standing among the dead letters."""
    (output,) = (fold or Fold(ACCOUNTING)).apply(record)
    assert output.topic == "dead-letters"
    return Record("test.dead-letters", 0, number, AT, output.key, output.value, output.headers)


def letter(number: int = 7, value: bytes | None = BAD, **changes: Any) -> Letter:
    return letter_of(buried(number, processed(value, **changes)), SPACE)


def test_a_letter_says_where_it_was_and_why_it_failed() -> None:
    one = letter()
    assert (one.topic, one.partition, one.offset) == ("events.accounting", 3, 1207)
    assert (one.key, one.value, tuple(one.headers)) == (b"vendor/acme", BAD, tuple(HEADERS))
    assert (one.stage, one.processor, one.type) == ("VALUE_CONVERTER", "accounting", "accounting.invoice.received")
    assert one.exception == "schemas.codec.Unreadable"
    assert any(field.startswith("amount") for field in one.fields)
    assert "Unreadable" in one.stacktrace
    assert one.tries == 0


@given(
    st.binary() | st.none(),
    st.binary(max_size=10) | st.none(),
    st.lists(
        st.tuples(st.sampled_from([Dead.TOPIC, Dead.PARTITION, Dead.MESSAGE, RedriveHeaders.TRIES, "x"]), st.binary())
    ),
)
def test_any_record_is_a_letter_and_either_is_refused_or_goes_back_as_it_was(
    value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    one = letter_of(Record("test.dead-letters", 0, 5, AT, key, value, headers), SPACE)
    assert one.summary().reason
    with suppress(Refused):
        sending = resend(one, INBOXES)
        assert (sending.key, sending.value) == (key, value)


def test_letters_that_failed_alike_are_told_together() -> None:
    assert pattern("the key is 'vendor/1', but the subject is 'vendor/2'") == "the key is …, but the subject is …"
    assert pattern("would take 1,234,567 bytes") == pattern("would take 99 bytes")
    assert pattern("amount: not a number") != pattern("due_on: not a date")
    assert letter(1).summary().reason == letter(2).summary().reason
    assert letter(1).summary().reason != letter(1, value=b"rubbish").summary().reason


# What it is sent again as


def test_a_record_goes_back_to_its_partition_whole_and_is_counted() -> None:
    headers = (*HEADERS, ("traceparent", b"00-1"))
    mended = Fold(ACCOUNTING)
    one = letter_of(Record("test.dead-letters", 0, 7, AT, b"vendor/acme", GOOD, [*headers, *why()]), SPACE)
    sending = resend(one, INBOXES)
    assert sending == Sending(
        "events.accounting",
        b"vendor/acme",
        GOOD,
        (*headers, (RedriveHeaders.TRIES, b"1"), (RedriveHeaders.LETTER, b"7")),
        3,
    )
    assert not [o for o in mended.apply(processed(sending.value, headers=sending.headers)) if o.topic == "dead-letters"]


def why(topic: str = "events.accounting") -> Headers:
    record = processing.Record(topic, 3, 1207, 0, b"", b"")
    return dead_letter(ValueError("a rule of then"), record, "accounting").headers


def test_the_count_stays_on_a_record_that_comes_back_and_ends_the_loop() -> None:
    record = processed(GOOD)
    for tries in range(3):
        came_back = [*record.headers, *why()]
        one = letter_of(Record("test.dead-letters", 0, tries, AT, record.key, record.value, came_back), SPACE)
        assert one.tries == tries
        record = record._replace(headers=resend(one, INBOXES, most_tries=3).headers)
        assert [name for name, _ in record.headers].count(RedriveHeaders.TRIES) == 1
    one = letter_of(Record("test.dead-letters", 0, 9, AT, record.key, record.value, [*record.headers, *why()]), SPACE)
    with pytest.raises(Refused, match="sent again 3 times and came back each time"):
        resend(one, INBOXES, most_tries=3)
    assert resend(one, INBOXES, Copy(one.key, one.value), most_tries=3).partition == 3, "a correction is no repetition"


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (letter(), "it would come back at once: accounting.invoice.received.amount.amount"),
        (letter(value=b"rubbish"), "it would come back at once: event: Invalid JSON"),
        (letter(value=None), "it would come back at once: the record has no value"),
        (letter(value=GOOD, key=b"vendor/other"), "the key is 'vendor/other', but the subject is 'vendor/acme'"),
        (letter_of(Record("test.dead-letters", 0, 1, AT, b"k", GOOD, HEADERS), SPACE), "nowhere that it says"),
        (
            letter_of(Record("test.dead-letters", 0, 1, AT, b"k", GOOD, [*HEADERS, *why("events.imagined")]), SPACE),
            "it came from events.imagined, which is no inbox",
        ),
        (
            letter_of(Record("test.dead-letters", 0, 1, AT, b"k", GOOD, [("x", None), *why()]), SPACE),  # type: ignore[list-item]
            "one of its headers has no value",
        ),
    ],
)
def test_what_would_be_back_at_once_is_refused_and_says_why(one: Letter, says: str) -> None:
    with pytest.raises(Refused, match=says):
        resend(one, INBOXES)


@pytest.mark.parametrize(
    ("type_", "says"), [(DeadlinePassed, "it is a deadline"), (Tick, "it concerned a whole partition")]
)
def test_what_was_never_an_event_of_the_inbox_is_refused(type_: Any, says: str) -> None:
    value = json.dumps(example(type_)).encode()
    with pytest.raises(Refused, match=says):
        resend(letter_of(Record("test.dead-letters", 0, 1, AT, b"k", value, [*HEADERS, *why()]), SPACE), INBOXES)


def test_a_correction_is_read_as_the_inbox_reads_it_and_unknown_fields_are_a_slip() -> None:
    one = letter()
    assert resend(one, INBOXES, Copy(one.key, GOOD)).value == GOOD
    with pytest.raises(Refused, match="amuont: Extra inputs are not permitted"):
        resend(one, INBOXES, Copy(one.key, said(amuont=1)))
    with pytest.raises(Refused, match="amount"):
        resend(one, INBOXES, Copy(one.key, BAD))
    upstream_adds_fields = letter_of(
        Record("test.dead-letters", 0, 1, AT, b"vendor/acme", said(new=1), [*HEADERS, *why()]), SPACE
    )
    assert resend(upstream_adds_fields, INBOXES).value == said(new=1)


def test_a_corrected_key_goes_where_it_belongs() -> None:
    one = letter(value=GOOD, key=b"vendor/other")
    sending = resend(one, INBOXES, Copy(b"vendor/acme", GOOD))
    assert (sending.key, sending.partition) == (b"vendor/acme", None)


def test_binary_mode_is_corrected_too() -> None:
    attributes = {name: value for name, value in RECEIVED.items() if name != "data"}
    headers = (("content-type", b"application/json"), *((f"ce_{n}", str(v).encode()) for n, v in attributes.items()))
    one = letter(value=json.dumps({**json.loads(BAD)["data"]}).encode(), headers=headers)
    good = json.dumps(RECEIVED["data"]).encode()
    assert resend(one, INBOXES, Copy(one.key, good)).value == good
    assert problem(INBOXES["events.accounting"], one.key, good, headers, strict=True) is None


def test_alertings_inbox_has_one_key_for_all() -> None:
    value = json.dumps(example(ConditionFired)).encode()
    one = letter_of(Record("test.dead-letters", 0, 1, AT, b"whatever", value, [*HEADERS, *why("alerting")]), SPACE)
    assert resend(one, INBOXES).topic == "alerting"


def test_a_corrected_record_counts_once() -> None:
    """Twice on the log by some accident, it is a duplicate: its id is the one it had."""
    fold = Fold(ACCOUNTING)
    one = letter_of(buried(7, processed(BAD), fold), SPACE)
    sending = resend(one, INBOXES, Copy(one.key, GOOD))
    again = processed(sending.value, sending.key, sending.headers)
    fold.apply(again._replace(offset=1300))
    fold.apply(again._replace(offset=1301))
    assert fold.counts["duplicates"] == 1
    assert list(fold.states()) == ["vendor/acme"]


# What became of them


def fate(decision: LetterDecision, at: datetime = AT) -> Fate:
    return Fate(decision, at)


REDRIVEN = fate(LetterRedriven(by="dana", to="events.accounting", tries=1))
DISCARDED = fate(LetterDiscarded(by="kim", note="a test"))


def standing(*numbers: int, **fates: Fate) -> Standing:
    stands = Standing()
    for name, each in fates.items():
        stands.decides(int(name.removeprefix("n")), each)
    for number in numbers:
        stands.buries(letter(number).summary())
    return stands


def test_letters_are_open_until_somebody_decides() -> None:
    stands = standing(1, 2, 3, n2=REDRIVEN)
    assert [each.number for each in stands.open()] == [3, 1]
    stands.decides(3, DISCARDED)
    assert [each.number for each in stands.open()] == [1]
    assert [each.number for each in stands.closed()] == [3, 2]
    assert str(stands.fates[3]) == "discarded by kim on 2026-03-02 09:30 UTC: a test"


def test_what_was_discarded_may_be_sent_again_and_what_was_sent_stays_sent() -> None:
    stands = standing(1, n1=DISCARDED)
    stands.decides(1, REDRIVEN)
    assert stands.fates[1] is REDRIVEN
    stands.decides(1, DISCARDED)
    assert stands.fates[1] is REDRIVEN


def test_reasons_are_counted_the_most_frequent_first() -> None:
    stands = standing(1, 2, 5)
    stands.buries(letter(4, value=b"rubbish").summary())
    often, seldom = stands.alike()
    assert (often.count, often.example, seldom.count) == (3, 5, 1)
    assert seldom.reason == letter(4, value=b"rubbish").summary().reason
    assert [each.number for each in stands.open(Choice(reason=often.reason))] == [5, 2, 1]


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (Choice(), [2, 1]),
        (Choice(numbers=frozenset((1, 9))), [1]),
        (Choice(topic="events.accounting"), [2, 1]),
        (Choice(topic="events.hr"), []),
        (Choice(stage="TRANSFORMATION"), []),
        (Choice(type="accounting.invoice.received"), [1]),
        (Choice(text="AMOUNT"), [1]),
        (Choice(text="VENDOR/"), [2, 1]),
        (Choice(since=AT), [2, 1]),
        (Choice(since=AT + timedelta(seconds=1)), []),
        (Choice(reason=Reason("", "", "", "")), []),
    ],
)
def test_a_choice_takes_what_it_says(choice: Choice, found: list[int]) -> None:
    stands = standing(1)
    stands.buries(letter(2, value=b"rubbish").summary())
    assert [each.number for each in stands.open(choice)] == found


def test_no_more_closed_letters_are_held_than_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_module, "MOST_CLOSED", 2)
    stands = standing(1, 2, 3, n1=REDRIVEN, n2=REDRIVEN, n3=REDRIVEN)
    assert [each.number for each in stands.closed()] == [3, 2]


# Dealing with them, on a log in memory


class Killed(BaseException):
    """The process is."""


class Paper:
    """The log: letters, and what transactions wrote. `at(n)`: what happens when the n-th is committed."""

    def __init__(self, *letters: Letter) -> None:
        self.there = {each.number: each for each in letters}
        self.written: list[Sending] = []
        self.transactions = 0
        self.on_commit: Callable[[Sequence[Sending]], None] = lambda records: None
        self.decoder = Decoder((*DECISIONS, ActionRecorded))

    # The box

    def look(self, at: Callable[[Standing], T]) -> T:
        stands = Standing()
        for record in self.written:
            event = self.decoder.decode(record.value, record.headers) if record.topic == HANDLED else None
            if isinstance(event, LetterDecision):
                stands.decides(int(event.about.subject.partition("/")[2]), Fate(event, AT))
        for each in self.there.values():
            stands.buries(each.summary())
        return at(stands)

    def letter(self, number: int) -> Letter:
        for each in self.letters((number,)):
            return each
        raise NoSuchLetter(number)

    def letters(self, numbers: Collection[int]) -> Iterator[Letter]:
        yield from (each for number, each in sorted(self.there.items()) if number in numbers)

    # The writer

    @contextmanager
    def opening(self) -> Iterator[Writer]:
        yield self

    def write(self, records: Sequence[Sending]) -> None:
        self.on_commit(records)
        self.transactions += 1
        self.written += records

    # What a test asks

    @property
    def dealing(self) -> Dealing:
        return Dealing(self, INBOXES, self.opening, now=lambda: AT)

    def sent(self) -> Counter[int]:
        """How often each letter was sent again."""
        headers = (dict(record.headers) for record in self.written if record.topic not in (HANDLED, "audit"))
        return Counter(int(each[RedriveHeaders.LETTER]) for each in headers)

    def events(self, topic: str) -> list[Any]:
        return [self.decoder.decode(r.value, r.headers) for r in self.written if r.topic == topic]


def mendable(number: int) -> Letter:
    return letter_of(Record("test.dead-letters", 0, number, AT, b"vendor/acme", GOOD, [*HEADERS, *why()]), SPACE)


def test_a_dry_run_says_what_would_be_done_and_does_nothing() -> None:
    paper = Paper(mendable(1), letter(2))
    one, two, three = paper.dealing.plan([1, 2, 3])
    assert one == Outcome(1, "events.accounting[3]", tries=1)
    assert "amount" in two.refused
    assert three.refused == "there is no such letter, or not any more"
    assert paper.written == []


def test_a_letter_its_decision_and_its_audit_are_one_transaction() -> None:
    paper = Paper(mendable(1))
    assert list(paper.dealing.redrive([1], DANA, "the rule is mended")) == [Outcome(1, "events.accounting[3]", tries=1)]
    assert (paper.transactions, len(paper.written)) == (1, 3)
    (decision,), (audit,) = paper.events(HANDLED), paper.events("audit")
    assert decision == LetterRedriven(by="dana", note="the rule is mended", to="events.accounting", tries=1)
    assert audit == ActionRecorded(
        action="letter.redrive", on="letter/1", note="the rule is mended", by_way_of="console"
    )
    assert audit.about.subject == "person/dana"


def test_a_second_time_nothing_is_sent() -> None:
    paper = Paper(mendable(1))
    list(paper.dealing.redrive([1], DANA))
    (again,) = paper.dealing.redrive([1], Person("kim"))
    assert again.refused == "it was sent again by dana on 2026-03-02 09:30 UTC"
    assert paper.sent() == {1: 1}


def test_a_corrected_copy_is_marked_as_one() -> None:
    paper = Paper(letter(1))
    (done,) = paper.dealing.redrive([1], DANA, copy=Copy(b"vendor/acme", GOOD))
    assert not done.refused
    assert paper.events(HANDLED)[0].edited
    with pytest.raises(ValueError, match="one letter"):
        list(paper.dealing.redrive([1, 2], DANA, copy=Copy(b"vendor/acme", GOOD)))


def test_discarded_letters_stay_and_say_why() -> None:
    paper = Paper(letter(1), letter(2))
    assert [each.refused for each in paper.dealing.discard([1, 9], DANA, "a test")] == [
        "",
        "there is no such letter, or not any more",
    ]
    assert [each.number for each in paper.look(lambda stands: stands.open())] == [2]
    (again,) = paper.dealing.discard([1], DANA, "a test")
    assert again.refused.startswith("it was discarded by dana")
    assert paper.events("audit")[0].action == "letter.discard"


def test_one_that_the_log_refuses_keeps_none_of_the_others_back() -> None:
    paper = Paper(*(mendable(n) for n in range(10)))

    def refuses(records: Sequence[Sending]) -> None:
        if any((RedriveHeaders.LETTER, b"4") in record.headers for record in records):
            raise NotTaken("too large")

    paper.on_commit = refuses
    outcomes = {each.number: each.refused for each in paper.dealing.redrive(range(10), DANA)}
    assert {number: why for number, why in outcomes.items() if why} == {4: "the log does not take it: too large"}
    assert paper.sent() == Counter({n: 1 for n in range(10) if n != 4})


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=6))
def test_whatever_is_killed_and_however_often_each_is_sent_once(kills: list[tuple[int, bool]]) -> None:
    """A kill comes before a transaction is committed, or after, when nobody hears of it."""
    paper = Paper(*(mendable(n) for n in range(350)))
    for chunks, committed in kills:
        left = chunks

        def dies(records: Sequence[Sending], committed: bool = committed) -> None:
            nonlocal left
            if left == 0:
                if committed:
                    paper.written += records
                raise Killed
            left -= 1

        paper.on_commit = dies
        with suppress(Killed):
            list(paper.dealing.redrive(range(350), DANA))
    paper.on_commit = lambda records: None
    list(paper.dealing.redrive(range(350), DANA))
    assert paper.sent() == Counter(dict.fromkeys(range(350), 1))
    assert len(paper.events("audit")) == 350


def test_a_log_that_is_away_is_said() -> None:
    paper = Paper(mendable(1))

    def away(records: Sequence[Sending]) -> None:
        raise NotWritten("no broker")

    paper.on_commit = away
    with pytest.raises(NotWritten):
        list(paper.dealing.redrive([1], DANA))


@pytest.mark.parametrize("by", ["", "x" * 201, "da\nna"])
def test_somebody_has_to_be_named(by: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        Person(by)
