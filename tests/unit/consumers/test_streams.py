"""Watching a topic: which records pass, how many are shown of a busy one, and what a pause keeps."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.log import Record
from consumers.seen import Reader
from consumers.streams.detail import Link, detail
from consumers.streams.export import comma_separated, json_lines
from consumers.streams.filters import Filter, header
from consumers.streams.following import ABANDONED, Stream
from consumers.streams.look import Look
from consumers.streams.paths import BadCondition, condition
from consumers.streams.sampling import Budget, evenly
from consumers.streams.start import BEGINNING, Latest, Place, Since, Start, read
from consumers.streams.window import Limits
from schemas.catalogue import event_types
from schemas.codec import HEADERS, Headers
from schemas.example import example
from schemas.processing import DeadLetterHeaders as Dead
from schemas.processing import RedriveHeaders as Redrive
from schemas.topics import Space

SPACE = Space("test")
TYPES = event_types(packages=("schemas",))
READER = Reader(SPACE, TYPES)
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WHERE = ("test.events.it", 0)


def record(value: object = None, offset: int = 0, headers: Headers = HEADERS, **changes: Any) -> Record:
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    fields: dict[str, Any] = {"topic": "test.events.it", "partition": 0, "key": b"service/vpn"}
    said = {**fields, **changes}
    return Record(said["topic"], said["partition"], offset, AT, said["key"], raw, headers)


def look(value: object = None, **changes: Any) -> Look:
    return Look(record(value, **changes), READER)


# Conditions

INVOICE = {
    "source": "/erp",
    "data": {
        "amount": {"amount": "1000.50", "currency": "EUR"},
        "lines": [{"quantity": 2}, {"quantity": 10}],
        "issued_on": "2026-03-02",
        "paid": False,
        "note": None,
    },
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("data.amount.currency=EUR", True),
        (" data.amount.currency = EUR ", True),
        ("data.amount.currency=eur", False),
        ("data.amount.currency~eu", True),
        ("data.amount.amount>1000", True),
        ("data.amount.amount>1000.5", False),
        ("data.amount.amount>=1000.5", True),
        ("data.amount.amount=1000.50", True),
        ("data.amount.amount=1000.5", True),
        ("data.amount.amount<9", False),  # as texts, 1000.50 would be less
        ("data.lines.0.quantity=2", True),
        ("data.lines.1.quantity=2", False),
        ("data.lines.2.quantity=2", False),
        ("data.lines.*.quantity>9", True),
        ("data.*.currency=EUR", True),
        ("data.issued_on<2026-03-03", True),
        ("data.issued_on<2026-03-02", False),
        ("data.issued_on<=2026-03-02", True),
        ("data.paid=false", True),
        ("data.paid=0", False),
        ("data.note", True),
        ("data.note=null", True),
        ("data.nothing", False),
        ("data.nothing!=1", True),
        ("data.amount.currency!=EUR", False),
        ("data.amount.amount!=1000.5", False),
        ("data.amount=1", False),  # an object equals nothing
        ("source=/erp", True),
        ("data.amount.currency=", False),
    ],
)
def test_a_condition_holds_of_what_stands_at_its_path(text: str, holds: bool) -> None:
    assert condition(text).holds(INVOICE) is holds


@pytest.mark.parametrize("text", ["", "  ", "=5", "data..x=5", ".x", "a b=5", ">=1"])
def test_what_is_no_condition_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadCondition, match=r"such as data\.amount\.currency=EUR"):
        condition(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(
    json_values,
    st.sampled_from(["a", "a.b", "*", "a.*.0"]),
    st.sampled_from(["=", "~", "<", ">="]),
    st.text(max_size=5),
)
def test_a_condition_can_be_asked_of_any_json_and_not_equal_is_the_opposite(
    document: Any, path: str, operator: str, wanted: str
) -> None:
    assert condition(f"{path}{operator}{wanted}").holds(document) in (True, False)
    assert condition(f"{path}={wanted}").holds(document) is not condition(f"{path}!={wanted}").holds(document)


# Filters


OUTAGE = example(TYPES["it.outage.detected"])
BINARY = (
    ("content-type", b"application/json"),
    *((f"ce_{name}", str(value).encode()) for name, value in OUTAGE.items() if name != "data"),
)


@pytest.mark.parametrize(
    ("chosen", "passes"),
    [
        (Filter(), "event binary rubbish tombstone"),
        (Filter(types=("it.outage.*",)), "event binary"),
        (Filter(types=("processing.*",)), "tick"),
        (Filter(types=("hr.*", "it.*")), "event binary"),
        (Filter(keys=("service/*",)), "event binary rubbish"),
        (Filter(keys=("service/w*",)), ""),
        (Filter(headers=(header("CE_Type=it.*"),)), "binary"),
        (Filter(headers=(header("content-type"),)), "event binary rubbish tombstone"),
        (Filter(headers=(header("content-type"), header("ce_id=nobody"))), ""),
        (Filter(where=(condition("type~OUTAGE"),)), "event binary"),
        (Filter(where=(condition(f"data.outage={OUTAGE['data']['outage']}"),)), "event binary"),
        (Filter(where=(condition("data.outage"), condition("source=nobody"))), ""),
        (Filter(text="RUBB"), "rubbish"),
        (Filter(text="service/VPN", types=("it.*",)), "event binary"),
    ],
)
def test_filters_let_through_what_they_say(chosen: Filter, passes: str) -> None:
    said = {
        "event": look(OUTAGE),
        "binary": look(OUTAGE["data"], headers=BINARY),
        "tick": look(example(TYPES["processing.tick.appended"]), key=None),
        "rubbish": look(b"rubbish\xff"),
        "tombstone": look(key=b"x"),
    }
    assert [name for name, one in said.items() if chosen.passes(one)] == passes.split()


def test_nothing_is_decoded_that_no_filter_asks_for() -> None:
    """Of a busy topic most records are not shown: they must be cheap to pass over."""
    one = look(OUTAGE)
    assert not Filter(keys=("vendor/*",), types=("it.*",)).passes(one)
    assert "document" not in vars(one)
    assert Filter(types=("it.*",)).passes(one)
    assert "seen" not in vars(one)


@given(
    st.binary() | st.none(), st.binary(max_size=20) | st.none(), st.lists(st.tuples(st.text(max_size=8), st.binary()))
)
def test_any_record_can_be_filtered_shown_and_exported(
    value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    one = look(value, key=key, headers=headers)
    everything = Filter(("it",), ("*",), ("info",), ("*",), (header("x"),), (condition("a"),), "x")
    assert everything.passes(one) in (True, False)
    assert detail(one, {}).size == len(value or b"")
    assert json.loads(json_lines([one.seen]))["offset"] == 0
    assert list(csv.reader(io.StringIO(comma_separated([one.seen], head=False))))


# Sampling


@given(st.lists(st.integers()), st.integers(0, 50))
def test_a_sample_is_as_large_as_wanted_in_order_and_ends_with_the_last(all_: list[int], count: int) -> None:
    places = evenly(list(enumerate(all_)), count)
    assert len(places) == min(count, len(all_))
    assert places == sorted(places)
    assert not places or places[-1][0] == len(all_) - 1


def test_a_sample_is_spread_evenly() -> None:
    assert evenly(range(100), 4) == [24, 49, 74, 99]


def test_a_budget_saves_no_more_than_a_second() -> None:
    budget = Budget(10, now=0.0)
    assert budget.spend(100, now=0.0) == 10
    assert budget.spend(100, now=0.05) == 0
    assert budget.spend(100, now=0.1) == 1
    assert budget.spend(3, now=60.0) == 3
    assert budget.spend(100, now=60.0) == 7


# A stream, without its thread


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def stream(
    start: Start | None = None, filter: Filter | None = None, clock: Clock | None = None, **limits: Any
) -> Stream:
    def never() -> Any:
        raise AssertionError("nothing is read in these tests")

    return Stream(never, READER, filter or Filter(), start or Latest(), Limits(**limits), clock or Clock())


def records(numbers: Iterable[int]) -> list[Record]:
    return [record(OUTAGE, offset=n) for n in numbers]


def offsets(seen: Iterable[Any]) -> list[int]:
    return [one.record.offset for one in seen]


def test_live_records_are_sampled_when_there_are_too_many_and_the_others_counted() -> None:
    clock = Clock()
    live = stream(clock=clock, per_second=10)
    live.absorb(records(range(5)), {WHERE: 5})
    live.absorb(records(range(5, 5_000)), {WHERE: 5_000})
    taken = live.take()
    assert offsets(taken.seen)[:5] == [0, 1, 2, 3, 4]
    assert offsets(taken.seen)[-1] == 4_999
    assert (len(taken.seen), taken.read, taken.matched, taken.left_out) == (10, 5_000, 5_000, 4_990)
    assert live.take().seen == []
    clock.now = 1.0
    live.absorb(records(range(5_000, 5_003)), {WHERE: 5_003})
    assert offsets(live.take().seen) == [5_000, 5_001, 5_002]


def test_what_nobody_takes_is_not_kept_for_ever() -> None:
    live = stream(per_second=1_000, held=100)
    live.absorb(records(range(150)), {WHERE: 150})
    taken = live.take()
    assert offsets(taken.seen) == list(range(50, 150))
    assert taken.left_out == 50


def test_what_stands_there_is_shown_whole_a_page_at_a_time() -> None:
    past = stream(Since(AT), page=100, per_second=1)
    past.aims_at({WHERE: 250})
    past.absorb(records(range(250)), {WHERE: 250})
    taken = past.take()
    assert offsets(taken.seen) == list(range(100))
    assert (taken.state, taken.left_out) == ("page full", 0)
    past.more()
    assert offsets(past.take().seen) == list(range(100, 200))
    past.more()
    taken = past.take()
    assert offsets(taken.seen) == list(range(200, 250))
    assert (taken.state, taken.left_out) == ("live", 0)


def test_what_came_during_a_pause_is_shown_afterwards_and_none_of_it_left_out() -> None:
    live = stream(per_second=5, page=1_000)
    live.absorb(records(range(3)), {WHERE: 3})
    live.pause()
    assert live.take().state == "paused"
    live.resume()
    live.aims_at({WHERE: 400})
    live.absorb(records(range(3, 400)), {WHERE: 400})
    assert offsets(live.take().seen) == list(range(3, 400))
    assert live.take().state == "live"


def test_going_to_the_end_counts_what_it_passes_over() -> None:
    past = stream(Since(AT), page=10)
    past.aims_at({WHERE: 1_000})
    past.absorb(records(range(30)), {WHERE: 30})
    past.passed_over({WHERE: 1_000})
    taken = past.take()
    assert len(taken.seen) == 10
    assert (taken.state, taken.left_out) == ("live", 20 + 970)


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 3)), max_size=20), st.integers(1, 30))
def test_every_match_is_shown_or_counted(batches: list[tuple[int, float]], per_second: int) -> None:
    clock = Clock()
    live = stream(filter=Filter(types=("it.*",)), clock=clock, per_second=per_second, held=25)
    shown = at = 0
    for count, seconds in batches:
        clock.now += seconds
        live.absorb([*records(range(at, at + count)), record(b"rubbish", offset=at + count)], {WHERE: at + count + 1})
        at += count + 1
        shown += len(live.take().seen)
    taken = live.take()
    assert shown + taken.left_out == taken.matched == sum(count for count, _ in batches)
    assert taken.read == taken.matched + len(batches)


def test_a_stream_that_nobody_looks_at_ends() -> None:
    clock = Clock()
    live = stream(clock=clock)
    clock.now = ABANDONED
    assert live.goes_on()
    clock.now = ABANDONED + 0.1
    assert not live.goes_on()
    assert live.has_ended


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2@1500", Place(2, 1500)),
        (" 0@0 ", Place(0, 0)),
        ("10m", Since(AT - timedelta(minutes=10))),
        ("3 d", Since(AT - timedelta(days=3))),
        ("2026-03-02", Since(AT.replace(hour=0, minute=0))),
        ("2026-03-02T10:30+01:00", Since(AT)),
        ("beginning", Since(BEGINNING)),
    ],
)
def test_where_to_begin_is_said_in_words(text: str, start: Start) -> None:
    assert read(text, AT) == start


@pytest.mark.parametrize("text", ["", "2@", "@5", "yesterday", "9999999999h", "999999w", "0001-01-01T00:00+10:00"])
def test_what_cannot_be_understood_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="give 10m, 2h"):
        read(text, AT)


# One record in full


def test_an_event_is_shown_with_its_envelope_data_and_schema() -> None:
    whole = detail(look(OUTAGE), {})
    assert whole.envelope["type"] == "it.outage.detected"
    assert "data" not in whole.envelope
    assert whole.data == OUTAGE["data"]
    assert whole.schema is not None
    assert whole.schema["title"] == "OutageDetected"
    assert whole.headers == (("content-type", "application/cloudevents+json; charset=UTF-8"),)


def test_what_cannot_be_decoded_is_shown_as_it_is() -> None:
    whole = detail(look(b"rubb\xffish"), {})
    assert (whole.text, whole.schema, whole.envelope, whole.data) == (
        "rubb\N{REPLACEMENT CHARACTER}ish",
        None,
        {},
        None,
    )
    assert whole.seen.problem == "not a CloudEvent"


def test_what_a_processor_said_leads_to_the_record_it_follows_from() -> None:
    said = {**OUTAGE, "source": "/backoffice/processors/it", "id": "3-1207-2"}
    assert detail(look(said), {"it": "events.it"}).links == (Link("caused by", "events.it", 3, 1207),)
    assert detail(look({**said, "id": "my-own"}), {"it": "events.it"}).links == ()
    assert detail(look(said), {}).links == ()


def test_an_alert_leads_to_its_evidence_and_a_letter_to_where_it_came_from() -> None:
    fired = example(TYPES["alerting.condition.fired"])
    fired["data"]["evidence"] = [{"topic": "events.it", "partition": 1, "offset": 7, "id": "a"}]
    assert Link("rests on", "events.it", 1, 7) in detail(look(fired), {}).links
    headers = [(Dead.TOPIC, b"events.hr"), (Dead.PARTITION, b"1"), (Dead.OFFSET, b"9"), (Redrive.LETTER, b"4")]
    letter = look(b"rubbish", topic="test.dead-letters", headers=headers)
    assert detail(letter, {}).links == (Link("was", "events.hr", 1, 9), Link("sent again from", "dead-letters", 0, 4))


def test_a_cell_that_a_spreadsheet_would_compute_is_made_harmless() -> None:
    text = comma_separated([look(OUTAGE, key=b"=HYPERLINK(1)").seen])
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["key"] == "'=HYPERLINK(1)"
    assert row["type"] == "it.outage.detected"
    assert json.loads(row["data"])["outage"] == OUTAGE["data"]["outage"]
    assert datetime.fromisoformat(row["timestamp"]) - AT == timedelta()
