"""Health: what a report on pathways counts, each at the edge where a patient no longer belongs to it."""

from typing import Any

import pytest

from processors.departments.health import department
from schemas.envelope import Event
from schemas.health import (
    PatientAdmitted,
    PatientAssessed,
    PatientDischarged,
    PatientRegistered,
    PatientReturned,
    PatientTransferred,
    PatientTriaged,
    ResultReceived,
    TreatmentGiven,
)
from tests.office import Office

Story = list[tuple[str, Event]]

ANTIBIOTICS = TreatmentGiven(treatment="antibiotics")
SEPSIS = PatientTriaged(protocol="sepsis", triage="TRI-1")
ASSESSMENT = PatientTriaged(protocol="sepsis_assessment", triage="TRI-2")
BOTH = {"sepsis": {"antibiotics": 60}, "sepsis_assessment": {"antibiotics": 180}}


def of(*story: tuple[str, Event], **told: Any) -> Any:
    """The patient of whom this was said, on one day."""
    settings = {"health": {"required_treatments": BOTH, **told}}
    office = Office(processors=[department], partitions=1, settings=settings)
    for clock, event in story:
        office.at(f"2026-03-02T{clock}").receives(("patient/P-1", event))
    return office.state("patient/P-1")


def counted_in(patient: Any, *among: str) -> set[str]:
    """Which of these measures count the patient."""
    subject = ("patient/P-1", patient)
    return {name for name in among if department.measures[name].over([subject]) == {"P-1"}}


def crp(value: str | None, name: str = "RES-1") -> Event:
    return ResultReceived.model_validate({"result": name, "test": "crp", "value": value})


TREATED = ("sepsis_treated", "sepsis_treated_late", "sepsis_treated_early", "sepsis_untreated")
ASSESSED = ("sepsis_assessment_treated", "sepsis_assessment_treated_late")


@pytest.mark.parametrize(
    ("story", "measures"),
    [
        ([("09:00", SEPSIS)], {"sepsis_untreated"}),
        ([("09:00", SEPSIS), ("09:00", ANTIBIOTICS)], {"sepsis_treated"}),
        ([("09:00", SEPSIS), ("10:00", ANTIBIOTICS)], {"sepsis_treated"}),
        ([("09:00", SEPSIS), ("10:00:01", ANTIBIOTICS)], {"sepsis_treated", "sepsis_treated_late"}),
        ([("08:59:59", ANTIBIOTICS), ("09:00", SEPSIS)], {"sepsis_treated", "sepsis_treated_early"}),
        ([("09:00", ASSESSMENT)], set()),
        ([("09:00", ASSESSMENT), ("12:00", ANTIBIOTICS)], {"sepsis_assessment_treated"}),
        ([("08:00", ANTIBIOTICS), ("09:00", ASSESSMENT)], {"sepsis_assessment_treated"}),
        ([("09:00", ASSESSMENT), ("12:00:01", ANTIBIOTICS)], set(ASSESSED)),
    ],
)
def test_who_was_treated_and_whether_in_time(story: Story, measures: set[str]) -> None:
    assert counted_in(of(*story), *TREATED, *ASSESSED) == measures


@pytest.mark.parametrize(
    ("values", "rising"),
    [
        ([("10", "RES-1")], False),
        ([("10", "RES-1"), ("10", "RES-2")], False),
        ([("10", "RES-1"), ("10.1", "RES-2")], True),
        ([("10", "RES-1"), ("11", "RES-2"), ("9", "RES-2")], False),
        ([("10", "RES-1"), ("9", "RES-2"), ("11", "RES-2")], True),
        ([("10", "RES-1"), ("20", "RES-2"), ("15", "RES-3")], False),
        ([("10", "RES-1"), (None, "RES-2"), ("11", "RES-3")], True),
    ],
)
def test_a_value_rises_against_the_result_before_it(values: list[tuple[str | None, str]], rising: bool) -> None:
    patient = of(*((f"09:0{n}", crp(value, name)) for n, (value, name) in enumerate(values)))
    assert counted_in(patient, "crp_rising") == ({"crp_rising"} if rising else set())


def test_a_result_that_was_once_critical_and_those_that_had_no_value() -> None:
    limits = {"crp": {"above": 200}}
    patient = of(
        ("09:00", crp("201")), ("09:10", crp("3")), ("09:20", crp(None)), ("09:30", crp(None)), critical_limits=limits
    )
    assert counted_in(patient, "crp_critical", "lactic_acid_critical") == {"crp_critical"}
    assert department.measures["results_without_value"].over([("patient/P-1", patient)]) == {"crp": 2}
    assert counted_in(of(("09:00", crp("200")), critical_limits=limits), "crp_critical") == set()


NORMAL, INTENSIVE = PatientTransferred(care="normal"), PatientTransferred(care="intensive")
CARE = ("intensive_care", "intensive_after_normal")


@pytest.mark.parametrize(
    ("story", "measures"),
    [
        ([("09:00", NORMAL)], set()),
        ([("09:00", INTENSIVE), ("10:00", NORMAL)], {"intensive_care"}),
        ([("09:00", NORMAL), ("10:00", INTENSIVE)], set(CARE)),
        ([("09:00", NORMAL), ("10:00", INTENSIVE), ("11:00", NORMAL)], set(CARE)),
        ([("08:00", INTENSIVE), ("09:00", NORMAL), ("10:00", INTENSIVE)], set(CARE)),
        ([("09:00", NORMAL), ("09:00", INTENSIVE)], {"intensive_care"}),
        ([("09:00", PatientAdmitted(care="normal")), ("10:00", PatientAdmitted(care="intensive"))], set(CARE)),
    ],
)
def test_who_went_from_normal_to_intensive_care(story: Story, measures: set[str]) -> None:
    assert counted_in(of(*story), *CARE) == measures


@pytest.mark.parametrize(
    ("event", "measures"),
    [
        (PatientRegistered(), {"patients"}),
        (PatientTriaged(), {"patients", "triaged", "came_unregistered"}),
        (PatientDischarged(), {"patients", "discharged", "came_unregistered"}),
        (PatientReturned(), {"patients", "returned", "came_unregistered"}),
        (PatientAssessed(criteria=("sirs_2_or_more",)), {"patients", "sirs_2_or_more", "came_unregistered"}),
        (PatientAssessed(criteria=("sirs",)), {"patients", "came_unregistered"}),
    ],
)
def test_what_a_patient_is_counted_for(event: Event, measures: set[str]) -> None:
    plain = ("patients", "triaged", "came_unregistered", "discharged", "returned", "returned_soon", "sirs_2_or_more")
    assert counted_in(of(("09:00", event)), *plain) == measures


def test_who_came_back_soon_has_returned_too() -> None:
    patient = of(("09:00", PatientDischarged()), ("10:00", PatientReturned()))
    assert counted_in(patient, "returned", "returned_soon") == {"returned", "returned_soon"}
