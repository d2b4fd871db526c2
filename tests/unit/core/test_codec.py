"""Events as records: CloudEvents structured mode out, structured or binary mode in, and plain words for the rest."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from backoffice.registry import processors
from processors.calendar import CalendarSettings
from schemas.catalogue import event_types
from schemas.codec import CONTENT_TYPE, HEADERS, Decoder, Unreadable, encode
from schemas.envelope import About, Day, Event, Evidence, Frozen
from schemas.example import example
from tests.happenings import models
from tests.unit.core.library import Anything, BookLent, CardLost, library, minutes

DECODER = Decoder(library.events)
SENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "17",
    "source": "/desk",
    "type": "library.book.lent",
    "subject": "member/ada",
    "time": "2026-01-05T09:00:00+01:00",
    "data": {"book": "dune", "due": "2026-01-19T00:00:00Z"},
}
LENT = BookLent(book="dune", due=datetime(2026, 1, 19, tzinfo=UTC))
ABOUT = About("17", "/desk", "member/ada", datetime(2026, 1, 5, 8, tzinfo=UTC))


def sent(**changes: Any) -> bytes:
    """The record's value with these attributes changed; None leaves one out."""
    return json.dumps({name: value for name, value in {**SENT, **changes}.items() if value is not None}).encode()


def binary(**changes: str) -> list[tuple[str, bytes]]:
    attributes = {**{name: value for name, value in SENT.items() if name != "data"}, **changes}
    return [("content-type", b"application/json"), *((f"ce_{n}", v.encode()) for n, v in attributes.items())]


def refusal(value: bytes | None, headers: Any = HEADERS, decoder: Decoder = DECODER) -> str:
    with pytest.raises(Unreadable) as caught:
        decoder.decode(value, headers)
    return str(caught.value)


# Structured mode


def test_an_event_is_read_with_its_envelope() -> None:
    event = DECODER.decode(sent(), HEADERS)
    assert (event, event.about) == (LENT, ABOUT)


def test_what_we_write_is_a_cloudevent() -> None:
    about = About("17", "/desk", "member/ada", ABOUT.time, causationid="16", correlationid="visit-1")
    assert json.loads(encode(LENT, about)) == {
        "specversion": "1.0",
        "id": "17",
        "source": "/desk",
        "type": "library.book.lent",
        "subject": "member/ada",
        "time": "2026-01-05T08:00:00+00:00",
        "dataschema": "urn:backoffice:library.book.lent:1",
        "causationid": "16",
        "correlationid": "visit-1",
        "data": {"book": "dune", "due": "2026-01-19T00:00:00Z"},
    }
    assert (
        HEADERS
        == (("content-type", CONTENT_TYPE),)
        == (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    )


def test_the_version_of_a_schema_is_in_its_dataschema() -> None:
    class BookWeighed(Event, type="library.book.weighed", version=3):
        """Somebody did."""

    assert json.loads(encode(BookWeighed(), ABOUT))["dataschema"] == "urn:backoffice:library.book.weighed:3"


def test_time_is_utc_inside_whatever_the_offset() -> None:
    event = DECODER.decode(sent(time="2026-01-05T00:00:00-08:00"))
    assert event.about.time == ABOUT.time
    assert event.about.time.tzinfo is UTC


def test_where_a_record_stands_is_its_evidence_under_the_events_id() -> None:
    here = Evidence("events.library", 3, 41, "")
    assert DECODER.decode(sent(), HEADERS, here).about.record == Evidence("events.library", 3, 41, "17")
    assert DECODER.decode(sent()).about.record is None


def test_extensions_and_fields_of_a_newer_version_are_passed_over() -> None:
    data = {**SENT["data"], "colour": "red"}
    assert DECODER.decode(sent(recordedtime="2026-01-05T08:00:01Z", data=data)) == LENT


@pytest.mark.parametrize(
    ("name", "tie"), [("causationid", "it"), ("correlationid", "it"), ("traceparent", f"00-{'a' * 32}-{'b' * 16}-01")]
)
def test_what_ties_events_together_is_read_and_written(name: str, tie: str) -> None:
    event = DECODER.decode(sent(**{name: tie}))
    assert getattr(event.about, name) == tie
    assert json.loads(encode(event, event.about))[name] == tie
    assert name not in json.loads(encode(LENT, ABOUT))


# Binary mode


def test_an_event_in_binary_mode_is_the_same_event() -> None:
    event = DECODER.decode(json.dumps(SENT["data"]).encode(), binary())
    assert (event, event.about) == (LENT, ABOUT)


def test_header_names_may_be_in_any_case() -> None:
    headers = [(name.upper(), value) for name, value in binary()]
    assert DECODER.decode(json.dumps(SENT["data"]).encode(), headers).about == ABOUT


def test_a_structured_content_type_outweighs_ce_headers() -> None:
    headers = [("ce_id", b"other"), ("ce_type", b"x"), ("Content-Type", b"Application/CloudEvents+JSON; charset=UTF-8")]
    assert DECODER.decode(sent(), headers).about == ABOUT


def test_an_empty_body_is_no_data() -> None:
    assert refusal(b"", binary()) == "library.book.lent: Input should be an object"


def test_a_body_can_say_nothing_about_the_envelope() -> None:
    body = json.dumps(SENT["data"]).encode() + b', "subject": "member/eve"'
    assert refusal(body, binary()).startswith("event: the data is not JSON: Extra data")


def test_a_header_that_is_not_utf8_is_the_header_converters_matter() -> None:
    with pytest.raises(Unreadable, match="a ce_ header is not UTF-8") as caught:
        DECODER.decode(b"{}", [("ce_id", b"\xff")])
    assert caught.value.stage == "HEADER_CONVERTER"


# What cannot be read


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "the record has no value; events are never deleted, they are followed by other events"),
        (b"", "event: Invalid JSON: EOF while parsing a value at line 1 column 0"),
        (b"\xff\xfe", "event: Invalid JSON: expected value at line 1 column 1"),
        (b"[]", "event: Input should be an object"),
        (sent(type=None), "event: Unable to extract tag using discriminator 'type'"),
        (sent(specversion="0.3"), "library.book.lent.specversion: Input should be '1.0'"),
        (sent(specversion=None), "library.book.lent.specversion: Field required"),
        (sent(id=None), "library.book.lent.id: Field required"),
        (sent(id=""), "library.book.lent.id: String should have at least 1 character"),
        (sent(id="x" * 501), "library.book.lent.id: String should have at most 500 characters"),
        (sent(source=""), "library.book.lent.source: String should have at least 1 character"),
        (sent(subject=None), "library.book.lent.subject: Field required"),
        (sent(time=None), "library.book.lent.time: Field required"),
        (sent(time="2026-01-05T08:00:00"), "library.book.lent.time: Input should have timezone info"),
        (
            sent(time="0001-01-01T00:00:00+14:00"),
            "library.book.lent.time: Value error, it lies outside the years 1 to 9999 of UTC",
        ),
        (sent(data=None), "library.book.lent: Field required"),
        (sent(data=[]), "library.book.lent: Input should be an object"),
        (sent(data={}), "library.book.lent.book: Field required; library.book.lent.due: Field required"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_field_and_what_is_wrong(value: bytes | None, words: str) -> None:
    assert refusal(value) == words


def test_an_unknown_type_is_named_beside_the_known_ones() -> None:
    assert refusal(sent(type="library.book.burnt")).startswith(
        "event: Input tag 'library.book.burnt' found using 'type' does not match any of the expected tags: "
        "'library.book.lent', "
    )


@pytest.mark.parametrize(
    "subject", ["", "member", "member/", "/ada", "Member/ada", "member/a\nb", "member/ada\n", "mem ber/ada", "room/1"]
)
def test_a_subject_is_the_events_kind_and_an_id(subject: str) -> None:
    assert refusal(sent(subject=subject)) == f"subject: {subject!r} is not of the form member/<id>"


def test_an_event_of_no_kind_takes_a_subject_of_any() -> None:
    anything = sent(type=Anything.type, subject="ghost/of Hamlet's father/1", data={})
    assert DECODER.decode(anything).about.subject == "ghost/of Hamlet's father/1"
    assert refusal(sent(type=Anything.type, subject="ghost", data={})).endswith("is not of the form <kind>/<id>")


def test_three_problems_are_named_and_the_rest_counted() -> None:
    words = refusal(sent(id="", source="", subject=None, time=None, data={}))
    assert words.count(";") == 2
    assert words.endswith(" (and 3 more)")


def test_what_is_wrong_is_said_without_what_was_sent() -> None:
    secret = "Ada Lovelace, DE89 3704 0044 0532 0130 00"
    for value in (
        sent(time=secret),
        sent(data=secret),
        sent(data={"book": [secret], "due": secret}),
        sent(specversion=secret),
        b'{"type": "' + secret.encode(),
    ):
        assert "Ada" not in refusal(value)


def test_a_decoder_of_one_type_names_the_field_alone() -> None:
    assert refusal(sent(data={"book": "dune"}), decoder=Decoder([BookLent])) == "due: Field required"
    assert refusal(sent(type="library.book.burnt"), decoder=Decoder([BookLent])).startswith("type: Input should be ")


def test_an_unreadable_record_names_connects_stage() -> None:
    assert Unreadable("why").stage == "VALUE_CONVERTER"


# From an upstream


def test_an_upstream_may_hand_in_a_dict_of_python_values() -> None:
    event = DECODER.parse({**SENT, "time": ABOUT.time, "data": {"book": "dune", "due": LENT.due}})
    assert (event, event.about) == (LENT, ABOUT)


def test_a_field_that_is_not_in_the_schema_is_refused_when_we_are_the_ones_to_write() -> None:
    with pytest.raises(Unreadable, match=r"^colour: Extra inputs are not permitted$"):
        DECODER.parse({**SENT, "data": {**SENT["data"], "colour": "red"}})


def test_so_is_one_in_the_depth_of_it() -> None:
    class Cover(Frozen):
        title: str

    class BookBound(Event, type="library.book.bound", kind="book"):
        """It has a cover."""

        cover: Cover

    bound = {**SENT, "type": BookBound.type, "subject": "book/1", "data": {"cover": {"title": "Dune", "ink": "red"}}}
    with pytest.raises(Unreadable, match=r"^cover\.ink: Extra inputs are not permitted$"):
        Decoder([BookBound]).parse(bound)


@pytest.mark.parametrize("wrong", [{"subject": "room/1"}, {"data": {}}, {"type": "x"}, {"time": "soon"}])
def test_an_upstream_is_refused_as_the_log_would_refuse_it(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        DECODER.parse({**SENT, **wrong})


# There and back

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
IDS = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=1, max_size=20)
TRACES = st.from_regex(r"00-[0-9a-f]{31}[1-9a-f]-[0-9a-f]{15}[1-9a-f]-[0-9a-f]{2}", fullmatch=True)
TIES = st.tuples(TEXT | st.none(), TEXT | st.none(), TRACES | st.none())
TIMES = st.datetimes(timezones=st.just(UTC))
EVENT_TYPES = event_types(packages=("schemas",))
EVERY = Decoder(EVENT_TYPES.values())


@settings(max_examples=80, deadline=None)
@given(id=TEXT, source=TEXT, subject=IDS, time=TIMES, ties=TIES)
def test_any_envelope_comes_back_as_it_was(
    id: str, source: str, subject: str, time: datetime, ties: tuple[str | None, str | None, str | None]
) -> None:
    about = About(id, source, f"member/{subject}", time, None, *ties)
    assert DECODER.decode(encode(CardLost(), about), HEADERS).about == about


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_event_comes_back_as_it_was(data: st.DataObject) -> None:
    cls = data.draw(st.sampled_from(sorted(EVENT_TYPES.values(), key=lambda t: t.type)))
    try:
        event = data.draw(models(cls))
    except AssertionError:  # no value is known for one of its fields: then its example
        event = cls.model_validate(example(cls)["data"])
    about = About("1", "/tests", f"{cls.kind or 'any'}/1", minutes(0))
    back = EVERY.decode(encode(event, about), HEADERS)
    assert (back, type(back), back.about) == (event, cls, about)


@pytest.mark.parametrize("cls", EVENT_TYPES.values(), ids=list(EVENT_TYPES))
def test_the_example_of_every_type_is_taken_in_either_mode(cls: type[Event]) -> None:
    upstream = example(cls)
    event = EVERY.parse(upstream)
    headers = [(f"ce_{name}", str(value).encode()) for name, value in upstream.items() if name != "data"]
    assert EVERY.decode(json.dumps(upstream["data"]).encode(), headers) == event
    assert EVERY.decode(json.dumps(upstream).encode(), HEADERS) == event


def test_an_event_that_was_neither_read_nor_sent_has_no_envelope() -> None:
    with pytest.raises(AttributeError):
        _ = CardLost().about


@pytest.mark.parametrize("time", [2026, 1_700_000_000, "2026", "1700000000", 1.5, "2026-01-05"])
def test_a_number_or_a_bare_date_is_no_time(time: object) -> None:
    with pytest.raises(Unreadable, match=r"time: .*a date and time with an offset is wanted"):
        DECODER.decode(json.dumps({**SENT, "time": time}).encode())


# Days and instants


class Appointment(Frozen):
    """Something on a day."""

    on: Day


@pytest.mark.parametrize(
    "value",
    ["1767571200", "1e9", "1e-9", "-1", "0", "2026-01-05T00:00:00", "2026-01-05T00:00:00Z", "20260105", "2026-1-5"],
)
def test_a_day_is_a_date_and_nothing_that_happens_to_look_like_one(value: str) -> None:
    with pytest.raises(ValidationError, match="a date is wanted, such as 2026-01-05"):
        Appointment.model_validate({"on": value})
    with pytest.raises(ValidationError):
        Appointment.model_validate_json(json.dumps({"on": value}))


@pytest.mark.parametrize("value", [0, 1767571200, 1.5, True, None, datetime(2026, 1, 5, tzinfo=UTC)])
def test_a_number_or_an_instant_is_no_day(value: object) -> None:
    with pytest.raises(ValidationError, match="a date is wanted"):
        Appointment.model_validate({"on": value})


def test_a_day_is_read_and_written_as_iso_8601_says() -> None:
    day = Appointment(on=date(2026, 1, 5))
    assert Appointment.model_validate_json(day.model_dump_json()) == day
    assert Appointment.model_validate({"on": "2026-01-05"}) == day
    assert Appointment.model_json_schema()["properties"]["on"]["format"] == "date"
    with pytest.raises(ValidationError, match="day value is outside expected range"):
        Appointment.model_validate({"on": "2026-02-30"})


def test_no_field_of_an_event_or_a_setting_takes_a_number_for_a_date() -> None:
    """A plain `date` does: use `Day`."""
    models_of_ours = [*event_types(packages=["schemas"]).values(), *_settings()]
    plain = [
        f"{model.__name__}.{name}"
        for model in models_of_ours
        for name, info in model.model_fields.items()
        if '"format": "date"' in json.dumps(model.model_json_schema()["properties"][name])
        and _takes(info.rebuild_annotation(), 0)
    ]
    assert plain == []


def _takes(annotation: Any, number: int) -> bool:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    for value in (number, [number]):
        with contextlib.suppress(ValidationError):
            adapter.validate_python(value)
            return True
    return False


def _settings() -> Iterator[type[Frozen]]:
    yield CalendarSettings
    yield from (processor.settings for processor in processors())
