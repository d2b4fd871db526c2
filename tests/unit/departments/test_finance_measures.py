"""Finance: what a report on applications counts, each at the edge where one belongs to it no more."""

from decimal import Decimal
from typing import Any

import pytest

from processors.departments.finance import department
from schemas.envelope import Event
from schemas.finance import ApplicationDecided, ApplicationReopened, ApplicationSubmitted, ApplicationWorked
from schemas.money import Money
from tests.office import Office


def of(*events: Event) -> Any:
    """The application of which this was said."""
    office = Office(processors=[department], partitions=1).at("2026-03-02T09:00")
    return office.receives(*(("application/L-1", event) for event in events)).state("application/L-1")


def counted_in(application: Any, *among: str) -> set[str]:
    """Which of these measures count the application."""
    return {name for name in among if department.measures[name].over([("application/L-1", application)]) == {"L-1"}}


def submitted(amount: str | None = None, currency: str = "EUR") -> ApplicationSubmitted:
    return ApplicationSubmitted(
        product="loan", amount=Money(amount=Decimal(amount), currency=currency) if amount else None
    )


def decided(outcome: Any = "approved") -> ApplicationDecided:
    return ApplicationDecided(outcome=outcome, by="bob")


def work(phase: Any, name: str = "fraud_check") -> ApplicationWorked:
    return ApplicationWorked(work=name, phase=phase, by="ann")


ENDS = ("approved", "declined", "cancelled", "undecided")
DECISIONS = tuple(f"applications_{end}" for end in ENDS)


@pytest.mark.parametrize(
    ("events", "ends"),
    [
        ([submitted()], {"undecided"}),
        ([submitted(), decided()], {"approved"}),
        ([submitted(), decided("declined")], {"declined"}),
        ([submitted(), decided("cancelled")], {"cancelled"}),
        ([submitted(), decided("declined"), ApplicationReopened(), decided()], {"declined", "approved"}),
    ],
)
def test_how_it_was_decided(events: list[Event], ends: set[str]) -> None:
    assert counted_in(of(*events), "applications", *DECISIONS) == {
        "applications",
        *(f"applications_{end}" for end in ends),
    }


AMOUNTS = ("applications_approved_large", "applications_without_amount")


@pytest.mark.parametrize(
    ("events", "measures"),
    [
        ([submitted(), decided()], set()),
        ([submitted("0")], {"applications_without_amount"}),
        ([submitted("50000"), decided()], set()),
        ([submitted("50000.01"), decided()], {"applications_approved_large"}),
        ([submitted("50000.01"), decided("declined")], set()),
        ([submitted("50000.01", "USD"), decided()], set()),
    ],
)
def test_for_how_much_it_was(events: list[Event], measures: set[str]) -> None:
    assert counted_in(of(*events), *AMOUNTS) == measures


WORK = ("applications_fraud_checked", "applications_fraud_checked_approved", "applications_work_unfinished")


@pytest.mark.parametrize(
    ("events", "measures"),
    [
        ([work("scheduled")], {"applications_fraud_checked"}),
        ([work("started")], {"applications_fraud_checked", "applications_work_unfinished"}),
        ([work("started"), work("completed")], {"applications_fraud_checked"}),
        ([work("started"), work("started"), work("completed")], {WORK[0], WORK[2]}),
        ([work("completed"), decided()], {"applications_fraud_checked", "applications_fraud_checked_approved"}),
        ([work("completed"), decided("declined")], {"applications_fraud_checked"}),
        ([work("completed", "call"), decided()], set()),
    ],
)
def test_what_was_done_for_it(events: list[Event], measures: set[str]) -> None:
    assert counted_in(of(*events), *WORK) == measures


def test_events_of_which_nobody_said_who_did_it() -> None:
    application = of(submitted(), decided(), ApplicationReopened())
    measure = department.measures["application_events_without_person"]
    assert measure.over([("application/L-1", application)]) == {"events": 2}
