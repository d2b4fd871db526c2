"""HR's rules, each where it fires, where it just does not, and where it ends."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.departments.hr import department
from schemas.envelope import Event
from schemas.hr import (
    CandidateAdvanced,
    ChecklistDeclared,
    ChecklistStep,
    DocumentFiled,
    DocumentRejected,
    DocumentRequested,
    DocumentWaived,
    EmployeeHired,
    EmployeeManagerChanged,
    EmployeeTerminated,
    EmployeeTransferred,
    FindingReviewed,
    LeaveEnded,
    LeaveStarted,
    OnboardingStepCompleted,
    PositionClosed,
    PositionFilled,
    PositionOpened,
    Problem,
    RecordCorrected,
)
from tests.office import Office

Said = tuple[str, Event]

MISSING, EXPIRING, EXPIRED = "hr.document_missing", "hr.document_expiring", "hr.document_expired"
INCONSISTENT, ONBOARDING, OPEN_LONG = "hr.record_inconsistent", "hr.onboarding_overdue", "hr.position_open_long"


def office(**told: Any) -> Office:
    """An HR office that asks for a contract only and has no checklist, unless told otherwise."""
    told = {"required_documents": {"*": ["contract"]}, "onboarding_checklist": {}, **told}
    return Office(partitions=1, processors=[department], settings={"hr": told})


def day(text: str) -> date:
    return date.fromisoformat(text)


def e7(event: Event) -> Said:
    return "employee/E-7", event


def hired(on: str = "2026-01-05", role: str = "clerk", **more: Any) -> Said:
    return e7(EmployeeHired(role=role, start_on=day(on), **more))


def filed(document: str = "contract", file: str = "F-1", until: str | None = None, issued: str | None = None) -> Said:
    valid_until, issued_on = day(until) if until else None, day(issued) if issued else None
    return e7(DocumentFiled(document=document, file=file, valid_until=valid_until, issued_on=issued_on))


def terminated(on: str = "2026-01-06") -> Said:
    return e7(EmployeeTerminated(last_day=day(on)))


def waived(until: str | None = None) -> Said:
    return e7(DocumentWaived(document="contract", by="E-1", until=day(until) if until else None))


# Required documents are filed in time.


def test_a_required_document_is_missing_three_business_days_after_the_first_day() -> None:
    firm = office().receives(hired("2026-01-07"))  # a Wednesday
    assert firm.passes("2026-01-12T17:00").firing() == set()
    found = firm.passes("2026-01-12T17:01").one(MISSING)
    assert (found.severity, found.identity, len(found.evidence)) == ("warning", {"document": "contract"}, 1)


def test_it_is_an_error_after_ten() -> None:
    firm = office().receives(hired("2026-01-07"))
    assert firm.passes("2026-01-21T17:00").one(MISSING).severity == "warning"
    assert firm.passes("2026-01-21T17:01").one(MISSING).severity == "error"
    assert firm.state("employee/E-7").deadlines == {}


def test_what_is_said_long_after_the_first_day_is_an_error_at_once() -> None:
    assert office().at("2026-03-01").receives(hired("2026-01-07")).one(MISSING).severity == "error"


def test_a_role_needs_documents_of_its_own() -> None:
    firm = office(required_documents={"*": ["contract"], "nurse": ["licence"]})
    firm.receives(hired(role="nurse"), filed()).at("2026-01-09")
    assert firm.one(MISSING).identity == {"document": "licence"}


def test_somebody_who_becomes_a_nurse_has_three_business_days_too() -> None:
    firm = office(required_documents={"nurse": ["licence"]}).receives(hired("2025-01-07"))
    firm.receives(e7(EmployeeTransferred(role="nurse", effective_on=day("2026-02-02"))))
    assert firm.passes("2026-02-05T17:00").firing() == set()
    assert firm.passes("2026-02-05T17:01").firing() == {MISSING}


@pytest.mark.parametrize("cure", [filed(), waived(), terminated()])
def test_what_ends_a_missing_document(cure: Said) -> None:
    late = office().receives(hired()).at("2026-01-12")
    assert late.firing() == {MISSING}
    assert late.receives(cure).firing() == set()
    assert office().receives(hired(), cure).at("2026-03-01").firing() == set()


def test_a_document_filed_at_closing_time_is_in_time() -> None:
    firm = office().receives(hired()).at("2026-01-08T17:00").receives(filed())
    assert firm.at("2026-02-01").signals(MISSING) == []


def test_a_document_filed_before_the_hiring_counts() -> None:
    assert office().receives(filed(), hired()).at("2026-02-01").firing() == set()


def test_a_waiver_lapses() -> None:
    firm = office().receives(hired(), waived("2026-02-13"))
    assert firm.passes("2026-02-13T17:00").firing() == set()
    assert firm.passes("2026-02-13T17:01").firing() == {MISSING}


def test_a_rejected_copy_does_not_count_and_another_has_three_business_days() -> None:
    firm = office().receives(hired(), filed()).at("2026-02-02T10:00")
    firm.receives(e7(DocumentRejected(document="contract", file="F-1", reason="not signed")))
    assert firm.passes("2026-02-05T17:00").firing() == set()
    assert firm.passes("2026-02-05T17:01").firing() == {MISSING}
    assert firm.receives(filed(file="F-2")).firing() == set()


def test_a_document_asked_for_by_hand_is_due_and_an_older_copy_does_not_answer() -> None:
    firm = office().receives(hired(), filed(), filed("permit")).at("2026-02-02T10:00")
    firm.receives(e7(DocumentRequested(document="permit", due_on=day("2026-02-06"))))
    firm.receives(filed("permit", "F-0"), time="2026-02-01")
    assert firm.passes("2026-02-06T17:01").one(MISSING).identity == {"document": "permit"}
    assert firm.receives(filed("permit", "F-2")).firing() == set()


def test_an_answer_may_overtake_the_question() -> None:
    firm = office().at("2026-02-03").receives(filed("permit"))
    firm.receives(e7(DocumentRequested(document="permit")), time="2026-02-02")
    assert firm.at("2026-03-01").firing() == set()


# Documents do not run out unnoticed.


def test_a_document_expires_soon_thirty_days_before_and_then_has() -> None:
    firm = office().receives(filed("permit", until="2026-03-31"))
    assert firm.passes("2026-03-01T00:00").firing() == set()
    assert firm.passes("2026-03-01T00:01").one(EXPIRING).severity == "info"
    assert firm.passes("2026-04-01T00:00").firing() == {EXPIRING}
    assert firm.passes("2026-04-01T00:01").one(EXPIRED).severity == "error"
    assert firm.firing() == {EXPIRED}


@pytest.mark.parametrize("when", ["2026-03-15", "2026-04-15"])
@pytest.mark.parametrize("cure", [filed("permit", "F-2", "2028-03-31"), terminated("2026-05-01")])
def test_what_ends_an_expiry(cure: Said, when: str) -> None:
    firm = office().receives(filed("permit", until="2026-03-31")).at(when)
    assert firm.firing() & {EXPIRING, EXPIRED}
    assert firm.receives(cure).at("2026-06-01").firing() == set()


def test_a_document_that_had_expired_when_it_was_filed_has_expired() -> None:
    firm = office().receives(filed("permit", until="2025-03-31")).at("2026-01-06")
    assert firm.firing() == {EXPIRED}
    assert firm.signals(EXPIRING) == []


def test_an_older_copy_that_comes_late_does_not_replace_a_newer_one() -> None:
    firm = office().at("2026-02-01").receives(filed("permit", "F-2", "2028-01-01"))
    firm.receives(filed("permit", "F-1", "2026-02-05"), time="2024-01-01")
    assert firm.at("2026-03-01").firing() == set()


# A record says nothing that cannot be.


def manager(id: str | None, on: str | None = None) -> Said:
    return e7(EmployeeManagerChanged(manager=id, effective_on=day(on) if on else None))


def leave(starts: str, ends: str | None = None) -> Said:
    return e7(LeaveStarted(leave="L-1", starts_on=day(starts), ends_on=day(ends) if ends else None))


def back(on: str) -> Said:
    return e7(LeaveEnded(leave="L-1", ended_on=day(on)))


NOT_SIGNED = e7(DocumentRejected(document="contract", file="F-1"))

IMPOSSIBLE: list[tuple[Problem, list[Said]]] = [
    ("hired_twice", [hired("2025-01-07"), hired("2025-06-02")]),
    ("act_after_termination", [hired("2025-01-07"), terminated("2025-12-31"), manager("E-1", "2026-01-05")]),
    ("act_after_termination", [leave("2026-01-05"), hired("2025-01-07"), terminated("2025-12-31")]),
    ("end_before_start", [hired("2026-01-05"), terminated("2026-01-04")]),
    ("end_before_start", [terminated("2026-01-04"), hired("2026-01-05"), terminated("2026-01-04")]),
    ("end_before_start", [leave("2026-02-02", "2026-02-01")]),
    ("end_before_start", [back("2026-02-01"), leave("2026-02-02")]),
    ("end_before_start", [filed(issued="2026-01-02", until="2026-01-01")]),
    ("own_manager", [manager("E-7")]),
    ("own_manager", [hired(manager="E-7")]),
]


@pytest.mark.parametrize(("problem", "said"), IMPOSSIBLE)
def test_what_cannot_be_is_said_until_it_is_corrected(problem: Problem, said: list[Said]) -> None:
    firm = office(required_documents={}).receives(*said)
    found = [c for (rule, _, _), c in firm.conditions().items() if rule == INCONSISTENT]
    assert [(c.identity, c.severity) for c in found] == [({"problem": problem}, "error")]
    assert found[0].evidence
    firm.receives(e7(RecordCorrected(by="E-1", problem=problem)))
    assert INCONSISTENT not in firm.firing()
    assert INCONSISTENT not in firm.receives(e7(OnboardingStepCompleted(step="any"))).firing()


@pytest.mark.parametrize(
    "said",
    [
        [hired("2025-01-07"), terminated("2025-06-30"), hired("2026-01-05")],  # came back
        [hired("2026-01-05"), hired("2025-01-07"), terminated("2025-06-30")],  # the same, out of order
        [hired("2025-01-07"), manager("E-1", "2025-12-31"), terminated("2025-12-31")],  # on the last day
        [hired("2026-01-05"), terminated("2026-01-05")],  # one day
        [leave("2026-02-02", "2026-02-02"), back("2026-02-02")],
        [hired("2025-01-07"), terminated("2025-12-31"), manager(None, "2026-01-05")],  # tidying up
        [filed(issued="2026-01-01", until="2026-12-01")],
        [manager("E-7"), manager("E-1")],
        [leave("2026-02-02", "2026-01-02"), leave("2026-02-02", "2026-03-02")],
    ],
)
def test_what_can_be_is_left_alone(said: list[Said]) -> None:
    assert office(required_documents={}).receives(*said).firing() == set()


def test_a_rejected_copy_that_is_filed_again_is_a_contradiction() -> None:
    firm = office().at("2026-01-05T09:00").receives(hired(), filed()).at("2026-01-05T10:00").receives(NOT_SIGNED)
    assert firm.firing() == set()
    assert firm.at("2026-01-05T11:00").receives(filed()).one(INCONSISTENT).identity == {
        "problem": "rejected_document_filed"
    }
    assert firm.receives(filed(file="F-2")).firing() == set()


def test_a_rejection_that_overtakes_the_filing_is_none() -> None:
    firm = office().at("2026-01-06").receives(NOT_SIGNED)
    assert INCONSISTENT not in firm.receives(filed(), time="2026-01-05").firing()


def test_a_corrected_date_is_the_right_one() -> None:
    firm = office().receives(filed(), hired("2026-03-05"), terminated("2026-02-27"))
    firm.receives(e7(RecordCorrected(by="E-1", start_on=day("2025-03-05"))))
    assert (firm.firing(), firm.state("employee/E-7").start_on) == (set(), day("2025-03-05"))


def test_a_corrected_first_day_moves_what_hangs_on_it() -> None:
    firm = office(onboarding_checklist={"desk": 1}).receives(hired("2026-01-05"))
    firm.receives(e7(RecordCorrected(by="E-1", start_on=day("2026-02-02"))))
    assert firm.at("2026-02-03T17:00").firing() == set()
    assert firm.at("2026-02-03T17:01").firing() == {ONBOARDING}
    assert firm.at("2026-02-05T17:01").firing() == {ONBOARDING, MISSING}


def test_another_contradiction_of_the_same_kind_fires_again() -> None:
    firm = office(required_documents={}).receives(leave("2026-02-02", "2026-02-01"))
    firm.receives(e7(RecordCorrected(by="E-1")), terminated("2024-01-01"), hired("2025-01-01"))
    firm.receives(terminated("2024-06-01"))
    assert INCONSISTENT in firm.firing()


def test_a_reviewed_contradiction_is_not_said_again() -> None:
    firm = office().receives(manager("E-7"))
    verdict = FindingReviewed(rule=INCONSISTENT, identity={"problem": "own_manager"}, by="E-1", outcome="accepted")
    assert firm.receives(e7(verdict), manager("E-7")).firing() == set()


# Onboarding.


def done(step: str) -> Said:
    return e7(OnboardingStepCompleted(step=step))


def test_one_alert_lists_every_step_past_its_day() -> None:
    firm = office(onboarding_checklist={"desk": 1, "badge": 1, "course": 2}).receives(hired(), filed())
    assert firm.passes("2026-01-06T17:00").firing() == set()
    assert firm.passes("2026-01-06T17:01").one(ONBOARDING).summary.endswith("badge, desk past their day")
    assert firm.receives(done("desk")).one(ONBOARDING).summary.endswith("badge past their day")
    assert firm.passes("2026-01-07T17:01").one(ONBOARDING).summary.endswith("badge, course past their day")
    assert firm.receives(done("badge"), done("course")).firing() == set()


@pytest.mark.parametrize("when", ["2026-01-05", "2026-01-08"])
@pytest.mark.parametrize("cure", [done("desk"), terminated(), e7(ChecklistDeclared(steps=()))])
def test_what_ends_an_overdue_onboarding(cure: Said, when: str) -> None:
    firm = office(onboarding_checklist={"desk": 1}).receives(hired(), filed()).at(when).receives(cure)
    assert firm.at("2026-03-01").firing() == set()


def test_a_checklist_of_ones_own_takes_the_place_of_the_usual_one() -> None:
    own = ChecklistDeclared(steps=(ChecklistStep(step="lab", due_on=day("2026-01-16")),))
    for said in ([e7(own), hired()], [hired(), e7(own)]):
        firm = office(onboarding_checklist={"desk": 1}).receives(*said, filed())
        assert firm.passes("2026-01-16T17:00").firing() == set()
        assert firm.passes("2026-01-16T17:01").firing() == {ONBOARDING}


def test_a_step_done_before_the_hiring_is_done() -> None:
    firm = office(onboarding_checklist={"desk": 1}).receives(done("desk"), hired(), filed())
    assert firm.at("2026-03-01").firing() == set()


# Positions do not stay open unnoticed.


def p1(event: Event) -> Said:
    return "position/P-1", event


OPENED = p1(PositionOpened(role="nurse", opened_on=day("2026-01-05")))
FILLED = p1(PositionFilled(filled_on=day("2026-02-20")))
CLOSED = p1(PositionClosed(closed_on=day("2026-02-20")))


def test_a_position_open_for_sixty_days_is_said() -> None:
    firm = office().receives(OPENED, p1(CandidateAdvanced(candidate="C-1", stage="interview")))
    assert firm.passes("2026-03-06T00:00").firing() == set()
    assert firm.passes("2026-03-06T00:01").one(OPEN_LONG).severity == "info"
    assert firm.state("position/P-1").stages == {"C-1": "interview"}


@pytest.mark.parametrize("end", [FILLED, CLOSED])
def test_what_ends_an_open_position(end: Said) -> None:
    assert office().receives(OPENED).at("2026-04-01").receives(end).firing() == set()
    assert office().receives(OPENED, end).at("2026-04-01").firing() == set()
    assert office().receives(end, OPENED).at("2026-04-01").firing() == set()


def test_a_position_opened_again_counts_from_then_on() -> None:
    firm = office().receives(OPENED, FILLED, p1(PositionOpened(role="nurse", opened_on=day("2026-03-02"))))
    assert firm.passes("2026-05-01T00:00").firing() == set()
    assert firm.passes("2026-05-01T00:01").firing() == {OPEN_LONG}


# All of it together.


WELCOME = (hired(), filed(), done("accounts"), done("equipment"), done("documents"), done("training"))


@settings(max_examples=15, deadline=None)
@given(said=st.permutations(WELCOME))
def test_a_proper_welcome_ends_quiet_in_whatever_order_it_is_heard(said: list[Said]) -> None:
    firm = Office(partitions=1, processors=[department]).told("hr", {"required_documents": {"*": ["contract"]}})
    assert firm.receives(*said).passes("2026-12-01").signals() == []


@settings(max_examples=10, deadline=None)
@given(again=st.lists(st.integers(0, 4), max_size=6))
def test_what_is_heard_twice_changes_nothing(again: list[int]) -> None:
    said = (hired(), hired(), manager("E-7"), filed(until="2026-01-20"), leave("2026-02-02", "2026-01-02"))
    once, twice = office(), office()
    for n, happening in enumerate(said):
        once.receives(happening, id=f"e{n}")
        twice.receives(happening, id=f"e{n}")
    for n in again:
        twice.receives(said[n], id=f"e{n}")
    assert twice.at("2026-03-01").conditions().keys() == once.at("2026-03-01").conditions().keys()
    assert len(twice.signals()) == len(once.signals()) > 0


def test_every_rule_of_hr_is_tried_here() -> None:
    tried = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_hr*.py"))
    assert [rule.name for rule in department.rules if f'"{rule.name}"' not in tried] == []


# Settings by label


def test_documents_are_due_by_role_and_by_site() -> None:
    soon = {"matchers": ['role="driver"'], "set": {"document_due_business_days": 1}}
    there = {"matchers": ['site="vienna"'], "set": {"calendar": {"time_zone": "Europe/Vienna"}}}
    firm = office(overrides=[soon, there]).receives(hired("2026-01-07", role="driver", site="vienna"))
    assert firm.passes("2026-01-08T16:00").firing() == set(), "17:00 in Vienna"
    assert firm.passes("2026-01-08T16:01").one(MISSING).settings["document_due_business_days"] == 1


def test_a_transfer_to_another_site_changes_the_calendar() -> None:
    there = {"matchers": ['site="vienna"'], "set": {"calendar": {"time_zone": "Europe/Vienna"}}}
    firm = office(overrides=[there]).receives(hired("2026-01-07"))
    firm.receives(e7(EmployeeTransferred(effective_on=day("2026-01-07"), site="vienna", role="clerk")))
    assert firm.passes("2026-01-12T16:01").firing() == {MISSING}
