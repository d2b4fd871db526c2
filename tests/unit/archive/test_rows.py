"""From a record to a row: what is read of it, and that nothing is lost of what cannot be."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.archive.cloudevents import DEEPEST
from consumers.archive.rows import COLUMNS, Row, row, table_of
from consumers.archive.tables import number
from schemas.codec import HEADERS
from schemas.processing import DeadLetterHeaders as H
from tests.archived import START, alert, invoice, looked, ms, stood


def read(record: Any, topic: str = "events.accounting") -> dict[str, Any]:
    return dict(zip(COLUMNS, row(record, 3, topic).values, strict=True))


def test_an_event_is_taken_apart() -> None:
    found = read(invoice(41, vendor="acme", number="INV-7", at=START + timedelta(milliseconds=5)))
    assert found["number"] == number(3, 0, 41)
    assert (found["timestamp"], found["time"]) == (ms(START) + 5, ms(START) + 5)
    assert (found["key"], found["subject"], found["department"]) == ("vendor/acme", "vendor/acme", "accounting")
    assert (found["type"], found["source"], found["id"]) == ("accounting.invoice.received", "/tests", "e-0-41")
    assert json.loads(found["body"])["data"]["number"] == "INV-7"
    assert {"acme", "inv", "7"} <= set(found["words"].split())
    assert (found["headers"], found["raw"], found["raw_key"], found["problem"]) == (None, None, None, None)


def test_binary_mode_reads_the_same() -> None:
    structured = invoice(1)
    said = json.loads(structured.value or b"")
    headers = [(f"ce_{name}", str(value).encode()) for name, value in said.items() if name != "data"]
    binary = structured._replace(value=json.dumps(said["data"]).encode(), headers=headers)
    found, other = read(binary), read(structured)
    assert json.loads(found.pop("body")) == json.loads(other.pop("body"))
    assert json.loads(found.pop("headers")) == [[name, value.decode()] for name, value in headers]
    other.pop("headers")
    assert found == other


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"id": ', "not JSON"),
        (b'{"id": NaN}', "NaN is no number"),
        (b"[" * 100_000, "not JSON"),
        (b'"\\u0000"', "a zero character"),
        (b'"\\ud800"', "half of a surrogate pair"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "levels deep"),
        (b"1" * 5_000, "not JSON"),
    ],
)
def test_what_no_database_takes_as_json_is_kept_as_it_was(value: bytes, why: str) -> None:
    found = read(stood("events.accounting", 1, value))
    assert found["raw"] == value
    assert found["body"] is None
    assert found["type"] is None
    assert why in found["problem"]


@pytest.mark.parametrize("value", [b"1", b"null", b"[]", b'{"type": "a.b.c"}', b'{"id": 1, "source": "", "type": "x"}'])
def test_json_that_is_no_event_is_kept_and_called_so(value: bytes) -> None:
    found = read(stood("events.accounting", 1, value))
    assert json.loads(found["body"]) == json.loads(value)
    assert found["problem"] == "not a CloudEvent: it has no id, source and type"


def test_a_brace_in_a_text_is_no_level() -> None:
    flat = json.dumps({"id": "1", "source": "s", "type": "t", "data": {"text": "[" * 500}}).encode()
    assert read(stood("events.accounting", 1, flat))["problem"] is None


def test_keys_and_headers_that_are_no_text_are_kept() -> None:
    record = stood(
        "events.accounting", 1, b"{}", key=b"\xff\x00", headers=[("a", b"\xfe"), ("b", b"text"), ("c\x00", b"\x00")]
    )
    found = read(record)
    assert (found["key"], found["raw_key"]) == (None, b"\xff\x00")
    encoded = [base64.b64encode(one).decode() for one in (b"\xfe", b"\x00")]
    assert json.loads(found["headers"]) == [["a", None, encoded[0]], ["b", "text"], ["c\ufffd", None, encoded[1]]]


def test_a_key_longer_than_an_index_takes_is_kept_whole_beside() -> None:
    key = "ü" * 5_000
    found = read(stood("events.accounting", 1, b"{}", key=key.encode()))
    assert found["raw_key"] == key.encode()
    assert key.startswith(found["key"])
    assert len(found["key"].encode()) <= 2_000


def test_a_tombstone_says_that_its_key_is_gone() -> None:
    made = row(stood("alerts", 7, None, key=b"alert/aa", headers=()), 3, "alerts")
    assert (made.gone, made.key, made.data) == (True, "alert/aa", None)
    assert dict(zip(COLUMNS, made.values, strict=True))["problem"] is None


def test_an_alert_is_found_by_what_it_is_about() -> None:
    found = read(alert(1), "alerts")
    assert (found["subject"], found["about"]) == ("alert/" + "a" * 16, "vendor/acme")
    assert (found["department"], found["rule"]) == ("accounting", "accounting.duplicate_invoice")


def test_audit_is_found_by_what_was_looked_at() -> None:
    found = read(looked(1, "dana", "employee/E-1"), "audit")
    assert (found["subject"], found["about"]) == ("person/dana", "employee/E-1")


def test_a_dead_letter_says_where_it_stood_and_why_it_is_dead() -> None:
    headers = [
        *HEADERS,
        (H.TOPIC, b"events.hr"),
        (H.PARTITION, b"2"),
        (H.OFFSET, b"17"),
        (H.STAGE, b"TRANSFORMATION"),
        (H.CLASS, b"hr"),
        (H.MESSAGE, "salary: müß".encode()),
    ]
    found = read(stood("dead-letters", 1, b"broken", headers=headers), "dead-letters")
    assert (found["about"], found["department"]) == ("events.hr/2/17", "hr")
    assert found["problem"] == "TRANSFORMATION: salary: müß"
    assert found["raw"] == b"broken"
    assert "salary" in found["words"].split()


@given(
    st.binary(max_size=200) | st.none(),
    st.binary(max_size=20) | st.none(),
    st.sampled_from(["events.hr", "alerts", "audit", "notices", "dead-letters", "alerting", "facts"]),
)
def test_every_record_makes_a_row_that_holds_all_of_it(value: bytes | None, key: bytes | None, topic: str) -> None:
    found = read(stood(topic, 1, value, key=key), topic)
    if found["body"] is not None:
        assert json.loads(found["body"]) == json.loads(value or b"")
    else:
        assert found["raw"] == value
    assert key == (
        found["raw_key"] if found["raw_key"] is not None else (found["key"] or "").encode() if key is not None else None
    )
    assert not any("\x00" in text for text in found.values() if isinstance(text, str))


def test_numbers_stand_for_one_place_each_and_are_in_its_order() -> None:
    places = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (4_095, 16_383, 2**37 - 1)]
    numbers = [number(*place) for place in places]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**63
    for beyond in ((4_096, 0, 0), (0, 16_384, 0), (0, 0, 2**37)):
        with pytest.raises(ValueError, match="has no number"):
            number(*beyond)


def test_changelogs_and_feeds_are_not_archived() -> None:
    assert [table_of(topic) for topic in ("changelog.hr", "feeds", "anything")] == [None, None, None]
    assert table_of("events.hr") == "events"


def test_a_row_is_made_for_its_table() -> None:
    made: Row = row(invoice(1), 3, "events.accounting")
    assert len(made.values) == len(COLUMNS)
