"""Complaints about companies: sent on in time, answered as their own system judges, targets that may be off."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.departments.front_office import department
from processors.step import Emission
from schemas.facts import ComplaintAboutCompany
from schemas.front_office import (
    ComplaintAccepted,
    ComplaintAnswered,
    ComplaintDisputed,
    ComplaintReceived,
    ComplaintResolved,
    ComplaintSent,
    ComplaintWithdrawn,
    FrontOfficeEvent,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

RECEIVED = "2026-01-05T10:00"
FORWARDED_LATE, REGULATOR = "front_office.forwarded_late", "front_office.regulator_deadline"
QUIET = {
    "first_response_minutes": None,
    "next_response_minutes": None,
    "resolution_minutes": None,
    "inform_business_days": None,
}


def complaint(*events: FrontOfficeEvent) -> list[Emission]:
    return [Emission("complaint/C-1", event) for event in events]


def received(**fields: Any) -> ComplaintReceived:
    return ComplaintReceived.model_validate({"received_at": instant(RECEIVED), "company": "Acme Bank", **fields})


def sent(on: str) -> ComplaintSent:
    return ComplaintSent(sent_on=date.fromisoformat(on))


def office(**told: Any) -> Office:
    """A front office that only passes complaints on, within five days."""
    told = {**QUIET, "forward_days": 5, **told}
    return Office(processors=[department], partitions=1, settings={"front_office": told}).at(RECEIVED)


# front_office.forwarded_late


def test_five_days_end_with_the_fifth() -> None:
    desk = office().receives(*complaint(received()))
    assert desk.at("2026-01-11T00:00").firing() == set()
    assert desk.at("2026-01-11T00:00:01").firing() == {FORWARDED_LATE}
    assert desk.receives(*complaint(sent("2026-01-11"))).firing() == set()


@pytest.mark.parametrize(("on", "late"), [("2026-01-10", False), ("2026-01-11", True), ("2026-01-04", False)])
def test_the_day_of_sending_decides_and_not_when_it_was_told(on: str, late: bool) -> None:
    desk = office().receives(*complaint(received(), sent(on)))
    assert desk.ever_fired(FORWARDED_LATE) == ({"C-1"} if late else set())
    assert desk.passes("2026-02-01").firing() == set()


def test_a_sending_in_time_that_is_told_late_ends_the_alert() -> None:
    desk = office().receives(*complaint(received())).at("2026-01-15")
    assert desk.firing() == {FORWARDED_LATE}
    assert desk.receives(*complaint(sent("2026-01-10"))).firing() == set()


def test_what_is_withdrawn_need_not_be_sent() -> None:
    desk = office().receives(*complaint(received())).at("2026-01-15")
    assert desk.receives(*complaint(ComplaintWithdrawn())).firing() == set()
    assert office().receives(*complaint(received(), ComplaintWithdrawn())).at("2026-01-15").firing() == set()


def test_nothing_need_be_sent_unless_that_is_set() -> None:
    assert office(forward_days=None).receives(*complaint(received())).at("2026-06-01").signals() == []


def test_a_late_sending_is_missed_once() -> None:
    desk = office().receives(*complaint(received())).at("2026-01-15")
    desk.receives(*complaint(sent("2026-01-15"), sent("2026-01-16"), received()))
    assert [type(s) for s in desk.signals(FORWARDED_LATE)] == [ConditionFired, ConditionResolved]


@settings(max_examples=6, deadline=None)
@given(said=st.permutations((received(regulated=True), sent("2026-01-12"), ComplaintAnswered(by="Acme", timely=False))))
def test_the_order_in_which_it_is_heard_does_not_matter(said: list[FrontOfficeEvent]) -> None:
    desk = office(regulator="reported").receives(*complaint(*said))
    assert (desk.firing(), desk.ever_fired(FORWARDED_LATE)) == ({REGULATOR}, {"C-1"})


# The judgement of another system


@pytest.mark.parametrize(("timely", "late"), [(False, True), (True, False), (None, False)])
def test_the_systems_own_judgement_may_be_trusted(timely: bool | None, late: bool) -> None:
    answer = ComplaintAnswered(by="Acme Bank", timely=timely)
    desk = office(regulator="reported", forward_days=None).receives(*complaint(received(regulated=True), answer))
    assert desk.passes("2026-12-01").firing() == ({REGULATOR} if late else set())


def test_it_holds_until_the_complaint_is_settled() -> None:
    desk = office(regulator="reported", forward_days=None)
    desk.receives(*complaint(received(regulated=True), ComplaintAnswered(by="Acme", timely=False)))
    assert desk.receives(*complaint(ComplaintAnswered(by="Acme", timely=True))).firing() == {REGULATOR}
    assert desk.receives(*complaint(ComplaintResolved())).firing() == set()


def test_our_own_clock_takes_no_notice_of_it() -> None:
    late = ComplaintAnswered(by="Acme", timely=False, final=True)
    assert office(forward_days=None).receives(*complaint(received(regulated=True), late)).signals() == []


def test_a_judgement_on_what_no_regulator_asks_for_is_none() -> None:
    desk = office(regulator="reported", forward_days=None)
    assert desk.receives(*complaint(received(), ComplaintAnswered(by="Acme", timely=False))).firing() == set()


# Targets that are off


def test_without_targets_no_answer_is_late() -> None:
    desk = office(forward_days=None).receives(*complaint(received(), ComplaintDisputed()))
    assert desk.passes("2026-12-01").firing() == {"front_office.escalated"}


# What is published of its company


def facts(desk: Office) -> list[tuple[str, bool, bool, int]]:
    return [
        (f.about.subject, f.names, f.disputed, f.revision)
        for f in desk.said(ComplaintAboutCompany)
        if isinstance(f, ComplaintAboutCompany)
    ]


def test_a_company_is_told_of_its_complaints_and_that_they_are_disputed() -> None:
    desk = office().receives(*complaint(received(), ComplaintDisputed()))
    assert facts(desk) == [("company/Acme Bank", True, False, 1), ("company/Acme Bank", True, True, 2)]


def test_a_complaint_about_another_company_is_taken_back() -> None:
    desk = office().receives(*complaint(received(), received(company="Bank of Acme")))
    assert facts(desk)[1:] == [("company/Acme Bank", False, False, 2), ("company/Bank of Acme", True, False, 3)]


def test_of_no_company_nothing_is_told() -> None:
    assert facts(office().receives(*complaint(received(company=None), ComplaintDisputed()))) == []


def test_complaints_are_measured() -> None:
    desk = office().receives(
        *complaint(received(), sent("2026-01-04"), ComplaintAnswered(by="Acme", timely=False, outcome="closed")),
        Emission("complaint/C-2", received()),
        Emission("complaint/C-2", ComplaintAccepted()),
    )
    states = [(key, state) for fold in desk.folds["events.front_office"] for key, state in fold.states().items()]
    said = {name: measure.over(states) for name, measure in department.measures.items()}
    assert said == {
        "complaints": {"C-1", "C-2"},
        "complaints_unanswered": {"C-2"},
        "complaints_by_outcome": {"closed": 1},
        "answered_late": {"C-1"},
        "answered_late_by_company": {"Acme Bank": 1},
        "disputed": set(),
        "disputed_and_answered_late": set(),
        "unjudged": {"C-1"},
        "sent_before_received": {"C-1"},
    }
