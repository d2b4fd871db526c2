"""Management: what a report on declarations of expenses counts, each at the edge where one belongs to it no more."""

from decimal import Decimal
from typing import Any

import pytest

from processors.departments.management import department
from schemas.management import (
    DeclarationApproved,
    DeclarationEvent,
    DeclarationPaid,
    DeclarationRejected,
    DeclarationSaved,
    DeclarationSubmitted,
)
from schemas.money import Money
from tests.office import Office

SUBMITTED, PAID = DeclarationSubmitted(), DeclarationPaid()
APPROVED = DeclarationApproved(by="SUPERVISOR", final=True)
BY_OWNER = DeclarationApproved(by="BUDGET OWNER")


def amount(text: str, currency: str = "EUR") -> DeclarationSaved:
    return DeclarationSaved(amount=Money(amount=Decimal(text), currency=currency))


def back(role: str) -> DeclarationRejected:
    return DeclarationRejected(by=role)


def of(*told: DeclarationEvent, **settings: Any) -> Office:
    """An office that was told this of one declaration, on Monday, 5 January 2026 at 8:00."""
    office = Office(partitions=1, processors=[department], settings={"management": settings} if settings else None)
    return office.receives(*(("declaration/D-1", event) for event in told))


def answer(office: Office, measure: str) -> Any:
    return department.measures[measure].over([("declaration/D-1", office.state("declaration/D-1"))])


def counted_in(office: Office, *among: str) -> set[str]:
    """Which of these measures count the declaration."""
    return {measure for measure in among if answer(office, measure) == {"D-1"}}


PAYING = ("declarations_paid", "declarations_never_paid", "declarations_paid_twice")


@pytest.mark.parametrize(
    ("told", "measures"),
    [
        ([SUBMITTED], {"declarations_never_paid"}),
        ([PAID], {"declarations_paid"}),
        ([PAID, PAID], {"declarations_paid", "declarations_paid_twice"}),
    ],
)
def test_how_often_it_was_paid(told: list[DeclarationEvent], measures: set[str]) -> None:
    assert counted_in(of(*told), *PAYING) == measures


HANDLING = ("declarations_submitted_again", "declarations_rejected", "amount_not_positive")


@pytest.mark.parametrize(
    ("told", "measures"),
    [
        ([SUBMITTED], set()),
        ([SUBMITTED, SUBMITTED], {"declarations_submitted_again"}),
        ([back("SUPERVISOR")], {"declarations_rejected"}),
        ([amount("0.01")], set()),
        ([amount("0")], {"amount_not_positive"}),
        ([amount("0"), amount("5")], set()),
    ],
)
def test_what_became_of_it(told: list[DeclarationEvent], measures: set[str]) -> None:
    assert counted_in(of(*told), *HANDLING) == measures


APPROVALS = ("paid_without_final_approval", "paid_without_budget_owner")


@pytest.mark.parametrize(
    ("told", "measures"),
    [
        ([SUBMITTED], set()),
        ([PAID], set(APPROVALS)),
        ([APPROVED, PAID], {"paid_without_budget_owner"}),
        ([BY_OWNER, PAID], {"paid_without_final_approval"}),
        ([APPROVED, BY_OWNER, PAID], set()),
        ([PAID, BY_OWNER, APPROVED], set()),
    ],
)
def test_who_approved_what_was_paid(told: list[DeclarationEvent], measures: set[str]) -> None:
    assert counted_in(of(*told, budget_owner_role="BUDGET OWNER"), *APPROVALS) == measures


@pytest.mark.parametrize(
    ("told", "over"),
    [
        ([amount("500"), PAID], False),
        ([amount("500.01"), PAID], True),
        ([amount("500.01")], False),
        ([amount("9000", "USD"), PAID], False),
        ([PAID], False),
    ],
)
def test_what_was_paid_over_the_limit_in_its_currency(told: list[DeclarationEvent], over: bool) -> None:
    office = of(*told, large_amount={"amount": "500", "currency": "EUR"})
    assert counted_in(office, "paid_over_limit") == ({"paid_over_limit"} if over else set())


DAYS = ("paid_after_warning_days", "paid_after_error_days", "paid_after_critical_days")


@pytest.mark.parametrize(
    ("at", "measures"),
    [
        ("2026-01-19T08:00", set()),
        ("2026-01-19T08:00:01", set(DAYS[:1])),
        ("2026-02-04T08:00", set(DAYS[:1])),
        ("2026-02-04T08:00:01", set(DAYS[:2])),
        ("2026-03-06T08:00", set(DAYS[:2])),
        ("2026-03-06T08:00:01", set(DAYS)),
    ],
)
def test_how_long_after_it_was_first_handed_in_it_was_paid(at: str, measures: set[str]) -> None:
    office = of(SUBMITTED).at("2026-01-09").receives(("declaration/D-1", SUBMITTED))
    assert counted_in(office, *DAYS) == set()
    assert counted_in(office.at(at).receives(("declaration/D-1", PAID)), *DAYS) == measures


def test_the_last_payment_counts_whenever_it_is_told() -> None:
    office = of(SUBMITTED).at("2026-03-10").receives(("declaration/D-1", PAID))
    office.receives(("declaration/D-1", PAID), time="2026-01-06")
    assert counted_in(office, *DAYS) == set(DAYS)


def test_who_sent_it_back_and_how_often() -> None:
    office = of(back("SUPERVISOR"), back("ADMINISTRATION"), back("SUPERVISOR"))
    assert answer(office, "declaration_rejections") == {"ADMINISTRATION D-1", "SUPERVISOR D-1"}
    assert answer(office, "declarations_rejected_by_role") == {"ADMINISTRATION": 1, "SUPERVISOR": 1}
    assert answer(office, "rejections_by_role") == {"ADMINISTRATION": 1, "SUPERVISOR": 2}


def test_the_sum_of_what_was_paid() -> None:
    assert answer(of(amount("12.50")), "declared_and_paid") == {}
    assert answer(of(amount("12.50"), PAID, PAID), "declared_and_paid") == {"EUR": Decimal("12.50")}
    assert answer(of(PAID), "declared_and_paid") == {}
