"""A trace, from the event that brought it through all that follows from it, to what people are told."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.notify.channels.pagerduty import incident
from consumers.notify.channels.posting import headers_of
from consumers.notify.channels.webhook import payload
from consumers.notify.notices import Place, Taken
from consumers.notify.outcomes import SOURCE, about_outcome
from consumers.notify.together import together
from processors.alerting import alerting
from processors.departments.accounting import department
from schemas import tracing
from schemas.accounting import InvoiceReceived
from schemas.alerts import Alert
from schemas.envelope import Event
from schemas.money import Money
from schemas.notices import Notice, NoticeDelivered
from tests.office import Office
from tests.unit.alerting.saying import SETTINGS
from tests.unit.notify.hooks import DOWN, notice

FIRST = f"00-{'a' * 32}-{'1' * 16}-01"
SECOND = f"00-{'b' * 32}-{'2' * 16}-01"


def invoice(id: str, number: str = "INV-7", due: date = date(2030, 1, 1), amount: str = "500") -> tuple[str, Event]:
    said = InvoiceReceived(
        invoice=id, number=number, amount=Money(amount=Decimal(amount)), issued_on=date(2026, 1, 2), due_on=due
    )
    return "vendor/acme", said


def office(**route: Any) -> Office:
    settings = {**SETTINGS, "route": {**SETTINGS["route"], **route}}
    return Office(processors=[department, alerting], settings={"alerting": settings})


def trace(event: Event) -> str | None:
    """The trace id of what an event says of itself."""
    said = event.about.traceparent
    return None if said is None else said.split("-")[1]


def test_an_event_its_signal_its_alert_and_its_notice_are_one_trace() -> None:
    firm = office(group_wait="30s").receives(invoice("RE-1"), traceparent=FIRST)
    firm.at("2026-01-05T09:00").receives(invoice("RE-2"), traceparent=SECOND)
    firm.passes("2026-01-05T09:01")
    (alert, *_) = firm.said(Alert)
    (told,) = firm.notices()
    said = [*firm.signals(), alert, told]
    assert {trace(event) for event in said} == {"b" * 32}
    spans = [event.about.traceparent for event in said]
    assert len({*spans, SECOND}) == len(spans) + 1, "each record is a span of its own"
    assert isinstance(alert, Alert)
    assert [evidence.traceparent for evidence in alert.evidence] == [FIRST, SECOND]
    assert told.alerts[0].traceparent == SECOND


def test_what_time_alone_leads_to_is_in_the_trace_of_what_it_rests_on() -> None:
    firm = office().receives(invoice("RE-1", due=date(2026, 1, 12)), traceparent=FIRST)
    firm.passes("2026-01-13")
    assert firm.firing() == {"accounting.invoice_overdue"}
    assert {trace(event) for event in (*firm.signals(), *firm.notices())} == {"a" * 32}


def test_a_step_up_is_in_the_trace_of_what_climbs() -> None:
    firm = office().receives(invoice("RE-1", due=date(2026, 1, 12)), traceparent=FIRST).passes("2026-01-14")
    assert [told.receiver for told in firm.notices()] == ["clerk", "manager", "executive"]
    assert {trace(event) for event in firm.notices()} == {"a" * 32}


def test_of_several_alerts_the_latest_that_brought_one_says_whose_trace_it_is() -> None:
    firm = office(group_by=["alertname"], group_wait="10m")
    firm.receives(invoice("RE-1")).receives(invoice("RE-2"), traceparent=FIRST)
    firm.at("2026-01-05T08:01").receives(invoice("RE-3"), traceparent=SECOND)
    firm.at("2026-01-05T08:02").receives(invoice("RE-4"))
    (told,) = firm.passes("2026-01-05T08:11").notices()
    assert [alert.traceparent for alert in told.alerts] == [FIRST, SECOND, None]
    assert trace(told) == "b" * 32


def test_the_same_log_gives_the_same_spans() -> None:
    def told() -> list[str | None]:
        firm = office().receives(invoice("RE-1"), traceparent=FIRST).receives(invoice("RE-2"), traceparent=SECOND)
        return [event.about.traceparent for event in (*firm.signals(), *firm.notices())]

    assert told() == told()
    assert None not in told()


def test_an_event_that_comes_twice_begins_no_second_trace() -> None:
    firm = office().receives(invoice("RE-1")).receives(invoice("RE-2"), id="e2", traceparent=FIRST)
    records = {topic: len(sent) for topic, sent in firm.records.items() if topic != department.inbox}
    firm.receives(invoice("RE-2"), id="e2", traceparent=SECOND)
    assert {topic: len(sent) for topic, sent in firm.records.items() if topic != department.inbox} == records


def test_where_nothing_brought_one_nothing_says_one() -> None:
    firm = office().receives(invoice("RE-1", due=date(2026, 1, 12))).receives(invoice("RE-2"))
    firm.passes("2026-01-20")
    assert len(firm.notices()) > 1
    said = [output.value or b"" for sent in firm.records.values() for output in sent]
    assert not [value for value in said if b"traceparent" in value]
    states = [row for folds in firm.folds.values() for fold in folds for row in fold.take_changes()]
    assert states
    assert not [row for row in states if b"traceparent" in (row.value or b"")]


# What people's programs are told


@pytest.fixture
def told() -> Notice:
    said = notice(alerts=(DOWN.model_copy(update={"traceparent": SECOND}), DOWN))
    said.with_about(said.about._replace(traceparent=FIRST))
    return said


def test_a_webhook_gets_it_as_a_header_and_in_the_payload(told: Notice) -> None:
    assert headers_of(told)["traceparent"] == FIRST
    sent = payload(told)
    assert sent["traceparent"] == FIRST
    assert sent["alerts"][0]["traceparent"] == SECOND
    assert "traceparent" not in sent["alerts"][1]


def test_a_pager_gets_it_among_the_details(told: Notice) -> None:
    assert incident(told, "vpn is down", 10)["custom_details"]["traceparent"] == FIRST


def test_without_one_there_is_no_such_header_or_field() -> None:
    assert headers_of(notice()) == {"Idempotency-Key": "0-41-2"}
    assert "traceparent" not in payload(notice())
    assert "traceparent" not in incident(notice(), "vpn is down", 10)["custom_details"]


def test_what_became_of_a_notice_is_in_its_trace(told: Notice) -> None:
    outcome = NoticeDelivered(notice="0-41-2", group=told.group, channel="webhook", attempts=1)
    about = about_outcome(Taken(Place("notices", 0), 1, 0, told), outcome, told.about.time)
    assert about.traceparent == tracing.child(FIRST, SOURCE, "0-41-2/delivered")


def test_notices_that_were_held_back_go_on_with_the_latest_trace_there_is(told: Notice) -> None:
    assert together([notice("1"), told, notice("3")]).about.traceparent == FIRST
    assert together([notice("1"), notice("3")]).about.traceparent is None
