"""A real log of expense declarations (BPI Challenge 2020): alerts and measures equal its known answers, id for id."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known as known_importer
from processors.departments.management import department
from tests.real_logs import Folded

pytestmark = pytest.mark.real_logs

LOG = "bpi2020_domestic_declarations"
FILE = f"{LOG}.csv.gz"
AFTERWARDS = timedelta(days=3 * 366)
"""So that every deadline passes."""


@pytest.fixture(scope="module")
def log(folder: Path) -> Folded:
    return Folded.of(department, known_importer("expense-declarations"), folder / FILE).passes(AFTERWARDS)


ALL = ("warning", "error", "critical")

ALERTS = [
    ("management.declaration_late", ALL, "paid_more_than_14_days_after_first_submission", 1_887),
    ("management.declaration_late", ("error", "critical"), "paid_more_than_30_days_after_first_submission", 426),
    ("management.declaration_late", ("critical",), "paid_more_than_60_days_after_first_submission", 134),
    ("management.declaration_paid_unapproved", (), "paid_without_final_approval_event", 2),
    ("management.declaration_resubmitted", (), "cases_submitted_more_than_once", 1_006),
]


@pytest.mark.parametrize(("rule", "severities", "answer", "n"), ALERTS, ids=[a[2] for a in ALERTS])
def test_the_alerts_are_those_of_the_known_answer(
    log: Folded, known: dict[str, set[str]], rule: str, severities: tuple[str, ...], answer: str, n: int
) -> None:
    assert log.ever_fired_as(rule, severities) == known[answer]
    assert len(known[answer]) == n


MEASURED = [
    ("declarations_paid", "cases_paid", 9_912),
    ("declarations_submitted_again", "cases_submitted_more_than_once", 1_006),
    ("declarations_rejected", "cases_rejected_at_least_once_by_anyone", 1_278),
    ("paid_after_warning_days", "paid_more_than_14_days_after_first_submission", 1_887),
    ("paid_after_error_days", "paid_more_than_30_days_after_first_submission", 426),
    ("paid_after_critical_days", "paid_more_than_60_days_after_first_submission", 134),
    ("paid_without_final_approval", "paid_without_final_approval_event", 2),
    ("paid_without_budget_owner", "paid_without_budget_owner_approval", 7_186),
    ("paid_over_limit", "paid_amount_over_1000", 40),
]


@pytest.mark.parametrize(("name", "answer", "n"), MEASURED, ids=[m[0] for m in MEASURED])
def test_the_measured_declarations_are_those_of_the_known_answer(
    log: Folded, known: dict[str, set[str]], name: str, answer: str, n: int
) -> None:
    assert log.measure(name) == known[answer]
    assert len(known[answer]) == n


def test_who_sent_which_declaration_back(log: Folded, known: dict[str, set[str]], counts: dict[str, Any]) -> None:
    by_role = {answer.removeprefix("rejected_by_"): ids for answer, ids in known.items() if "rejected_by_" in answer}
    assert log.measure("declaration_rejections") == {f"{role} {id}" for role, ids in by_role.items() for id in ids}
    assert log.measure("declarations_rejected_by_role") == counts["cases_rejected_by_role"]
    assert log.measure("rejections_by_role") == counts["rejection_events_by_role"]
    assert counts["rejection_events_by_role"]["EMPLOYEE"] == 1_350


def test_answers_that_are_numbers(log: Folded, counts: dict[str, Any]) -> None:
    zero = log.measure("amount_not_positive")
    assert log.ever_fired("management.declaration_amount") == zero
    for name, answer, n in (
        ("amount_not_positive", "amount_zero_or_negative", 440),
        ("declarations_never_paid", "cases_never_paid", 445),
        ("declarations_paid_twice", "cases_paid_more_than_once", 0),
    ):
        found = log.measure(name)
        assert isinstance(found, frozenset)
        assert len(found) == counts[answer] == n
    paid = log.measure("declared_and_paid")
    assert isinstance(paid, dict)
    assert float(round(paid["EUR"], 2)) == counts["total_amount_of_paid_cases_cents_rounded"]


def test_what_was_never_paid_is_said_while_the_clock_runs(folder: Path, log: Folded) -> None:
    """The rule as it is by default also names what was handed in for too long and then sent back, never to be paid."""
    clock = replace(known_importer("expense-declarations"), rules={"management": {}})
    running = Folded.of(department, clock, folder / FILE).passes(AFTERWARDS).ever_fired("management.declaration_late")
    late = log.ever_fired("management.declaration_late")
    paid = log.measure("declarations_paid")
    assert isinstance(paid, frozenset)
    assert running & paid == late - {"declaration90815"}  # that one had been sent back, and was paid nevertheless
    assert running - paid
