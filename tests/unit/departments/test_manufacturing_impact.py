"""Manufacturing: what it tells the service that an order needs, of being late and of costing more than planned."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.facts import ImpactReported
from tests.office import Office, instant
from tests.unit.departments.telling_manufacturing import (
    Said,
    booked,
    cancelled,
    changed,
    money,
    placed,
    reversed_,
    shipped,
    works,
)

PROMISED = {"value": "800", "promised_on": "2026-01-09", "needs_service": "mes"}
PLANNED = {"value": "800", "needs_service": "mes"}


def told(office: Office) -> list[ImpactReported]:
    return [fact for fact in office.said(ImpactReported) if isinstance(fact, ImpactReported)]


def words(office: Office) -> list[tuple[str, str, bool, int]]:
    """Of each report: to whom, of what, whether it holds, and its number."""
    return [(fact.about.subject, fact.what, fact.holds, fact.revision) for fact in told(office)]


def test_a_late_order_is_told_with_its_value_and_its_last_working_day() -> None:
    office = works().receives(placed(**PROMISED), placed("WO-2")).at("2026-01-10T00:01")
    (fact,) = told(office)
    assert (fact.reference, fact.money, fact.hours, fact.revision) == ("P-1:WO-1", money("800"), Decimal(0), 1)
    assert (fact.since, fact.until) == (instant("2026-01-09"), instant("2026-01-10"))
    order = office.state("project/P-1").orders["WO-1"]
    assert fact.record == order.record
    assert fact.record is not None


def test_once_it_has_left_it_is_told_again_with_the_working_time_it_took_longer() -> None:
    office = works().receives(placed(**PROMISED)).at("2026-01-12T10:30").receives(shipped())
    assert [(fact.hours, fact.revision, fact.holds) for fact in told(office)] == [
        (Decimal(0), 1, True),
        (Decimal("1.50"), 2, True),
    ]
    office.receives(booked("10", order="WO-1"), shipped(shipment="SH-2")).at("2026-03-01")
    assert len(told(office)) == 2, "it has not become later"


def test_an_order_shipped_in_time_tells_nothing_and_one_that_was_in_time_after_all_is_taken_back() -> None:
    assert words(works().receives(placed(**PROMISED), shipped()).at("2026-02-01")) == []
    office = works().receives(placed(**PROMISED)).at("2026-01-12").receives(shipped(), time="2026-01-10T00:00")
    assert words(office) == [("service/mes", "order", True, 1), ("service/mes", "order", False, 2)]


ENDS: dict[str, tuple[Said, list[tuple[str, str, bool, int]]]] = {
    "cancelled": (cancelled(), [("service/mes", "order", False, 2)]),
    "promised for later": (changed(promised_on="2026-03-31"), [("service/mes", "order", False, 2)]),
    "needs another": (
        changed(needs_service="mail"),
        [("service/mes", "order", False, 2), ("service/mail", "order", True, 3)],
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_takes_a_late_order_back(end: str) -> None:
    said, then = ENDS[end]
    office = works().receives(placed(**PROMISED)).at("2026-01-12").receives(said)
    assert words(office) == [("service/mes", "order", True, 1), *then]


def test_a_late_order_whose_value_changes_is_told_again() -> None:
    office = works().receives(placed(**PROMISED)).at("2026-01-12").receives(changed(value="900"))
    assert [(fact.money, fact.revision) for fact in told(office)] == [(money("800"), 1), (money("900"), 2)]


@pytest.mark.parametrize("less", [{"needs_service": None}, {"promised_on": "2026-03-31"}])
def test_what_is_not_late_or_needs_no_service_tells_nothing(less: dict[str, Any]) -> None:
    given = {name: value for name, value in {**PROMISED, **less}.items() if value}
    assert words(works().receives(placed(**given)).at("2026-02-01")) == []


@pytest.mark.parametrize(("cost", "over"), [("800", None), ("800.01", "0.01")])
def test_an_order_that_costs_more_than_planned_tells_by_how_much(cost: str, over: str | None) -> None:
    office = works().receives(placed(**PLANNED)).at("2026-01-06T15:00").receives(booked(cost, order="WO-1"))
    assert [(fact.what, fact.money) for fact in told(office)] == ([("overrun", money(over))] if over else [])


def test_an_overrun_stays_on_the_day_that_began_it_and_ends_when_costs_are_put_right() -> None:
    office = works().receives(placed(**PLANNED)).at("2026-01-06T15:00").receives(booked("900", order="WO-1"))
    office.at("2026-01-20T15:00").receives(booked("50", "B-2", order="WO-1"), reversed_())
    office.receives(booked("1000", "B-3", order="WO-1"))
    day, later = (instant("2026-01-06"), instant("2026-01-06T15:00")), (instant("2026-01-20"), office.now)
    assert [(fact.since, fact.until, fact.money, fact.holds, fact.revision) for fact in told(office)] == [
        (*day, money("100"), True, 1),
        (*day, money("150"), True, 2),
        (*day, money("150"), False, 3),
        (*later, money("250"), True, 4),
    ]


def test_other_currencies_and_costs_of_the_project_at_large_are_no_overrun_of_an_order() -> None:
    office = works().receives(placed(**PLANNED), booked("9000", order="WO-1", currency="USD"), booked("9000", "B-2"))
    assert words(office) == []
    assert words(works().receives(placed(value="1"), booked("2", order="WO-1"))) == []
    assert words(works().receives(placed(needs_service="mes"), booked("2", order="WO-1"))) == []
