"""What somebody who watches sees of a record: one line, what passes the filters, which alerts there are."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.alerts import Alerts, NoSuchAlert, current_alerts
from consumers.log import Record
from consumers.render import as_json, line
from consumers.seen import Reader, Seen
from consumers.streams.filters import Filter
from consumers.streams.look import Look
from schemas.alerts import Alert
from schemas.catalogue import event_types
from schemas.codec import HEADERS, Headers, encode
from schemas.envelope import About, Event
from schemas.example import example
from schemas.notices import Notice, NoticeAlert
from schemas.processing import DeadLetterHeaders as Dead
from schemas.processing import Tick
from schemas.signals import ConditionFired, ConditionResolved
from schemas.topics import Space

SPACE = Space("test")
TYPES = event_types(packages=("schemas",))
READER = Reader(SPACE, TYPES)
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def record(topic: str, value: bytes | None, key: bytes = b"service/vpn", headers: Headers = HEADERS) -> Record:
    return Record(SPACE.topic(topic), 1, 42, AT, key, value, headers)


def seen(event: Event, subject: str = "service/vpn", topic: str = "") -> Seen:
    value = encode(event, About("1", "test", subject, AT))
    return READER.read(record(topic or event.topic, value, subject.encode()))


def alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "fingerprint": "a" * 16,
        "status": "firing",
        "rule": "it.outage",
        "subject": "service/vpn",
        "labels": {"department": "it", "severity": "critical"},
        "annotations": {"summary": "vpn is down"},
        "starts_at": AT,
    }
    return Alert(**(fields | changes))


FIRED = ConditionFired(rule="it.outage", severity="error", summary="vpn is down", starts_at=AT)
RESOLVED = ConditionResolved(rule="it.outage", because="vpn is up", ends_at=AT)


@pytest.mark.parametrize(
    ("event", "subject", "says"),
    [
        (alert(), "alert/a", "FIRING critical it.outage vpn is down"),
        (alert(acknowledged_by="dana"), "alert/a", "vpn is down (taken by dana)"),
        (alert(suppressed=True), "alert/a", "SUPPRESSED critical"),
        (alert(status="resolved"), "alert/a", "RESOLVED critical"),
        (FIRED, "service/vpn", "fires error it.outage vpn is down"),
        (RESOLVED, "service/vpn", "resolves it.outage vpn is up"),
    ],
)
def test_a_line_says_when_where_about_what_and_what(event: Event, subject: str, says: str) -> None:
    text = line(seen(event, subject)).plain
    assert text.startswith("2026-03-02 09:30:00 ")
    assert subject in text
    assert says in text


@pytest.mark.parametrize("name", TYPES)
def test_every_event_type_makes_one_line_and_one_json_object(name: str) -> None:
    cls = TYPES[name]
    given_ = example(cls)
    one = READER.read(record(cls.topic or "events.it", json.dumps(given_).encode()))
    assert one.problem == ""
    assert "\n" not in line(one).plain
    event = json.loads(as_json(one))["event"]
    assert event["type"] == name
    assert event["data"] == one.event.model_dump(mode="json") if one.event else False


@given(st.binary() | st.none(), st.binary(max_size=20))
def test_no_record_stops_the_one_who_watches(value: bytes | None, key: bytes) -> None:
    for topic in ("events.it", "alerts", "changelog.it", "dead-letters"):
        one = READER.read(record(topic, value, key))
        assert one.event is None
        assert line(one).plain.isprintable()
        json.loads(as_json(one))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"rubbish", "not a CloudEvent"),
        (b'{"type": "it.outage.imagined"}', "no event type is called 'it.outage.imagined'"),
        (b'{"type": "it.outage.detected"}', "specversion: Field required"),
        (None, "not a CloudEvent"),
    ],
)
def test_a_bad_record_is_shown_as_such_with_its_place(value: bytes | None, says: str) -> None:
    text = line(READER.read(record("events.it", value))).plain
    assert "BAD RECORD [1]@42" in text
    assert says in text


def test_a_dead_letter_says_where_it_came_from_and_why() -> None:
    headers = (
        (Dead.TOPIC, b"test.events.it"),
        (Dead.PARTITION, b"3"),
        (Dead.OFFSET, b"17"),
        (Dead.STAGE, b"VALUE_CONVERTER"),
        (Dead.MESSAGE, b"since: Field required"),
    )
    text = line(READER.read(record("dead-letters", b"rubbish", headers=headers))).plain
    assert "DEAD LETTER test.events.it[3]@17 VALUE_CONVERTER: since: Field required" in text


def test_binary_mode_is_read_too() -> None:
    attributes = example(TYPES["it.outage.detected"])
    data = json.dumps(attributes.pop("data")).encode()
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    one = READER.read(record("events.it", data, headers=(("content-type", b"application/json"), *headers)))
    assert one.event is not None


LABELS = {"department": "it", "severity": "critical"}
NOTICE = Notice(
    receiver="it-clerk",
    reason="first notification",
    status="firing",
    group="b" * 16,
    group_key="{}:{}",
    alerts=(NoticeAlert(fingerprint="a" * 16, status="firing", labels=LABELS, starts_at=AT),),
    common_labels=LABELS,
    summary="vpn is down",
)


@pytest.mark.parametrize(
    ("chosen", "passes"),
    [
        (Filter(), "alert fired resolved notice bad"),
        (Filter(severities=("critical",)), "alert notice"),
        (Filter(severities=("error", "info")), "fired"),
        (Filter(departments=("it",)), "alert fired resolved notice bad"),
        (Filter(departments=("hr",)), ""),
        (Filter(types=("alerting.condition.*",)), "fired resolved"),
        (Filter(types=("processing.tick.appended",)), "tick"),
    ],
)
def test_filters(chosen: Filter, passes: str) -> None:
    said = {
        "alert": seen(alert(), "alert/a"),
        "fired": seen(FIRED),
        "resolved": seen(RESOLVED),
        "notice": seen(NOTICE, "receiver/it-clerk"),
        "tick": seen(Tick(partition=0), "partition/0", "events.it"),
        "bad": READER.read(record("events.it", b"rubbish")),
    }
    assert [name for name, one in said.items() if chosen.passes(Look(one.record, READER))] == passes.split()


# The alerts there are


class AlertsLog:
    """Records of the alerts topic, as a `Log` gives them."""

    def __init__(self, *values: tuple[str, bytes | None]) -> None:
        self.records = [
            Record(SPACE.topic("alerts"), 0, n, AT + timedelta(hours=n), key.encode(), value, HEADERS)
            for n, (key, value) in enumerate(values)
        ]

    def since(self) -> Iterator[list[Record]]:
        yield self.records


def said(fingerprint: str, **changes: Any) -> tuple[str, bytes]:
    subject = f"alert/{fingerprint}"
    return subject, encode(alert(fingerprint=fingerprint, **changes), About("1", "test", subject, AT))


def known(*values: tuple[str, bytes | None]) -> Alerts:
    return current_alerts(AlertsLog(*values), READER)  # type: ignore[arg-type]  # all it needs of a Log


ONE, TWO, THREE = "a1" + "0" * 14, "a2" + "0" * 14, "b3" + "0" * 14


def test_the_last_record_of_each_wins_and_none_removes_it() -> None:
    alerts = known(said(ONE), said(TWO), said(ONE, status="resolved"), (f"alert/{TWO}", None), ("alert/x", b"rubbish"))
    assert {f: a.status for f, a in alerts.alerts.items()} == {ONE: "resolved"}
    assert alerts.bad == 1
    assert alerts.latest == AT + timedelta(hours=4)


def test_an_alert_is_found_by_how_its_fingerprint_begins() -> None:
    alerts = known(said(ONE), said(TWO), said(THREE))
    assert alerts.find("B3").fingerprint == THREE
    with pytest.raises(NoSuchAlert, match=f"2 alerts begin with 'a'; which one\\?\n  {ONE}  it.outage  service/vpn"):
        alerts.find("a")
    with pytest.raises(NoSuchAlert, match="No alert's fingerprint begins with 'ff'"):
        alerts.find("ff")
    with pytest.raises(NoSuchAlert):
        known(said(ONE)).find("")
