"""A real log of 3,186 consumer complaints, folded whole: alerts and measures equal its known answers, id for id."""

import csv
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known as known_importer
from processors.correlation import correlation
from processors.departments.front_office import department
from tests.real_logs import Folded, known_answers, known_ids

pytestmark = pytest.mark.real_logs

LOG = "cfpb_complaints_a"
FILE = f"{LOG}.csv"


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def office(folder: Path) -> Folded:
    return Folded.of(department, known_importer("consumer-complaints"), folder / FILE).passes(timedelta(days=90))


@pytest.fixture(scope="module")
def companies(office: Folded) -> Folded:
    """What is known of the companies: nothing is forgotten, a quarter later."""
    return office.leads_to(correlation, known_importer("consumer-complaints")).passes(timedelta(days=90))


@pytest.fixture(scope="module")
def known(folder: Path) -> dict[str, set[str]]:
    """The cases of each answer, by the row that each is."""
    return {rule: {str(int(id.removeprefix("row"))) for id in ids} for rule, ids in known_ids(folder, LOG).items()}


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, Any]:
    return known_answers(folder, LOG)


def test_an_answer_that_its_own_system_calls_late_missed_the_regulators_deadline(
    office: Folded, known: dict[str, set[str]]
) -> None:
    late = known["timely_No"]
    assert office.ever_fired("front_office.regulator_deadline") == office.ids("answered_late") == late
    assert len(late) == 93


def test_a_disputed_complaint_is_escalated(office: Folded, known: dict[str, set[str]]) -> None:
    disputed = known["disputed_Yes"]
    assert office.ever_fired("front_office.escalated") == office.ids("disputed") == disputed
    assert len(disputed) == 595


def test_a_complaint_is_sent_to_its_company_within_five_days(
    office: Folded, rows: list[dict[str, str]], known: dict[str, set[str]], answers: dict[str, Any]
) -> None:
    def days(row: dict[str, str]) -> int:
        sent, received = (
            datetime.strptime(row[f"Date {what}"], "%m/%d/%Y")  # noqa: DTZ007 - a day
            for what in ("sent to company", "received")
        )
        return (sent - received).days

    late = {row["source_row"] for row in rows if days(row) > 5}
    assert office.ever_fired("front_office.forwarded_late") == late
    assert len(late) == answers["sent_to_company_more_than_5_days_after_received"] == 461
    assert office.ids("sent_before_received") == known["sent_to_company_before_received"]
    assert len(known["sent_to_company_before_received"]) == 6


def test_answers_that_are_numbers(office: Folded, answers: dict[str, Any]) -> None:
    assert len(office.ids("complaints")) == answers["rows"] == 3_186
    assert len(office.ids("disputed_and_answered_late")) == answers["timely_No_and_disputed_Yes"] == 10
    assert len(office.ids("complaints_unanswered")) == answers["in_progress"] == 3
    assert len(office.ids("unjudged")) == answers["disputed_blank"] == 57


def test_an_untimely_response_is_one_its_system_calls_late(
    office: Folded, rows: list[dict[str, str]], answers: dict[str, Any]
) -> None:
    outcomes = office.measure("complaints_by_outcome")
    assert isinstance(outcomes, dict)
    assert outcomes["untimely"] == answers["response_Untimely_response"] == 26
    untimely = {row["source_row"] for row in rows if row["Company response to consumer"] == "Untimely response"}
    assert len(untimely - office.ids("answered_late")) == answers["Untimely_response_but_timely_Yes"] == 0


def test_late_answers_by_company(office: Folded, answers: dict[str, Any]) -> None:
    by_company = office.measure("answered_late_by_company")
    assert isinstance(by_company, dict)
    most = sorted(by_company.items(), key=lambda item: (-item[1], item[0]))[:5]
    assert [list(each) for each in most] == answers["timely_No_by_company_top5"]


def test_days_with_many_complaints_about_one_company(companies: Folded, answers: dict[str, Any]) -> None:
    surges = {(subject, labels["day"]) for subject, labels in companies.fired("front_office.company_surge")}
    assert len(surges) == len(companies.ids("company_surges")) == answers["company_days_with_ge_10_complaints"] == 33
    (company, on), most = answers["largest_company_day"]
    month, day, year = map(int, on.split("/"))
    assert (f"company/{company}", f"{year}-{month:02}-{day:02}") in surges
    assert companies.measure("largest_surge") == most == 25


def test_companies_whose_answers_are_disputed(companies: Folded, answers: dict[str, Any]) -> None:
    disputed = set(answers["companies_with_ge_30_complaints_and_dispute_rate_over_25pct"])
    assert companies.ids("companies_disputed") == disputed
    firing = {subject for rule, subject, _ in companies.firing() if rule == "front_office.company_disputed"}
    assert firing == {f"company/{name}" for name in disputed}


def test_complaints_that_were_sent_twice(
    companies: Folded, rows: list[dict[str, str]], answers: dict[str, Any]
) -> None:
    same = Counter(tuple(cell for name, cell in row.items() if name != "source_row") for row in rows)
    copies = companies.fired("front_office.duplicate_complaint")
    assert len(copies) == len(rows) - len(same) == answers["exact_duplicate_rows_ignoring_source_row"] == 11
    assert len({labels["complaint"] for _, labels in copies}) == 11


def test_only_what_the_log_can_tell_is_said(office: Folded, companies: Folded) -> None:
    assert {s["data"]["rule"] for s in office.said} == {
        "front_office.regulator_deadline",
        "front_office.escalated",
        "front_office.forwarded_late",
    }
    assert {rule for rule, _, _ in companies.firing()} == {"front_office.company_disputed"}
