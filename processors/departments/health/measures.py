"""What the states of Health answer besides alerts: the questions of a monthly report on pathways."""

from collections.abc import Iterator

from processors.departments.health import treatment
from processors.departments.health.patient import NO_TREND, Patient
from processors.measure import Measure, by_name, cases

SEPSIS, SEPSIS_ASSESSMENT = "sepsis", "sepsis_assessment"
"""Protocols: from the first triage on, and from the one that looked for sepsis."""


def _delays(patient: Patient, protocol: str) -> Iterator[str]:
    """Per visit and required treatment of a protocol: early (before its triage), in_time, late, or never."""
    for visit in patient.visits.values():
        for requirement in visit.required:
            if requirement.protocol != protocol:
                continue
            for name, due in treatment.dues(visit, requirement, patient.settings):
                given = visit.first_given(name)
                if given is None:
                    yield "never"
                elif given < requirement.since:
                    yield "early"
                else:
                    yield "late" if given > due else "in_time"


def _treated(name: str, doc: str, protocol: str, *delays: str) -> Measure:
    return cases(name, doc, "patient", lambda p: not set(delays).isdisjoint(_delays(p, protocol)))


def _without_value(key: str, patient: Patient) -> Iterator[str]:
    for test, trend in patient.tests.items():
        yield from [test] * trend.without_value


def _ever_critical(patient: Patient, test: str) -> bool:
    return patient.tests.get(test, NO_TREND).was_critical


def _rising(patient: Patient, test: str) -> bool:
    trend = patient.tests.get(test, NO_TREND)
    return trend.last is not None and trend.previous is not None and trend.last > trend.previous


def _deteriorated(patient: Patient) -> bool:
    normal, intensive = patient.normal_since, patient.intensive_at
    return normal is not None and intensive is not None and intensive > normal


MEASURES = by_name(
    cases("patients", "Everybody who was ever heard of.", "patient", lambda p: True),
    cases("triaged", "Patients who were triaged.", "patient", lambda p: any(v.triages for v in p.visits.values())),
    cases(
        "came_unregistered",
        "Patients of whom something else was heard before their registration.",
        "patient",
        lambda p: p.began_with != "health.patient.registered",
    ),
    _treated("sepsis_treated", "Patients with sepsis who got what is required.", SEPSIS, "early", "in_time", "late"),
    _treated("sepsis_treated_late", "Patients with sepsis who got what is required, too late.", SEPSIS, "late"),
    _treated("sepsis_treated_early", "Patients with sepsis who got it before they were triaged.", SEPSIS, "early"),
    _treated("sepsis_untreated", "Patients with sepsis who never got what is required.", SEPSIS, "never"),
    _treated(
        "sepsis_assessment_treated",
        "Patients who got what the assessment for sepsis requires.",
        SEPSIS_ASSESSMENT,
        "early",
        "in_time",
        "late",
    ),
    _treated(
        "sepsis_assessment_treated_late",
        "Patients who got what the assessment for sepsis requires, too late.",
        SEPSIS_ASSESSMENT,
        "late",
    ),
    cases("discharged", "Patients who were ever discharged.", "patient", lambda p: p.last_discharge),
    cases(
        "returned",
        "Patients who ever came back, as the source says, however late.",
        "patient",
        lambda p: any(v.returned_at for v in p.visits.values()),
    ),
    cases(
        "returned_soon",
        "Patients who came back within the time of health.return.",
        "patient",
        lambda p: any(v.return_said for v in p.visits.values()),
    ),
    cases("intensive_care", "Patients who were ever in intensive care.", "patient", lambda p: p.intensive_at),
    cases("intensive_after_normal", "Patients who got worse: from normal to intensive care.", "patient", _deteriorated),
    cases(
        "lactic_acid_critical",
        "Patients with a critical lactic acid.",
        "patient",
        lambda p: _ever_critical(p, "lactic_acid"),
    ),
    cases("crp_critical", "Patients with a critical CRP.", "patient", lambda p: _ever_critical(p, "crp")),
    cases(
        "crp_rising", "Patients whose last CRP is higher than the one before.", "patient", lambda p: _rising(p, "crp")
    ),
    cases(
        "sirs_2_or_more",
        "Patients who ever met two or more criteria of SIRS.",
        "patient",
        lambda p: "sirs_2_or_more" in p.criteria,
    ),
    Measure("results_without_value", "Results without a value, by test.", "patient", _without_value, "count"),
)
