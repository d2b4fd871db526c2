"""The impact ledger: what one outage cost, in numbers, money and hours."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from processors.correlation import correlation
from processors.correlation.measures import MEASURES
from processors.departments.accounting import department as accounting
from processors.departments.front_office import department as front_office
from processors.departments.it import department as it
from processors.step import Emission
from schemas.accounting import InvoiceReceived, InvoiceRejected, PaymentMade
from schemas.facts import ImpactReported
from schemas.front_office import ComplaintReceived, ComplaintReopened, ComplaintResolved
from schemas.it import OutageDetected, OutageResolved
from schemas.money import Money
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant
from tests.unit.correlation.telling import SHUFFLES, at, correlating, down, remembered, shuffled, up

RULE = "correlation.impact"


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def reported(what: Any, name: str, since: str, until: str | None = None, hours: str = "0", **told: Any) -> Emission:
    fact = ImpactReported(
        what=what, reference=name, since=at(since), until=at(until or since), hours=Decimal(hours), **told
    )
    return Emission("service/vpn", fact)


def ledger(office: Office, outage: str = "OUT-1") -> tuple[dict[str, int], dict[str, Decimal], Decimal]:
    """Numbers and sums that are not zero, and hours."""
    row = remembered(office, "service/vpn").ledgers[outage]
    return {k: n for k, n in row.counts.items() if n}, {k: m for k, m in row.money.items() if m}, row.hours


# By hand: an outage from 9:00 to 11:00, and OUT-2 from 11:20 on.

FACTS = [
    down("vpn", "09:00"),
    up("vpn", "09:00", "12:00", revision=2),
    up("vpn", "09:00", "11:00", revision=3),
    down("vpn", "11:20", outage="OUT-2"),
    reported("complaint", "C-1", "09:30", hours="1.25"),
    reported("complaint", "C-2", "11:10"),  # within half an hour after the first, before the second
    reported("complaint", "C-2", "11:10", hours="0.50", revision=2),
    reported("complaint", "C-3", "11:25", hours="2"),  # both
    reported("complaint", "C-4", "08:59", hours="7"),  # before
    reported("complaint", "C-5", "10:00", hours="9"),
    reported("complaint", "C-5", "10:00", hours="9", holds=False, revision=2),  # another service's
    reported("order", "PO-1", "08:00", "09:00", hours="4", money=money("800")),
    reported("order", "PO-2", "08:00", "08:59", hours="4", money=money("800")),
    reported("invoice", "RE-1", "10:00", "17:00", money=money("1250.50")),  # both
    reported("invoice", "RE-2", "10:59", "11:01", money=money("99.90", "USD")),
    reported("invoice", "RE-3", "11:01", "11:15", money=money("5")),  # no grace for what is no complaint
    reported("overrun", "P-1", "09:00", "11:00", money=money("20000")),
    reported("overrun", "P-1", "09:00", "11:00", money=money("15000.25"), revision=2),
]
BY_HAND = {
    "OUT-1": (
        {"complaint": 3, "order": 1, "invoice": 2, "overrun": 1},
        {"EUR": Decimal("17050.75"), "USD": Decimal("99.90")},
        Decimal("7.75"),
    ),
    "OUT-2": ({"complaint": 1, "invoice": 1}, {"EUR": Decimal("1250.50")}, Decimal("2")),
}


def test_a_ledger_equals_the_one_made_by_hand() -> None:
    office = correlating(*FACTS)
    assert {outage: ledger(office, outage) for outage in BY_HAND} == BY_HAND


def test_duplicates_change_nothing() -> None:
    office = correlating(*FACTS, *FACTS, *reversed(FACTS))
    assert {outage: ledger(office, outage) for outage in BY_HAND} == BY_HAND


@pytest.mark.parametrize("seed", SHUFFLES)
def test_facts_in_any_order_give_the_same_ledgers_and_alerts(seed: int) -> None:
    office = shuffled(FACTS, seed)
    assert {outage: ledger(office, outage) for outage in BY_HAND} == BY_HAND
    alert = office.one(RULE)
    assert (alert.identity, alert.severity) == ({"outage": "OUT-2"}, "info")


def test_what_is_asked_of_all_ledgers() -> None:
    state = remembered(correlating(*FACTS), "service/vpn")
    assert MEASURES["outage_impacts"].over([("service/vpn", state)]) == {
        "vpn OUT-1: 3 complaints, 1 delayed orders, 2 late invoices, 1 overruns, 17,050.75 EUR, 99.90 USD, 7.75 h",
        "vpn OUT-2: 1 complaints, 1 late invoices, 1,250.50 EUR, 2.00 h",
    }


# The alert


def test_it_is_said_when_the_number_has_doubled_and_when_the_outage_is_over() -> None:
    office = correlating(down("vpn", "09:00"))
    for n in range(20):
        office.receives(reported("complaint", f"C-{n}", "09:30", hours="0.5"))
    office.receives(up("vpn", "09:00", "11:00"))
    signals = office.signals(RULE)
    said = [s.summary.partition(": ")[2] for s in signals if isinstance(s, ConditionFired)]
    assert said == [
        "1 complaints, 0.50 h",
        "2 complaints, 1.00 h",
        "4 complaints, 2.00 h",
        "8 complaints, 4.00 h",
        "16 complaints, 8.00 h",
    ]
    assert isinstance(signals[-1], ConditionResolved)
    assert signals[-1].because == "the outage is over: 20 complaints, 10.00 h"


def test_it_names_the_outage_where_that_was_told_once() -> None:
    once = correlating(down("vpn", "09:00"), reported("complaint", "C-1", "09:30"))
    again = correlating(down("vpn", "09:00"), down("vpn", "08:30", revision=2), reported("complaint", "C-1", "09:30"))
    assert [len(each.one(RULE).evidence) for each in (once, again)] == [2, 1]


def test_an_outage_that_did_no_damage_is_not_mentioned() -> None:
    office = correlating(down("vpn", "09:00"), reported("complaint", "C-1", "08:00"))
    assert office.signals(RULE) == []
    office.receives(
        reported("complaint", "C-2", "10:00"), reported("complaint", "C-2", "10:00", holds=False, revision=2)
    )
    assert [type(s) for s in office.signals(RULE)] == [ConditionFired, ConditionResolved]


def test_what_comes_after_the_outage_was_forgotten_is_still_booked_on_it() -> None:
    office = correlating(up("vpn", "09:00", "11:00"), reported("invoice", "RE-1", "10:00", money=money("70")))
    office.at("2026-03-05").receives(reported("invoice", "RE-1", "10:00", hours="80", revision=2, money=money("70")))
    assert dict(remembered(office, "service/vpn").outages) == {}
    assert ledger(office) == ({"invoice": 1}, {"EUR": Decimal(70)}, Decimal(80))
    assert remembered(office.at("2027-04-20"), "service/vpn") is None


# What the departments say

MONDAY = "2026-01-05"


def the_line() -> Office:
    return Office(processors=[it, accounting, front_office, correlation]).at(f"{MONDAY}T09:00")


def outage(since: str, until: str | None = None) -> tuple[str, OutageDetected | OutageResolved]:
    if until:
        return "service/vpn", OutageResolved(outage="OUT-1", until=instant(until))
    return "service/vpn", OutageDetected(outage="OUT-1", since=instant(since))


def test_complaints_are_booked_with_the_working_time_until_they_are_settled() -> None:
    office = the_line().receives(outage(f"{MONDAY}T09:00")).at(f"{MONDAY}T15:00")
    received = ComplaintReceived(customer="CU-1", received_at=instant(f"{MONDAY}T15:00"), service="vpn")
    office.receives(("complaint/C-1", received))
    assert ledger(office) == ({"complaint": 1}, {}, Decimal(0))
    office.at("2026-01-06T10:20").receives(("complaint/C-1", ComplaintResolved()))
    assert ledger(office) == ({"complaint": 1}, {}, Decimal("3.33"))
    office.at("2026-01-06T11:00").receives(("complaint/C-1", ComplaintReopened()))
    assert ledger(office) == ({"complaint": 1}, {}, Decimal(0))
    elsewhere = received.model_copy(update={"service": "mail"})
    assert ledger(office.receives(("complaint/C-1", elsewhere))) == ({}, {}, Decimal(0))


def invoiced(due_on: str, service: str | None = "vpn") -> tuple[str, InvoiceReceived]:
    told = InvoiceReceived(
        invoice="RE-1",
        number="1",
        amount=money("1250"),
        issued_on=date(2026, 1, 2),
        due_on=date.fromisoformat(due_on),
        needs_service=service,
    )
    return "vendor/acme", told


def paid(amount: str = "1250") -> tuple[str, PaymentMade]:
    return "vendor/acme", PaymentMade(
        payment="PAY-1", amount=money(amount), paid_on=date(2026, 1, 7), invoice="RE-1", paid_by="ida"
    )


def test_an_invoice_that_is_late_because_it_could_not_be_paid_is_booked_with_its_money() -> None:
    office = the_line().receives(invoiced("2026-01-06")).at("2026-01-06T14:00")
    office.receives(outage("2026-01-06T14:00")).at("2026-01-06T17:00")
    assert office.said(ImpactReported) == []
    office.at("2026-01-06T17:01")
    assert ledger(office) == ({"invoice": 1}, {"EUR": Decimal(1250)}, Decimal(0))
    office.at("2026-01-07T10:30").receives(outage("", "2026-01-07T10:00"), paid())
    assert ledger(office) == ({"invoice": 1}, {"EUR": Decimal(1250)}, Decimal("1.50"))


def test_one_that_is_late_on_a_day_without_an_outage_is_booked_nowhere() -> None:
    office = the_line().receives(outage(f"{MONDAY}T10:00"), invoiced("2026-01-06")).at(f"{MONDAY}T12:00")
    office.receives(outage("", f"{MONDAY}T12:00")).at("2026-01-07")
    assert len(office.said(ImpactReported)) == 1
    assert not remembered(office, "service/vpn").ledgers


@pytest.mark.parametrize(
    "later",
    [
        ("vendor/acme", InvoiceRejected(invoice="RE-1")),
        invoiced("2026-02-06"),
        invoiced("2026-01-06", service=None),
        invoiced("2026-01-06", service="mail"),
    ],
    ids=["rejected", "due later", "needs no service", "needs another"],
)
def test_an_invoice_that_is_not_late_after_all_is_taken_off(later: Any) -> None:
    office = the_line().receives(invoiced("2026-01-06"), outage(f"{MONDAY}T09:00")).at("2026-01-06T18:00")
    assert ledger(office)[0] == {"invoice": 1}
    assert ledger(office.receives(later))[0] == {}
    reports = [(f.about.subject, f.holds) for f in office.said(ImpactReported) if isinstance(f, ImpactReported)]
    assert reports.count(("service/vpn", False)) == 1


def test_a_payment_in_part_leaves_it_late_and_reports_nothing_new() -> None:
    office = the_line().receives(invoiced("2026-01-06"), outage(f"{MONDAY}T09:00")).at("2026-01-06T18:00")
    office.receives(paid("100")).at("2026-03-30")
    assert len(office.said(ImpactReported)) == 1
    assert office.now - instant(MONDAY) > timedelta(days=60)
