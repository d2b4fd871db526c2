"""A real log of 1,050 hospital pathways, folded whole: alerts and measures equal its known answers, id for id."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known as known_importer
from processors.departments.health import department
from tests.real_logs import Folded

pytestmark = pytest.mark.real_logs

LOG = "sepsis_cases"
FILE = f"{LOG}.csv"
TESTS = {"CRP": "crp", "LacticAcid": "lactic_acid", "Leucocytes": "leucocytes"}


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def hospital(folder: Path) -> Folded:
    folded = Folded.of(department, known_importer("hospital-pathways"), folder / FILE)
    return folded.passes(timedelta(days=400))


MEASURED = [
    ("triaged", "cases_with_ER_Triage", 1_050),
    ("sepsis_treated_late", "first_antibiotics_more_than_60_min_after_first_ER_Triage", 519),
    ("sepsis_treated_early", "first_antibiotics_before_first_ER_Triage", 7),
    ("sepsis_assessment_treated_late", "first_antibiotics_more_than_60_min_after_first_ER_Sepsis_Triage", 481),
    ("sepsis_untreated", "triaged_but_no_antibiotics_event", 227),
    ("discharged", "cases_released", 782),
    ("returned", "cases_Return_ER", 294),
    ("returned_soon", "Return_ER_within_28_days_of_last_release", 111),
    ("intensive_care", "admitted_to_IC", 110),
    ("intensive_after_normal", "admission_IC_after_admission_NC", 39),
    ("lactic_acid_critical", "cases_any_LacticAcid_ge_4", 70),
    ("crp_critical", "cases_any_CRP_gt_200", 240),
    ("crp_rising", "cases_last_two_CRP_rising", 163),
    ("sirs_2_or_more", "SIRSCriteria2OrMore_true_cases", 853),
    ("came_unregistered", "first_event_is_not_ER_Registration", 55),
]


@pytest.mark.parametrize(("name", "answer", "n"), MEASURED, ids=[m[0] for m in MEASURED])
def test_the_measured_patients_are_those_of_the_known_answer(
    hospital: Folded, known: dict[str, set[str]], name: str, answer: str, n: int
) -> None:
    assert hospital.measure(name) == known[answer]
    assert len(known[answer]) == n


def test_answers_that_are_numbers(hospital: Folded, counts: dict[str, Any]) -> None:
    sizes = {name: len(hospital.ids(name)) for name in ("patients", "sepsis_treated", "sepsis_assessment_treated")}
    assert sizes["patients"] == counts["cases"] == 1_050
    assert sizes["sepsis_treated"] == counts["cases_with_triage_and_antibiotics"] == 823
    assert sizes["sepsis_assessment_treated"] == counts["cases_with_sepsis_triage_and_antibiotics"] == 823
    assert counts["Return_ER_within_28_days_without_any_release"] == 0
    assert hospital.ids("returned_soon") <= hospital.ids("discharged")
    assert hospital.measure("results_without_value") == {
        "crp": counts["CRP_events_without_a_value"],
        "leucocytes": counts["Leucocytes_events_without_a_value"],
        "lactic_acid": counts["LacticAcid_events_without_a_value"],
    }


def test_the_timer_fires_for_who_is_treated_late_and_for_who_never_is(
    hospital: Folded, known: dict[str, set[str]]
) -> None:
    never = known["triaged_but_no_antibiotics_event"]
    late = known["first_antibiotics_more_than_60_min_after_first_ER_Triage"]
    fired = hospital.ever_fired("health.treatment_overdue", triage="er")
    assert fired == late | never
    assert len(fired) == 519 + 227
    holds = {subject for rule, subject, identity in hospital.firing() if rule == "health.treatment_overdue"}
    assert {subject.partition("/")[2] for subject in holds} == never


def test_the_timer_of_the_assessment_runs_from_its_own_triage(
    hospital: Folded, rows: list[dict[str, str]], known: dict[str, set[str]]
) -> None:
    late = known["first_antibiotics_more_than_60_min_after_first_ER_Sepsis_Triage"]
    assessed = {row["case_id"] for row in rows if row["activity"] == "ER Sepsis Triage"}
    treated = {row["case_id"] for row in rows if row["activity"] == "IV Antibiotics"}
    assert hospital.ever_fired("health.treatment_overdue", triage="sepsis") == late | (assessed - treated)


def test_a_return_is_told_of_those_patients_and_no_others(hospital: Folded, known: dict[str, set[str]]) -> None:
    assert hospital.ever_fired("health.return") == known["Return_ER_within_28_days_of_last_release"]


def test_critical_results_that_nobody_acknowledges(hospital: Folded, known: dict[str, set[str]]) -> None:
    fired = {(subject, identity["result"]) for subject, identity in hospital.fired("health.critical_result")}
    of = {test: {s.partition("/")[2] for s, result in fired if result.startswith(test)} for test in TESTS.values()}
    assert of["lactic_acid"] == known["cases_any_LacticAcid_ge_4"]
    assert of["crp"] == known["cases_any_CRP_gt_200"]
    assert of["leucocytes"] == set()


def test_whoever_is_discharged_lacks_a_summary_in_a_log_without_records(
    hospital: Folded, known: dict[str, set[str]]
) -> None:
    for rule in ("health.discharge_summary_missing", "health.record_incomplete"):
        assert hospital.ever_fired(rule) == known["cases_released"]


def test_the_case_called_na_is_a_patient_like_any_other(
    hospital: Folded, rows: list[dict[str, str]], counts: dict[str, Any]
) -> None:
    told = [row for row in rows if row["case_id"] == "NA"]
    assert len(told) == counts["case_named_NA_rows"] == 24
    assessed = sum(row["SIRSCriteria2OrMore"] == "True" for row in told)
    assert hospital.state("patient/NA").events == len(told) + assessed


def test_no_alert_tells_what_is_in_a_record(hospital: Folded) -> None:
    said = hospital.everything_said().lower()
    assert "patient/xj" in said
    for word in ("antibiotics", "lactic", "sirs", "leucocytes"):
        assert word not in said.replace("lactic_acid-", "").replace("leucocytes-", "")  # the test's own result ids
