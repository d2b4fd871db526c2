"""Customers who complain again and again, until they are quiet for a month."""

from datetime import timedelta
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.front_office import department as front_office
from processors.step import Emission
from schemas.facts import CustomerComplained, CustomerMerged
from schemas.front_office import ComplaintReceived
from schemas.front_office import CustomerMerged as Merged
from tests.office import Office, instant
from tests.unit.correlation.telling import SHUFFLES, correlating, holding, shuffled

RULE = "front_office.repeat_complaints"
FIRST = instant("2026-01-05T09:00")
SECOND = timedelta(seconds=1)


def complained(days: float, name: str = "", **told: Any) -> Emission:
    """So many days after the first one."""
    received = FIRST + timedelta(days=days)
    fact = CustomerComplained(complaint=name or f"C-{days}", received_at=received, **told)
    return Emission("customer/CU-1", fact)


def on(days: float, *said: Emission, **settings: Any) -> Office:
    told = {"correlation": settings} if settings else None
    return Office(processors=[correlation], settings=told).at(FIRST + timedelta(days=days)).receives(*said)


def test_three_within_thirty_days_are_too_many() -> None:
    assert on(30, complained(0), complained(10)).firing() == set()
    alert = on(30, complained(0), complained(10), complained(30)).one(RULE)
    assert (alert.about.subject, alert.severity) == ("customer/CU-1", "warning")
    assert alert.annotations == {"complaints": "C-0, C-10, C-30"}


def test_three_within_thirty_days_and_a_second_are_not() -> None:
    late = Emission("customer/CU-1", CustomerComplained(complaint="C", received_at=FIRST + timedelta(days=30) + SECOND))
    assert on(30.1, complained(0), complained(10), late).firing() == set()


def test_it_is_over_when_the_customer_was_quiet_for_thirty_days() -> None:
    office = on(20, complained(0), complained(10), complained(20))
    office.at(FIRST + timedelta(days=49)).receives(complained(49))
    assert office.at(FIRST + timedelta(days=79)).firing() == {RULE}
    assert office.at(FIRST + timedelta(days=79) + SECOND).firing() == set()
    assert office.at(FIRST + timedelta(days=200)).state("customer/CU-1") is None


def test_thresholds_are_settings() -> None:
    assert on(5, complained(0), complained(5), repeat_complaints=2, repeat_days=5).firing() == {RULE}
    assert on(6, complained(0), complained(6), repeat_complaints=2, repeat_days=5).firing() == set()


def test_one_that_was_another_customers_does_not_count() -> None:
    office = on(2, complained(0, "A"), complained(1, "B"), complained(2, "C"))
    assert office.receives(complained(1, "B", holds=False, revision=2)).firing() == set()
    assert office.receives(complained(1, "B", holds=True, revision=1)).firing() == set()


def test_one_with_a_mistyped_year_hides_nobody_and_makes_nobody() -> None:
    said = [complained(0), complained(1), complained(36_500)]
    assert on(2, *said).firing() == set()
    assert on(2, *said, complained(2)).firing() == {RULE}


def test_one_told_long_after_it_was_over_is_not_mentioned() -> None:
    assert on(90, complained(0), complained(1), complained(2)).signals() == []


def test_the_same_complaint_counts_once_whatever_is_corrected_of_it() -> None:
    office = Office(processors=[front_office, correlation]).at(FIRST)
    for n, product in enumerate(("A", "B", "C")):
        told = ComplaintReceived(customer="CU-1", received_at=FIRST + n * SECOND, product=product)
        office.receives(("complaint/C-1", told))
    assert office.firing() == set()
    for name in ("C-2", "C-3"):
        office.receives((f"complaint/{name}", ComplaintReceived(customer="CU-1", received_at=FIRST)))
    assert office.firing() == {RULE}
    office.receives(("complaint/C-3", ComplaintReceived(customer="CU-2", received_at=FIRST)))
    assert office.firing() == set()


# Two ids of one customer


def merged(old: str, into: str, revision: int = 1) -> Emission:
    return Emission(f"customer/{old}", CustomerMerged(into=into, revision=revision))


def of(customer: str, days: float, name: str, **told: Any) -> Emission:
    return Emission(f"customer/{customer}", complained(days, name, **told).event)


def test_the_complaints_of_two_ids_that_are_one_customer_count_together() -> None:
    office = on(2, of("CU-1", 0, "A"), of("CU-2", 1, "B"), of("CU-3", 2, "C"), merged("CU-2", "CU-1"))
    assert office.firing() == set()
    assert office.receives(merged("CU-3", "CU-2")).one(RULE).about.subject == "customer/CU-1"


def test_a_merge_said_of_the_front_offices_events() -> None:
    office = Office(processors=[front_office, correlation]).at(FIRST)
    for n, customer in enumerate(("CU-1", "CU-1", "CU-2")):
        office.receives((f"complaint/C-{n}", ComplaintReceived(customer=customer, received_at=FIRST)))
    assert office.firing() == set()
    office.receives(("customer/CU-2", Merged(into="CU-1")), ("customer/CU-2", Merged(into="CU-1")))
    assert office.firing() == {RULE}
    office.receives(("customer/CU-2", Merged(into="CU-4")))
    assert office.firing() == set()
    office.receives(("customer/CU-2", Merged(into="CU-1")), time=FIRST - SECOND)
    assert office.firing() == set()


def test_ids_merged_in_a_circle_come_to_rest() -> None:
    office = on(2, merged("CU-1", "CU-2"), merged("CU-2", "CU-1"), *(of("CU-1", n, f"C-{n}") for n in range(3)))
    assert (office.firing(), office.dead_letters) == (set(), [])


@pytest.mark.parametrize("seed", SHUFFLES)
def test_merges_in_any_order_give_the_same_alerts(seed: int) -> None:
    said = [
        of("CU-1", -3, "A"),
        of("CU-2", -2, "B"),
        of("CU-3", -1, "C"),
        of("CU-3", -1, "C", revision=2, holds=False),
        of("CU-3", -1, "D"),
        of("CU-1", 0, "D", revision=2),
        merged("CU-2", "CU-9"),
        merged("CU-2", "CU-1", 2),
        merged("CU-3", "CU-2"),
    ]
    ((rule_and_subject, words),) = holding(shuffled(said, seed)).items()
    assert rule_and_subject == (RULE, "customer/CU-1", "")
    assert "complained 3 times" in words[1]


@pytest.mark.parametrize("seed", SHUFFLES)
def test_facts_in_any_order_give_the_same_alerts(seed: int) -> None:
    said = [
        complained(-40),
        complained(-39),
        complained(-38),
        complained(-10, "A"),
        complained(-10, "A", holds=False, revision=2),
        complained(-9, "B", holds=False),
        complained(-9, "B", revision=2),
        complained(0),
    ]
    ((_, summary),) = holding(shuffled(said, seed)).values()
    assert summary == "Customer CU-1 complained 5 times, never 30 days apart"


@pytest.mark.parametrize("seed", SHUFFLES)
def test_a_quiet_month_between_them_ends_it_in_any_order(seed: int) -> None:
    said = [complained(-50), complained(-49), complained(-48), complained(-17), complained(0)]
    assert holding(shuffled(said, seed)) == {}


def test_a_lot_of_complaints_are_remembered_only_in_part() -> None:
    office = correlating(*(complained(n / 1000) for n in range(200)))
    assert len(office.state("customer/CU-1").complaints) == 50
    assert office.firing() == {RULE}
