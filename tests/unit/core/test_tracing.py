"""Trace context: what counts as one, whose an event's is, and what of it goes on."""

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from processors.causing import Causing
from processors.records import Record
from processors.step import Emission
from schemas import tracing
from schemas.codec import HEADERS, Decoder, encode
from schemas.envelope import About, Event, Evidence, trace_of
from schemas.signals import ConditionFired, ConditionResolved
from tests.unit.core.library import BookLent, BookReturned, Desk, minutes

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"
OTHER = f"00-{'c' * 32}-{'d' * 16}-01"
SAID = Decoder([ConditionFired, ConditionResolved])


def sent(event: Event, id: str, traceparent: str | None = None) -> bytes:
    return encode(event, About(id, "/desk", "member/ada", minutes(0), traceparent=traceparent))


def traces(outputs: Any) -> list[str | None]:
    return [SAID.decode(output.value, output.headers).about.traceparent for output in outputs]


# What is a trace context

hexes = st.text("0123456789abcdefg", max_size=40)


@given(
    st.one_of(
        st.text(max_size=70),
        st.builds("{}-{}-{}-{}{}".format, hexes, hexes, hexes, hexes, st.sampled_from(["", "-", "-more", "\n"])),
        st.builds(
            "{}-{}-{}-{}{}".format,
            st.sampled_from(["00", "01", "cc", "ff"]),
            st.sampled_from([TRACE, "0" * 32]),
            st.sampled_from([SPAN, "0" * 16]),
            st.sampled_from(["00", "01", "02", "ff"]),
            st.sampled_from(["", "-more"]),
        ),
    )
)
@example(GIVEN)
def test_what_opentelemetry_takes_for_one_is_one(said: str) -> None:
    context = TraceContextTextMapPropagator().extract({tracing.HEADER: said.strip(" \t\n")})
    theirs = trace.get_current_span(context).get_span_context()
    ours = tracing.read(said.strip(" \t\n"))
    assert (ours is not None) == theirs.is_valid
    if ours is not None:
        assert ours[:53] == f"00-{theirs.trace_id:032x}-{theirs.span_id:016x}-"


@pytest.mark.parametrize(("flags", "kept"), [("00", "00"), ("01", "01"), ("03", "01"), ("fe", "00")])
def test_of_a_version_to_come_only_what_all_have_is_kept(flags: str, kept: str) -> None:
    assert tracing.read(f"01-{TRACE}-{SPAN}-{flags}-more") == f"00-{TRACE}-{SPAN}-{kept}"
    assert tracing.read(f"00-{TRACE}-{SPAN}-{flags}") == f"00-{TRACE}-{SPAN}-{flags}"


def test_a_child_has_the_trace_and_a_span_of_its_own_which_is_always_the_same() -> None:
    child = tracing.child(GIVEN, "/backoffice/processors/it", "0-1-1")
    assert child is not None
    assert re.fullmatch(f"00-{TRACE}-[0-9a-f]{{16}}-01", child)
    assert tracing.read(child) == child
    assert child == tracing.child(GIVEN, "/backoffice/processors/it", "0-1-1")
    others = [("/backoffice/processors/it", "0-1-2"), ("/backoffice/processors/hr", "0-1-1")]
    assert len({GIVEN, child, *(tracing.child(GIVEN, *other) for other in others)}) == 4
    assert tracing.child(None, "/backoffice/processors/it", "0-1-1") is None


# Whose an event's is


def test_an_event_brings_its_own() -> None:
    event = SAID_OF_BOOKS.decode(sent(BookReturned(book="dune"), "r1", traceparent=GIVEN), HEADERS)
    assert event.about.traceparent == GIVEN


def test_else_that_of_its_record_as_instrumented_clients_write_it() -> None:
    headers = [*HEADERS, ("traceparent", OTHER.encode())]
    event = SAID_OF_BOOKS.decode(sent(BookReturned(book="dune"), "r1"), headers)
    assert event.about.traceparent == OTHER
    event = SAID_OF_BOOKS.decode(sent(BookReturned(book="dune"), "r1", traceparent=GIVEN), headers)
    assert event.about.traceparent == GIVEN


def test_one_in_binary_mode_is_the_same() -> None:
    said = {"specversion": "1.0", "type": BookReturned.type, "source": "/desk", "id": "r1", "subject": "member/ada"}
    attributes = {**said, "time": "2026-01-05T08:00:00Z", "traceparent": GIVEN}
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    assert SAID_OF_BOOKS.decode(b'{"book": "dune"}', headers).about.traceparent == GIVEN


@pytest.mark.parametrize("wrong", ["", "00-1-2-01", GIVEN.upper(), f"ff{GIVEN[2:]}", f"{GIVEN}-more"])
def test_what_is_none_costs_no_event(wrong: str) -> None:
    value = json.dumps({**json.loads(sent(BookReturned(book="dune"), "r1")), "traceparent": wrong}).encode()
    assert SAID_OF_BOOKS.decode(value, HEADERS).about.traceparent is None
    assert SAID_OF_BOOKS.decode(value, [*HEADERS, ("traceparent", b"\xff")]).about.traceparent is None


SAID_OF_BOOKS = Decoder([BookLent, BookReturned])


# What goes on


def test_what_an_event_leads_to_is_in_its_trace() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    desk.ticks(minutes(11))
    (trace,) = traces(desk.reads(sent(BookReturned(book="dune"), "r1", traceparent=GIVEN)))
    assert trace == tracing.child(GIVEN, "/backoffice/processors/library", "0-2-1")


def test_where_nothing_brought_one_there_is_none_not_even_its_name() -> None:
    desk = Desk()
    desk.hears(BookLent(book="dune", due=minutes(10)))
    outputs = [*desk.ticks(minutes(11)), *desk.reads(sent(BookReturned(book="dune"), "r1"))]
    assert len(outputs) > 1
    assert not any(b"traceparent" in (output.value or b"") for output in outputs)


def test_what_a_deadline_leads_to_is_in_the_trace_of_what_it_rests_on() -> None:
    here = Record("events.library", 0, 7, 0, b"member/ada", None)
    deadline = About("0-7-1", "/backoffice/processors/library", "member/ada", minutes(0))
    resolved = ConditionResolved(rule="library.overdue", because="returned", ends_at=minutes(0))
    (output,) = Causing("library", here).outputs([Emission("member/ada", resolved, GIVEN)], deadline, minutes(0))
    assert traces([output]) == [tracing.child(GIVEN, "/backoffice/processors/library", "0-7-1")]


def test_its_causes_own_trace_comes_first() -> None:
    here = Record("events.library", 0, 7, 0, b"member/ada", None)
    cause = About("r1", "/desk", "member/ada", minutes(0), traceparent=OTHER)
    resolved = ConditionResolved(rule="library.overdue", because="returned", ends_at=minutes(0))
    (output,) = Causing("library", here).outputs([Emission("member/ada", resolved, GIVEN)], cause, minutes(0))
    assert traces([output]) == [tracing.child(OTHER, "/backoffice/processors/library", "0-7-1")]


def test_evidence_keeps_it_and_is_the_same_evidence() -> None:
    with_one, without = Evidence("facts", 0, 1, "f1", GIVEN), Evidence("facts", 0, 1, "f1")
    assert with_one == without
    assert hash(with_one) == hash(without)
    assert trace_of([with_one, Evidence("facts", 0, 2, "f2")]) == GIVEN
    assert trace_of([with_one, Evidence("facts", 0, 2, "f2", OTHER)]) == OTHER
    assert trace_of([without]) is None
