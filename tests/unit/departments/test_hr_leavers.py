"""Leavers: who resigns after a short time, and who names a reason that calls for a talk."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.departments.hr import department
from schemas.envelope import Event
from schemas.hr import EmployeeHired, EmployeeTerminated, ExitInterviewed, FindingReviewed, Separation
from tests.office import Office

Said = tuple[str, Event]

EARLY, CONCERN = "hr.resigned_early", "hr.exit_concern"


def office(**told: Any) -> Office:
    """An HR office that asks for no documents and has no checklist."""
    told = {"required_documents": {}, "onboarding_checklist": {}, **told}
    return Office(partitions=1, processors=[department], settings={"hr": told})


def e7(event: Event) -> Said:
    return "employee/E-7", event


def interviewed(*reasons: str, separation: Separation = "resignation", **more: Any) -> Said:
    return e7(ExitInterviewed(separation=separation, reasons=reasons, **more))


def hired(on: str) -> Said:
    return e7(EmployeeHired(role="clerk", start_on=date.fromisoformat(on)))


def terminated(on: str, separation: Separation | None = "resignation") -> Said:
    return e7(EmployeeTerminated(last_day=date.fromisoformat(on), separation=separation))


def reviewed(rule: str) -> Said:
    return e7(FindingReviewed(rule=rule, by="E-100", outcome="accepted"))


# hr.resigned_early


@pytest.mark.parametrize(
    ("joined", "left", "early"),
    [
        ("2024-03-02", "2026-03-01", True),
        ("2024-03-02", "2026-03-02", False),
        ("2024", "2025", True),
        ("2024", "2026", False),
        ("2024-12", "2026-01-31", False),
        ("2025", "2025-06", True),
        ("2026", "2025", False),
        (None, "2025", False),
        ("2024", None, False),
    ],
)
def test_two_full_years_or_two_years_of_the_calendar(joined: str | None, left: str | None, early: bool) -> None:
    firm = office().receives(interviewed(joined=joined, left=left))
    assert firm.firing() == ({EARLY} if early else set())


@pytest.mark.parametrize(("last_day", "early"), [("2026-03-01", True), ("2026-03-02", False)])
def test_the_days_of_the_record_count_when_nobody_says_others(last_day: str, early: bool) -> None:
    said = (hired("2024-03-02"), terminated(last_day))
    assert office().receives(*said).firing() == ({EARLY} if early else set())
    assert office().receives(*reversed(said)).firing() == ({EARLY} if early else set()), "in whatever order"


def test_the_threshold_is_a_setting() -> None:
    three = office(early_resignation_years=3)
    assert three.receives(interviewed(joined="2023", left="2025")).firing() == {EARLY}
    assert three.receives(interviewed(joined="2022", left="2025")).firing() == set()


@pytest.mark.parametrize("separation", ["age_retirement", "contract_end", "dismissal", "other", None])
def test_only_who_resigns_leaves_early(separation: Separation | None) -> None:
    assert office().receives(hired("2025-03-02"), terminated("2026-03-01", separation)).firing() == set()


def test_an_interview_said_again_corrects_the_one_before() -> None:
    firm = office().receives(interviewed("traumatic_incident", joined="2025", left="2026"))
    assert firm.firing() == {EARLY, CONCERN}
    assert firm.receives(interviewed(joined="2015", left="2026")).firing() == set()


def test_whoever_comes_back_has_not_left() -> None:
    firm = office().receives(hired("2025-03-02"), terminated("2025-12-31"))
    assert firm.firing() == {EARLY}
    assert firm.receives(hired("2026-06-01")).firing() == set()


# hr.exit_concern


@pytest.mark.parametrize(
    ("reasons", "fires"),
    [
        (("interpersonal_conflicts",), True),
        (("workload", "traumatic_incident"), True),
        (("workload", "job_dissatisfaction"), False),
        ((), False),
    ],
)
def test_some_reasons_call_for_a_talk(reasons: tuple[str, ...], fires: bool) -> None:
    assert office().receives(interviewed(*reasons)).firing() == ({CONCERN} if fires else set())


def test_which_reasons_do_is_a_setting() -> None:
    assert office(exit_concerns=["workload"]).receives(interviewed("workload")).firing() == {CONCERN}


def test_a_reason_of_somebody_who_retires_calls_for_none() -> None:
    assert office().receives(interviewed("traumatic_incident", separation="age_retirement")).firing() == set()


def test_an_alert_does_not_say_which_reason_it_was() -> None:
    (signal,) = office().receives(interviewed("traumatic_incident")).signals()
    assert "traumatic" not in signal.model_dump_json()


@pytest.mark.parametrize("rule", [EARLY, CONCERN])
def test_what_was_reviewed_does_not_fire_again(rule: str) -> None:
    firm = office().receives(interviewed("traumatic_incident", joined="2025", left="2026"), reviewed(rule))
    assert firm.firing() == {EARLY, CONCERN} - {rule}
    assert firm.receives(interviewed("traumatic_incident", joined="2025", left="2026")).firing() == {
        EARLY,
        CONCERN,
    } - {rule}


STORY = (hired("2025-03-02"), terminated("2026-03-01"), interviewed("traumatic_incident"))


@settings(max_examples=10, deadline=None)
@given(said=st.permutations(STORY))
def test_the_order_in_which_it_is_heard_does_not_matter(said: list[Said]) -> None:
    assert office().receives(*said).firing() == {EARLY, CONCERN}


def measured(firm: Office, name: str) -> Any:
    states = ((key, state) for folds in firm.folds.values() for f in folds for key, state in f.states().items())
    return department.measures[name].over(states)


def test_leavers_are_measured() -> None:
    firm = office().receives(
        ("employee/a", ExitInterviewed(separation="resignation", motive="moves_away", joined="2026", left="2025-03")),
        ("employee/b", ExitInterviewed(separation="dismissal", reasons=("workload", "workload"), left="2025-03-31")),
        ("employee/c", ExitInterviewed(separation="resignation", reasons=("job_dissatisfaction", "workload"))),
        ("employee/d", EmployeeHired(role="clerk", start_on=date(2026, 1, 5))),
    )
    assert measured(firm, "leavers") == {"a", "b", "c"}
    assert measured(firm, "leavers_by_separation") == {"resignation/moves_away": 1, "resignation": 1, "dismissal": 1}
    assert measured(firm, "leavers_by_reason") == {"workload": 2, "job_dissatisfaction": 1}
    assert measured(firm, "leavers_by_precision") == {"month": 1, "day": 1, "unknown": 1}
    assert measured(firm, "leavers_start_unknown") == {"b", "c"}
    assert measured(firm, "leavers_before_start") == {"a"}
    assert measured(firm, "resigned_dissatisfied") == {"c"}
