"""A real log of 13,087 loan applications, folded whole: alerts and measures equal its known answers, id for id."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known as known_importer
from processors.departments.finance import department
from tests.real_logs import Folded

pytestmark = pytest.mark.real_logs

LOG = "bpi2012_loan_applications"
FILE = f"{LOG}.csv.gz"
OUTCOMES = {"A_APPROVED": "approved", "A_DECLINED": "declined", "A_CANCELLED": "cancelled"}


def rows(folder: Path) -> Iterator[dict[str, str]]:
    with gzip.open(folder / FILE, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def bank(folder: Path) -> Folded:
    folded = Folded.of(department, known_importer("loan-applications"), folder / FILE)
    return folded.passes(timedelta())


MEASURED = [
    ("applications_undecided", "no_final_outcome_approved_declined_cancelled", 399),
    ("applications_fraud_checked", "fraud_check_W_Beoordelen_fraude", 108),
    ("applications_fraud_checked_approved", "fraud_checked_yet_approved", 30),
    ("applications_approved_large", "approved_amount_over_50000", 4),
    ("applications_approved_late", "approved_more_than_30_days_after_submission", 188),
    ("applications_without_amount", "amount_zero", 1),
    ("applications_work_unfinished", "W_START_without_matching_COMPLETE_cases", 3),
]


@pytest.mark.parametrize(("name", "answer", "n"), MEASURED, ids=[m[0] for m in MEASURED])
def test_the_measured_applications_are_those_of_the_known_answer(
    bank: Folded, known: dict[str, set[str]], name: str, answer: str, n: int
) -> None:
    assert bank.measure(name) == known[answer]
    assert len(known[answer]) == n


NUMBERS = [
    ("applications", "applications", 13_087),
    ("applications_approved", "applications_A_APPROVED", 2_246),
    ("applications_declined", "applications_A_DECLINED", 7_635),
    ("applications_cancelled", "applications_A_CANCELLED", 2_807),
]


@pytest.mark.parametrize(("name", "answer", "n"), NUMBERS, ids=[m[0] for m in NUMBERS])
def test_answers_that_are_numbers(bank: Folded, counts: dict[str, Any], name: str, answer: str, n: int) -> None:
    assert len(bank.ids(name)) == counts[answer] == n


def test_the_outcomes_are_those_of_the_rows(bank: Folded, folder: Path) -> None:
    for activity, outcome in OUTCOMES.items():
        said = {row["case_id"] for row in rows(folder) if row["activity"] == activity}
        assert bank.ids(f"applications_{outcome}") == said


def test_one_person_who_accepted_and_approved(bank: Folded, known: dict[str, set[str]]) -> None:
    answer = known["four_eyes_same_resource_A_ACCEPTED_and_A_APPROVED_excluding_112"]
    assert bank.ever_fired("finance.four_eyes") == answer
    assert len(answer) == 50


def test_applications_that_were_not_decided_in_time(bank: Folded, folder: Path, known: dict[str, set[str]]) -> None:
    """Thirty days after it came, an application had no outcome: the clock told so then, and the log ends later."""
    submitted: dict[str, datetime] = {}
    decided: dict[str, datetime] = {}
    end = datetime.min.replace(tzinfo=UTC)
    for row in rows(folder):
        end = datetime.fromisoformat(row["timestamp"])
        if row["activity"] == "A_SUBMITTED":
            submitted.setdefault(row["case_id"], end)
        elif row["activity"] in OUTCOMES:
            decided.setdefault(row["case_id"], end)
    overdue = {case for case, at in submitted.items() if decided.get(case, end) - at > timedelta(days=30)}
    assert bank.ever_fired("finance.application_overdue") == overdue
    assert known["approved_more_than_30_days_after_submission"] <= overdue


def test_events_without_a_person(bank: Folded, counts: dict[str, Any]) -> None:
    without = bank.measure("application_events_without_person")
    assert without == {"events": counts["rows_without_resource"]}
    assert counts["rows_without_resource"] == 18_010
