"""Employments at the edges: hired, moved, leaving and staying; what contradicts itself; onboarding; open positions."""

from datetime import date
from typing import Any

import pytest

from schemas.hr import (
    ChecklistDeclared,
    ChecklistStep,
    EmployeeManagerChanged,
    EmployeeTransferred,
    ExitInterviewed,
    LeaveCancelled,
    LeaveEnded,
    LeaveStarted,
    PositionClosed,
    PositionFilled,
    PositionOpened,
    Problem,
)
from tests.office import Office, instant
from tests.unit.departments.telling_hr import (
    STAYS,
    Said,
    corrected,
    day,
    done,
    e7,
    filed,
    fired,
    hired,
    merged,
    office,
    rejected,
    terminated,
    why_resolved,
)

INCONSISTENT, ONBOARDING = "hr.record_inconsistent", "hr.onboarding_overdue"
OPEN_LONG, EARLY = "hr.position_open_long", "hr.resigned_early"


def desk(**told: Any) -> Office:
    """An HR office that asks for no documents."""
    return office(**{"required_documents": {}, **told})


def known(firm: Office, *names: str) -> tuple[Any, ...]:
    state = firm.state("employee/E-7")
    return tuple(getattr(state, name) for name in names)


# What is known of an employee

PLACE = ("role", "department", "position", "site", "manager", "manager_since", "identity_hash")


def test_what_is_not_said_again_stays_as_it_was() -> None:
    all_of_it = hired(department="books", position="P-1", site="munich", manager="E-1", identity_hash="h1")
    firm = desk().receives(all_of_it)
    before = ("clerk", "books", "P-1", "munich", "E-1", day("2026-01-05"), "h1")
    assert known(firm, *PLACE) == before
    firm.receives(e7(EmployeeTransferred(effective_on=day("2026-02-02"))), hired())
    assert known(firm, *PLACE) == before
    moved = EmployeeTransferred(
        effective_on=day("2026-02-03"), role="lead", department="sales", position="P-2", site="vienna"
    )
    assert known(firm.receives(e7(moved)), *PLACE[:4]) == ("lead", "sales", "P-2", "vienna")


def test_a_correction_says_only_what_was_wrong() -> None:
    firm = desk().receives(hired(manager="E-1"), terminated("2026-06-30"), corrected())
    fields = ("start_on", "last_day", "manager")
    assert known(firm, *fields) == (day("2026-01-05"), day("2026-06-30"), "E-1")
    firm.receives(corrected(start_on=day("2026-01-07"), last_day=day("2026-06-29"), manager="E-2"))
    assert known(firm, *fields) == (day("2026-01-07"), day("2026-06-29"), "E-2")


@pytest.mark.parametrize(
    ("said", "correction"),
    [
        ((hired("2015-01-05"), terminated("2026-03-01", "resignation")), corrected(start_on=day("2025-01-05"))),
        ((hired("2025-01-05"), terminated("2030-03-01", "resignation")), corrected(last_day=day("2026-03-01"))),
    ],
)
def test_a_resignation_that_a_correction_shows_to_be_early_names_it(said: tuple[Said, ...], correction: Said) -> None:
    firm = desk().receives(*said).receives(correction, id="correction")
    assert "correction" in [record.id for record in firm.one(EARLY).evidence]
    assert len(firm.one(EARLY).evidence) == (2 if "start_on" in correction[1].model_fields_set else 3)


def test_an_interview_says_how_somebody_leaves_whatever_the_notice_says() -> None:
    interview = e7(ExitInterviewed(separation="age_retirement", reasons=()))
    firm = desk().receives(hired("2025-01-05"), interview, terminated("2026-03-01", "resignation"))
    assert firm.firing() == set()


# What contradicts itself


def leave(starts: str, ends: str | None = None, id: str = "L-1") -> Said:
    return e7(LeaveStarted(leave=id, starts_on=day(starts), ends_on=day(ends) if ends else None))


def manager(who: str, on: str) -> Said:
    return e7(EmployeeManagerChanged(manager=who, effective_on=day(on)))


def problems(firm: Office) -> set[str]:
    return {c.identity["problem"] for c in firm.conditions().values() if c.rule == INCONSISTENT}


TWICE: Problem = "hired_twice"
AFTER: Problem = "act_after_termination"
BACKWARDS: Problem = "end_before_start"
OWN: Problem = "own_manager"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ([hired("2025-01-07"), hired("2025-06-02")], "hired for 2025-01-07 and again for 2025-06-02, with no last day"),
        ([hired("2025-06-02"), hired("2025-01-07")], "hired for 2025-01-07 and again for 2025-06-02, with no last day"),
        ([manager("E-1", "2026-01-05"), terminated("2026-01-04")], "something was done on 2026-01-05, after the last"),
        ([hired("2026-01-05"), terminated("2026-01-04")], "the last day, 2026-01-04, is before the first, 2026-01-05"),
        ([leave("2026-02-02", "2026-02-01")], "leave L-1 ends before it begins"),
        (
            [leave("2026-02-02", "2026-02-01"), leave("2026-03-02", "2026-03-01", "L-2")],
            "leave L-1, leave L-2 ends before it begins",
        ),
        ([filed(issued="2026-01-02", until="2026-01-01")], "document contract ends before it begins"),
        ([manager("E-7", "2026-01-05")], "is entered as their own manager"),
    ],
)
def test_a_contradiction_is_said_in_words(said: list[Said], says: str) -> None:
    assert desk().receives(*said).one(INCONSISTENT).summary.startswith(f"Employee E-7: {says}")


def test_a_copy_filed_again_after_it_was_rejected_is_said_in_words() -> None:
    firm = desk().receives(filed()).at("2026-01-05T09:00").receives(rejected())
    assert firm.receives(filed()).firing() == set(), "at the very instant it is not after it"
    firm.at("2026-01-05T09:01").receives(filed())
    assert firm.one(INCONSISTENT).summary == "Employee E-7: document contract was filed again after it was rejected"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([hired("2025-01-07"), terminated("2025-06-30"), hired("2025-06-30")], {TWICE}),  # on the very last day
        ([hired("2025-01-07"), terminated("2025-06-30"), hired("2025-07-01")], set()),
        ([hired("2025-01-07"), hired("2025-06-30"), terminated("2025-06-30")], {TWICE}),
        ([hired("2025-01-07"), hired("2025-07-01"), terminated("2025-06-30")], set()),
        ([hired("2025-01-07"), hired("2025-07-01"), terminated("2025-01-07")], set()),
        ([hired("2025-01-07"), hired("2025-07-01"), terminated("2025-01-06")], {TWICE, BACKWARDS}),
        ([leave("2026-02-02", "2026-02-01"), e7(LeaveCancelled(leave="L-1"))], set()),
        ([leave("2026-02-02", "2026-02-02")], set()),
        ([filed(issued="2026-01-01", until="2026-01-01")], set()),
        ([leave("2026-01-05"), manager("E-1", "2026-01-04"), terminated("2026-01-05")], set()),
        ([manager("E-1", "2026-01-04"), leave("2026-01-06"), terminated("2026-01-05")], {AFTER}),
    ],
)
def test_what_can_be_and_what_cannot(said: list[Said], found: set[str]) -> None:
    assert problems(desk().receives(*said)) == found


def test_a_last_day_between_two_first_days_ends_the_first_employment_and_the_second_goes_on() -> None:
    firm = desk().receives(hired("2025-01-07"), hired("2025-07-01"), terminated("2025-06-30"))
    assert known(firm, "start_on", "last_day", "second_start") == (day("2025-07-01"), None, None)


def test_a_correction_of_one_contradiction_leaves_the_others() -> None:
    both = (hired("2026-01-05"), terminated("2026-01-04"), manager("E-7", "2026-01-01"))
    firm = desk().receives(*both)
    assert problems(firm) == {BACKWARDS, OWN}
    assert problems(firm.receives(corrected(OWN))) == {BACKWARDS}
    assert problems(firm.receives(corrected())) == set()


@pytest.mark.parametrize("problem", [None, TWICE])
def test_a_second_hiring_that_was_looked_at_is_forgotten(problem: Problem | None) -> None:
    firm = desk().receives(hired("2025-01-07"), hired("2025-06-02"), corrected(problem))
    assert firm.firing() == set()
    assert known(firm, "second_start", "hired_again", "start_on") == (None, None, day("2025-01-07"))


def test_what_is_wrong_with_a_leave_is_named_by_its_end_only_where_that_says_it() -> None:
    over = e7(LeaveEnded(leave="L-1", ended_on=day("2026-01-30")))
    by_its_end = desk().receives(leave("2026-02-02", "2026-02-13"), over)
    assert len(by_its_end.one(INCONSISTENT).evidence) == 2
    by_itself = desk().receives(leave("2026-02-02", "2026-02-01"), over)
    assert len(by_itself.one(INCONSISTENT).evidence) == 1


# Onboarding


def own(**steps: str) -> Said:
    listed = tuple(ChecklistStep(step=name, due_on=day(on)) for name, on in steps.items())
    return e7(ChecklistDeclared(steps=listed))


def test_an_overdue_step_says_when_it_was_due() -> None:
    firm = desk(onboarding_checklist={"desk": 1}).receives(hired()).at("2026-01-06T17:00:01")
    alert = firm.one(ONBOARDING)
    assert (alert.due, alert.summary) == (
        instant("2026-01-06T17:00"),
        "Onboarding of employee E-7: desk past their day",
    )


def test_a_new_checklist_drops_what_it_does_not_name_and_keeps_what_is_done() -> None:
    firm = desk().receives(own(desk="2026-01-06", badge="2026-01-06"), done("badge"))
    firm.receives(own(badge="2026-01-07", lab="2026-01-08"), own(lab="2026-01-09"))
    assert {name: step.due_on for name, step in firm.state("employee/E-7").steps.items()} == {
        "badge": None,
        "lab": day("2026-01-09"),
    }
    assert firm.at("2026-01-09T17:00").firing() == set()
    assert firm.at("2026-01-09T17:00:01").firing() == {ONBOARDING}


@pytest.mark.parametrize("said", [hired("2026-01-07"), corrected(start_on=day("2026-01-12"))])
def test_a_checklist_of_ones_own_stays_whatever_the_first_day_is(said: Said) -> None:
    firm = desk(onboarding_checklist={"desk": 1}).receives(hired(), own(lab="2026-01-16"), said)
    assert firm.at("2026-01-16T17:00").ever_fired(ONBOARDING) == set()
    assert "lab" in firm.at("2026-01-16T17:00:01").one(ONBOARDING).summary


@pytest.mark.parametrize(("gone", "again"), [(terminated("2026-01-30"), STAYS), (merged("E-8"), merged(None))])
def test_who_stays_after_all_has_to_go_on(gone: Said, again: Said) -> None:
    firm = desk(onboarding_checklist={"badge": 1, "desk": 1}).receives(hired(), done("badge")).at("2026-01-08")
    assert firm.receives(gone).firing() == set()
    assert dict(firm.state("employee/E-7").deadlines) == {}
    firm.receives(again).at("2026-01-08T00:01")
    assert firm.one(ONBOARDING).summary.endswith("employee E-7: desk past their day")
    assert len(fired(firm, ONBOARDING)) == 2


def test_a_step_that_gets_a_later_day_is_not_late_any_more() -> None:
    firm = desk().receives(own(desk="2026-01-06")).at("2026-01-08").receives(own(desk="2026-01-12"))
    assert firm.firing() == set()
    assert firm.at("2026-01-12T17:00:01").firing() == {ONBOARDING}


# Positions


def p1(event: Any) -> Said:
    return "position/P-1", event


def opened(on: str = "2026-01-05", **fields: Any) -> Said:
    return p1(PositionOpened(opened_on=day(on), **{"role": "nurse", **fields}))


def test_an_open_position_says_since_when_and_names_its_opening() -> None:
    alert = desk().receives(opened()).at("2026-03-06T00:00:01").one(OPEN_LONG)
    assert (alert.due, len(alert.evidence)) == (instant("2026-03-06T00:00"), 1)
    assert alert.summary == "Position P-1 has been open since 2026-01-05"


def test_a_position_is_open_for_as_long_as_its_department_may_leave_it_so() -> None:
    wards = {"matchers": ['department="ward"', 'role="nurse"'], "set": {"position_open_days": 2}}
    firm = desk(overrides=[wards]).receives(opened(department="ward"), ("position/P-2", opened()[1]))
    firm.at("2026-01-07T00:00:01")
    assert firm.ever_fired(OPEN_LONG) == {"P-1"}


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ([opened(), opened("2026-01-04")], "2026-03-06T00:00"),  # the latest opening counts
        ([opened(), opened(role="cook")], "2026-03-06T00:00"),
        ([opened(), opened("2026-01-06")], "2026-03-07T00:00"),
        ([opened(), p1(PositionFilled(filled_on=day("2026-01-04")))], "2026-03-06T00:00"),  # an earlier end is none
        ([opened(), p1(PositionFilled(filled_on=day("2026-01-05")))], None),
        (
            [
                p1(PositionClosed(closed_on=day("2026-01-06"))),
                p1(PositionFilled(filled_on=day("2026-01-04"))),
                opened(),
            ],
            None,
        ),
    ],
)
def test_a_position_is_open_from_its_latest_opening_to_its_latest_end(said: list[Said], due: str | None) -> None:
    firm = desk().receives(*said).at("2026-05-01")
    assert [alert.due for alert in fired(firm, OPEN_LONG)] == ([instant(due)] if due else [])


def test_a_position_opened_anew_is_not_open_long() -> None:
    firm = desk().receives(opened()).at("2026-04-01").receives(opened("2026-03-30"))
    assert why_resolved(firm, OPEN_LONG) == ["it is open for a short time only"]
    stays = desk().receives(opened()).at("2026-04-01").receives(opened("2026-01-06"))
    assert stays.firing() == {OPEN_LONG}


@pytest.mark.parametrize("on", [date.min, date.max])
def test_a_position_opened_in_a_mistyped_year_stops_nothing(on: date) -> None:
    firm = desk().receives(opened(on.isoformat())).at("2026-02-01")
    assert (firm.firing(), firm.dead_letters) == ({OPEN_LONG} if on == date.min else set(), [])
