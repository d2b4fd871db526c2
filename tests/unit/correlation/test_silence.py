"""Attributed silence: "no invoices today" is a holiday, an outage, or unexplained."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from processors.alerting import alerting
from processors.correlation import correlation
from processors.correlation.settings import CorrelationSettings
from processors.departments.accounting import department as accounting
from processors.departments.it import department as it
from processors.step import Emission
from schemas.accounting import InvoiceReceived
from schemas.facts import StreamHeard, StreamInterrupted
from schemas.it import OutageDetected, OutageResolved, OutageUpdated
from schemas.money import Money
from schemas.signals import LinkMade, LinkWithdrawn
from tests.office import Office, instant
from tests.unit.correlation.telling import SHUFFLES, at, correlating, holding

RULE = "correlation.stream_silent"
STREAM = "stream/accounting.invoice.received"
EXPECTED = {"event": "accounting.invoice.received", "by": "12:00", "service": "scanner"}


def invoice(n: int = 1) -> tuple[str, InvoiceReceived]:
    told = InvoiceReceived(
        invoice=f"RE-{n}",
        number=str(n),
        amount=Money(amount=Decimal(100 + n)),
        issued_on=date(2026, 1, 2),
        due_on=date(2027, 1, 1),
    )
    return f"vendor/V-{n}", told


def listening(**calendar: Any) -> Office:
    """An office that got an invoice on Monday, 5 January 2026, and expects more on every business day by noon."""
    settings = {"correlation": {"silences": [EXPECTED], "calendar": calendar}}
    office = Office(processors=[it, accounting, correlation, alerting], settings=settings)
    return office.at("2026-01-05T09:00").receives(invoice())


def suppressed(office: Office) -> set[str]:
    return {a.subject for a in office.alerts().values() if a.suppressed}


# The three


def test_a_holiday_is_no_alert() -> None:
    office = listening(country="DE", region="BY")  # Tuesday is Epiphany there
    assert office.at("2026-01-07T12:00").signals() == []
    assert office.at("2026-01-07T12:00:01").firing() == {RULE}


def test_an_outage_explains_it_and_the_alert_is_linked() -> None:
    office = listening().at("2026-01-06T08:00")
    office.receives(("service/scanner", OutageDetected(outage="OUT-1", since=instant("2026-01-06T08:00"))))
    office.at("2026-01-06T12:01")
    assert office.one(RULE).summary == (
        "No accounting.invoice.received came by 12:00 on 2026-01-06: scanner was down (OUT-1)"
    )
    assert suppressed(office) == {STREAM}
    assert STREAM not in {alert.subject for alert in office.alerts().values() if alert.receivers}


def test_what_nothing_explains_is_told() -> None:
    office = listening().at("2026-01-06T12:00")
    assert office.firing() == set()
    office.at("2026-01-06T12:00:01")
    alert = office.one(RULE)
    assert (alert.about.subject, alert.severity, alert.due) == (STREAM, "warning", instant("2026-01-06T12:00"))
    assert alert.summary.endswith("nothing explains it")
    assert office.said(LinkMade) == []
    assert [notice.receiver for notice in office.notices()] == ["back-office-manager"]


# How it ends


def test_it_is_over_when_something_comes() -> None:
    office = listening().at("2026-01-06T15:00")
    assert office.firing() == {RULE}
    assert office.receives(invoice(2)).firing() == set()


def test_a_silence_of_several_days_is_one_alert_and_weekends_say_nothing() -> None:
    office = listening().at("2026-01-13T13:00")
    assert len(office.signals(RULE)) == 1
    assert "2026-01-06" in office.one(RULE).summary
    office.receives(invoice(2))
    assert office.at("2026-01-14T12:00:01").firing() == {RULE}


@pytest.mark.parametrize(("came", "silent"), [("12:00", False), ("00:00", False), ("12:01", True)])
def test_the_first_of_the_day_counts_until_noon(came: str, silent: bool) -> None:
    office = listening().at(f"2026-01-06T{came}").receives(invoice(2)).at("2026-01-06T13:00")
    assert bool(office.signals(RULE)) is silent
    assert office.firing() == set()


def test_the_hour_is_local() -> None:
    settings: dict[str, dict[str, Any]] = {
        "accounting": {"calendar": {"time_zone": "America/New_York"}},
        "correlation": {"silences": [EXPECTED], "calendar": {"time_zone": "America/New_York"}},
    }
    office = Office(processors=[accounting, correlation], settings=settings).at("2026-01-06T04:59").receives(invoice())
    office.at("2026-01-06T05:01").receives(invoice(2))  # a new day in New York, not in London
    assert office.at("2026-01-07T17:00").firing() == set()
    assert office.at("2026-01-07T17:00:01").firing() == {RULE}


def test_an_outage_told_later_is_linked_and_a_corrected_one_is_not() -> None:
    office = listening().at("2026-01-06T13:00")
    scanner = "service/scanner"
    office.receives((scanner, OutageDetected(outage="OUT-1", since=instant("2026-01-06T08:00"))))
    assert suppressed(office) == {STREAM}
    office.receives((scanner, OutageUpdated(outage="OUT-1", since=instant("2026-01-06T12:30"))))
    assert (suppressed(office), len(office.said(LinkWithdrawn))) == (set(), 1)
    assert office.one(RULE).summary.endswith("nothing explains it")


def test_when_the_outage_is_over_and_nothing_comes_the_alert_is_told() -> None:
    office = listening().at("2026-01-06T08:00")
    scanner = "service/scanner"
    office.receives((scanner, OutageDetected(outage="OUT-1", since=instant("2026-01-06T08:00")))).at("2026-01-06T14:00")
    office.receives((scanner, OutageResolved(outage="OUT-1", until=instant("2026-01-06T14:00"))))
    assert suppressed(office) == set()
    assert "scanner was down (OUT-1)" in office.one(RULE).summary
    assert office.receives(invoice(2)).firing() == set()
    assert len(office.said(LinkMade)) == len(office.said(LinkWithdrawn)) == 1


def test_a_stream_that_is_no_longer_expected_is_let_go() -> None:
    office = listening().at("2026-01-06T13:00").told("correlation", {})
    assert office.at("2026-01-07T13:00").firing() == set()
    assert office.at("2026-02-01").firing() == set()


def test_what_is_not_expected_may_be_silent() -> None:
    office = Office(processors=[accounting, correlation]).at("2026-01-05T09:00").receives(invoice())
    assert office.at("2026-03-01").firing() == set()


def test_a_stream_is_expected_once() -> None:
    with pytest.raises(ValidationError, match=r"expected more than once: accounting\.invoice\.received"):
        CorrelationSettings.model_validate({"silences": [EXPECTED, {**EXPECTED, "by": "15:00"}]})


# What is told of a stream


def test_a_stream_costs_one_fact_a_partition_and_day_however_much_flows() -> None:
    office = Office(processors=[accounting, correlation], partitions=1).at("2026-01-05T09:00")
    office.receives(*(invoice(n) for n in range(50)))
    office.at("2026-01-05T23:59:59").receives(invoice(50)).at("2026-01-06").receives(invoice(51), invoice(52))
    heard = [f.at for f in office.said(StreamHeard) if isinstance(f, StreamHeard)]
    assert heard == [instant("2026-01-05T09:00"), instant("2026-01-06")]


def heard(clock: str) -> Emission:
    return Emission(STREAM, StreamHeard(at=at(clock)))


def interrupted(since: str, until: str | None, revision: int, outage: str = "OUT-1") -> Emission:
    fact = StreamInterrupted(
        service="scanner", outage=outage, since=at(since), until=until and at(until), revision=revision
    )
    return Emission(STREAM, fact)


@pytest.mark.parametrize("seed", SHUFFLES)
def test_facts_in_any_order_give_the_same_alert_and_link(seed: int) -> None:
    said = [
        interrupted("06T07:00", None, 1),
        interrupted("06T07:30", "06T11:00", 2),
        interrupted("06T08:00", None, 1, "OUT-2"),
        interrupted("06T12:30", None, 2, "OUT-2"),
        heard("09:00"),
        heard("10:00"),
    ]
    random.Random(seed).shuffle(said)
    office = correlating(heard("08:00"), partitions=1 + seed % 5, silences=[EXPECTED]).at(at("06T12:00:01"))
    office.receives(*said)
    ((_, summary),) = holding(office).values()
    assert summary == "No accounting.invoice.received came by 12:00 on 2026-01-06: scanner was down (OUT-1)"
    links = [type(s) for s in office.said(LinkMade, LinkWithdrawn)]
    assert links.count(LinkMade) - links.count(LinkWithdrawn) == 1
