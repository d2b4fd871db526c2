"""Budgets: what is booked, committed and forecast, each at its edge; and what is ordered without any."""

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.departments.manufacturing.budget import estimate_at_completion
from processors.departments.manufacturing.project import Ledger
from schemas.manufacturing import BudgetChanged
from tests.office import Office
from tests.unit.departments.telling_manufacturing import (
    Said,
    booked,
    budget,
    cancelled,
    changed,
    lot,
    money,
    p1,
    placed,
    reversed_,
    reviewed,
    shipped,
    works,
)

OVERRUN, WITHOUT = "manufacturing.budget_overrun", "manufacturing.order_without_budget"


@pytest.mark.parametrize(
    ("used", "severity"),
    [("800.00", None), ("800.01", "warning"), ("1000.00", "warning"), ("1000.01", "critical")],
)
@pytest.mark.parametrize("by", ["cost", "order"])
def test_a_budget_is_overrun_over_eighty_percent_and_critical_over_a_hundred(
    used: str, severity: str | None, by: str
) -> None:
    office = works().receives(budget("1000"), booked(used) if by == "cost" else placed(value=used))
    assert [c.severity for c in office.conditions().values()] == ([severity] if severity else [])


def test_booked_costs_use_up_what_their_order_has_committed() -> None:
    office = works().receives(budget("1000"), placed(value="700"), booked("650", order="WO-1"))
    assert office.firing() == set()
    office.receives(booked("200", "B-2", order="WO-1"))  # the order costs 850 now, not 700
    assert office.one(OVERRUN).severity == "warning"
    assert office.one(OVERRUN).annotations["booked"] == "850.00"
    assert office.one(OVERRUN).annotations["committed"] == "0.00"


def test_an_alert_is_said_again_when_it_gets_worse_and_not_for_every_cost() -> None:
    office = works().receives(budget("1000"), booked("850"), booked("10", "B-2"), booked("10", "B-3"))
    assert len(office.signals(OVERRUN)) == 1
    office.receives(booked("200", "B-4"))
    assert [s.severity for s in office.signals(OVERRUN) if hasattr(s, "severity")] == ["warning", "critical"]
    assert len(office.one(OVERRUN).evidence) == 2


CURES = {
    "raised": p1(BudgetChanged(amount=money("2000"))),
    "reversed": reversed_("B-1"),
    "corrected": booked("100", "B-1"),
    "credited": booked("-800", "B-2"),
}


@pytest.mark.parametrize("cure", CURES.values(), ids=CURES)
def test_what_ends_an_overrun(cure: Said) -> None:
    assert works().receives(budget("1000"), booked("900"), cure).firing() == set()


def test_a_cancelled_order_commits_nothing_but_its_cost_stays() -> None:
    office = works().receives(budget("1000"), placed(value="900"), booked("100", order="WO-1"))
    assert office.firing() == {OVERRUN}
    assert office.receives(cancelled()).firing() == set()
    ledger = office.state("project/P-1").ledgers["EUR"]
    assert (ledger.booked, ledger.committed, ledger.planned) == (100, 0, 0)
    assert office.receives(placed(value="950"), booked("1", "B-9")).firing() == set(), "it was cancelled at that time"


def test_an_order_placed_again_after_it_was_cancelled_commits_again() -> None:
    office = works().receives(budget("1000"), placed(value="900"), cancelled())
    assert office.at("2026-01-06").receives(placed(value="900")).firing() == {OVERRUN}


def test_a_changed_order_commits_what_it_costs_now() -> None:
    office = works().receives(budget("1000"), placed(value="700"), changed(value="900"))
    assert office.firing() == {OVERRUN}
    assert office.at("2026-01-06").receives(changed(value="700")).firing() == set()
    office.receives(changed(value="900"), time="2026-01-01")
    assert office.firing() == set(), "older terms that come late change nothing"


def test_the_last_cost_of_an_order_frees_the_rest() -> None:
    office = works().receives(budget("1000"), placed(value="900", vendor="acme"), booked("500", order="WO-1"))
    assert office.firing() == {OVERRUN}
    assert office.receives(booked("200", "B-2", order="WO-1", final=True)).firing() == set()


def test_what_was_made_here_and_has_left_costs_nothing_more_but_what_was_bought_is_still_to_be_billed() -> None:
    for vendor, firing in ((None, set()), ("acme", {OVERRUN})):
        office = works().receives(budget("1000"), placed(value="900", quantity=5, vendor=vendor), shipped(quantity=5))
        assert office.firing() == firing


def test_currencies_are_not_converted_each_has_its_own_budget() -> None:
    office = works().receives(budget("1000"), booked("700"), booked("500", "B-2", currency="USD"))
    assert office.one(OVERRUN).identity == {"currency": "USD", "reason": "spent"}
    assert "no budget" in office.one(OVERRUN).summary
    assert office.receives(budget("700", "USD")).firing() == set()


def test_a_booking_that_changes_its_currency_and_its_order_is_counted_once() -> None:
    office = works().receives(budget("1000"), budget("1000", "USD"), placed(value="500"), booked("900", order="WO-1"))
    office.receives(booked("900", order=None, currency="USD"))
    assert {c.identity["currency"] for c in office.conditions().values()} == {"USD"}
    ledger = office.state("project/P-1").ledgers["EUR"]
    assert (ledger.booked, ledger.on_orders, ledger.committed) == (0, 0, 500)


def test_a_reversal_that_overtakes_its_booking_counts() -> None:
    assert works().receives(budget("1000"), reversed_(), booked("900")).firing() == set()


# Earned value.


@pytest.mark.parametrize(
    ("method", "eac"),
    [("typical", "1260"), ("atypical", "1160")],
)
def test_the_cost_at_completion_is_forecast_as_the_pmi_does(method: str, eac: str) -> None:
    """BAC 1000, half done, for 600: CPI = 5/6, so EAC = 1000 / (5/6) = 1200, or 600 + 500; and 60 of overhead."""
    ledger = Ledger(planned=Decimal(1000), earned=Decimal(500), on_orders=Decimal(600), booked=Decimal(660))
    assert estimate_at_completion(ledger, "typical" if method == "typical" else "atypical") == Decimal(eac)


@pytest.mark.parametrize(("cost", "fires"), [("300", False), ("300.01", True)])
def test_a_forecast_over_the_budget_is_said(cost: str, fires: bool) -> None:
    """A quarter of 800 is earned, 200: for 300 the whole will cost 1200, exactly the budget."""
    office = works().receives(budget("1200"), placed(value="800", quantity=100), lot("QC-1", 25, 0, "WO-1"))
    office.receives(booked(cost, order="WO-1"))
    assert office.firing() == ({OVERRUN} if fires else set())
    if fires:
        assert office.one(OVERRUN).identity == {"currency": "EUR", "reason": "forecast"}
        assert office.receives(booked("250", order="WO-1")).firing() == set()


def test_there_is_no_forecast_before_a_fifth_is_done() -> None:
    office = works().receives(budget("1200"), placed(value="800", quantity=100), booked("600", order="WO-1"))
    assert office.receives(lot("QC-1", 19, 0, "WO-1")).firing() == set()
    assert office.receives(lot("QC-2", 1, 0, "WO-1")).firing() == {OVERRUN}


def test_no_forecast_is_made_where_none_is_wanted() -> None:
    office = works(forecast="off").receives(budget("1200"), placed(value="800", quantity=100))
    assert office.receives(booked("600", order="WO-1"), lot("QC-1", 25, 0, "WO-1")).firing() == set()


# Orders without budget.


def test_an_order_with_no_budget_approved_waits_for_one() -> None:
    office = works().receives(placed(value="500"))
    assert office.one(WITHOUT).identity == {"order": "WO-1"}
    assert office.receives(budget("499.99")).firing() == {WITHOUT, OVERRUN}
    assert office.at("2026-01-06").receives(budget("625")).firing() == set()


@pytest.mark.parametrize(("spent", "fires"), [("999.99", False), ("1000", True)])
def test_an_order_is_without_budget_when_none_is_left(spent: str, fires: bool) -> None:
    office = works().receives(budget("1000"), booked(spent), placed(value="1"))
    assert (WITHOUT in office.firing()) is fires


def test_where_an_order_must_fit_it_fires_when_it_does_not() -> None:
    for must_fit in (True, False):
        office = works(order_must_fit=must_fit).receives(budget("1000"), placed(value="1000.01"))
        assert (WITHOUT in office.firing()) is must_fit


@pytest.mark.parametrize("cure", [cancelled(), reviewed(WITHOUT, order="WO-1"), changed(value="0")])
def test_what_ends_an_order_without_budget(cure: Said) -> None:
    assert works().receives(placed(value="500"), cure).firing() == set()


def test_an_order_in_another_currency_needs_a_budget_there() -> None:
    office = works().receives(budget("1000"), placed(value="5", currency="USD"))
    assert office.firing() == {WITHOUT}
    assert office.receives(budget("10", "USD")).firing() == set()


def test_an_order_that_commits_nothing_needs_no_budget() -> None:
    assert works().receives(placed(quantity=5), placed("WO-2", "0")).firing() == set()


# Whatever the order, corrections and reversals included.

STORY = [
    budget("1000"),
    placed(value="300", quantity=10),
    placed("WO-2", "400", quantity=4),
    booked("120", "B-1", "WO-1"),
    booked("90", "B-2", "WO-2"),
    booked("33.33", "B-3"),
    reversed_("B-2"),
    shipped("WO-1", 4),
    cancelled("WO-2"),
]


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_ledger_is_the_same_in_whatever_order_things_are_told(rng: random.Random) -> None:
    told = [(f"2026-01-05T{8 + n:02}:00", said) for n, said in enumerate(STORY)]
    rng.shuffle(told)
    office: Office = works().at("2026-01-06")
    for time, said in told:
        office.receives(said, time=time)
    ledger = office.state("project/P-1").ledgers["EUR"]
    assert (ledger.booked, ledger.on_orders) == (Decimal("153.33"), Decimal(120))
    assert (ledger.committed, ledger.planned, ledger.earned) == (180, 300, 120)
