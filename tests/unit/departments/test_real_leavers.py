"""A real exit survey of 822 leavers, folded whole: alerts and measures equal its known answers."""

import csv
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known as known_importer
from processors.departments.hr import department
from tests.real_logs import Folded, known_answers

pytestmark = pytest.mark.real_logs

LOG = "hr_dete_exit_survey"
FILE = f"{LOG}.csv"
SEPARATIONS = {
    "Age Retirement": "age_retirement",
    "Contract Expired": "contract_end",
    "Ill Health Retirement": "ill_health_retirement",
    "Other": "other",
    "Resignation-Move overseas/interstate": "resignation/moves_away",
    "Resignation-Other employer": "resignation/other_employer",
    "Resignation-Other reasons": "resignation/other_reasons",
    "Termination": "dismissal",
    "Voluntary Early Retirement (VER)": "early_retirement",
}
PRECISIONS = {"99/9999": "month", "9999": "year", "Not Stated": "unknown"}


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def hr(folder: Path) -> Folded:
    return Folded.of(department, known_importer("exit-survey"), folder / FILE).passes(timedelta(days=30))


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, Any]:
    return known_answers(folder, LOG)


def resigned(rows: list[dict[str, str]], *reasons: str) -> set[str]:
    return {
        row["ID"]
        for row in rows
        if row["SeparationType"].startswith("Resignation") and "TRUE" in [row[reason] for reason in reasons]
    }


def test_every_leaver_is_counted_by_how_they_leave(hr: Folded, answers: dict[str, Any]) -> None:
    assert len(hr.ids("leavers")) == answers["ids"] == answers["rows"] == 822
    by_separation = {SEPARATIONS[name]: n for name, n in answers["by_SeparationType"].items()}
    assert hr.measure("leavers_by_separation") == by_separation
    assert len(hr.ids("resigned")) == answers["resignations_SeparationType_starts_with_Resignation"] == 311


def test_resignations_by_what_was_named(hr: Folded, rows: list[dict[str, str]], answers: dict[str, Any]) -> None:
    dissatisfied = hr.ids("resigned_dissatisfied")
    assert dissatisfied == resigned(rows, "Job dissatisfaction")
    assert len(dissatisfied) == answers["resignations_job_dissatisfaction_TRUE"] == 41
    in_conflict = hr.ids("resigned_in_conflict")
    assert in_conflict == resigned(rows, "Interpersonal conflicts", "Traumatic incident")
    assert len(in_conflict) == answers["resignations_any_of_Interpersonal_conflicts_Traumatic_incident_TRUE"] == 27


def test_conflicts_and_traumatic_incidents_call_for_a_talk(hr: Folded) -> None:
    assert hr.ever_fired("hr.exit_concern") == hr.ids("resigned_in_conflict")
    assert len(hr.fired("hr.exit_concern")) == 27


def test_who_resigns_within_two_years_is_told_of(
    hr: Folded, rows: list[dict[str, str]], answers: dict[str, Any]
) -> None:
    def years(row: dict[str, str]) -> int:
        return int(row["Cease Date"][-4:]) - int(row["DETE Start Date"])

    both = [row for row in rows if "Not Stated" not in (row["Cease Date"], row["DETE Start Date"])]
    early = {row["ID"] for row in both if row["SeparationType"].startswith("Resignation") and 0 <= years(row) < 2}
    assert hr.ever_fired("hr.resigned_early") == hr.ids("resigned_early") == early
    assert len(early) == answers["resigned_under_2_full_years_service"] == 42


def test_what_is_not_stated_stays_unknown(hr: Folded, answers: dict[str, Any]) -> None:
    precisions = {PRECISIONS[form]: n for form, n in answers["Cease_Date_formats"].items()}
    assert hr.measure("leavers_by_precision") == precisions
    assert precisions["unknown"] == answers["Cease_Date_Not_Stated"] == 34
    assert len(hr.ids("leavers_start_unknown")) == answers["DETE_Start_Date_Not_Stated"] == 73
    assert len(hr.ids("leavers_before_start")) == answers["cease_year_before_start_year"] == 0


def test_every_reason_is_read(hr: Folded, rows: list[dict[str, str]]) -> None:
    """All but "None of the above", which is none."""
    begin = list(rows[0]).index("Career move to public sector")
    flags = Counter(row[name] for row in rows for name in list(row)[begin : begin + 17])
    counted = hr.measure("leavers_by_reason")
    assert isinstance(counted, dict)
    assert len(counted) == 17
    assert sum(counted.values()) == flags["TRUE"]


def test_no_other_rule_speaks_and_no_alert_says_why_somebody_left(hr: Folded) -> None:
    assert {s["data"]["rule"] for s in hr.said} == {"hr.exit_concern", "hr.resigned_early"}
    said = hr.everything_said().lower()
    for word in ("conflict", "traumatic", "dissatis", "female", "aged"):
        assert word not in said
