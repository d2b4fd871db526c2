"""Who may approve: leave, onboarding, last day and lapsed training decide, and a delegate who may is proposed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.accounting import department as accounting
from processors.departments.hr import department as hr
from schemas.accounting import InvoiceApproved, InvoiceReceived, InvoiceRejected
from schemas.envelope import Event
from schemas.facts import EligibilityAsked, EligibilityTold, EmploymentStated, LeaveStated, TrainingState
from schemas.hr import (
    EmployeeHired,
    EmployeeTerminated,
    LeaveCancelled,
    LeaveEnded,
    LeaveStarted,
    OnboardingStepCompleted,
    TerminationWithdrawn,
)
from schemas.money import Money
from tests.office import Office, instant
from tests.unit.correlation.orders import ANY_ORDER, holding, interleaved, layout, shuffled

RULE = "accounting.approver_ineligible"

Said = tuple[str, Event]


def at(text: str) -> datetime:
    return instant(text)


def day(text: str) -> date:
    return date.fromisoformat(text)


# Facts of one person.


def of(who: str, event: Event) -> Said:
    return f"person/{who}", event


def works(who: str, **more: Any) -> Said:
    return of(who, EmploymentStated(**{"start_on": day("2025-01-07"), "manager": "E-0", "revision": 1, **more}))


def away(who: str, first: str, last: str | None = None, delegate: str | None = None, **more: Any) -> Said:
    ends = day(last) if last else None
    return of(who, LeaveStated(leave="L-1", starts_on=day(first), ends_on=ends, delegate=delegate, **more))


def lapsed(who: str, since: str, until: str | None = None, **more: Any) -> Said:
    more = {"training": "four-eyes", "holds": False, **more}
    return of(who, TrainingState(since=at(since), until=at(until) if until else None, **more))


def approved(who: str, when: str, invoice: str = "RE-1", **more: Any) -> Said:
    return of(who, EligibilityAsked(vendor="acme", invoice=invoice, approver=who, at=at(when), **more))


def correlating(*said: Said, partitions: int = 3, **settings: Any) -> Office:
    told = {"correlation": settings}
    firm = Office(partitions=partitions, processors=[correlation], settings=told)
    return firm.at("2026-02-02").receives(*said)


NOON = "2026-01-12T12:00"

TRUTH: list[tuple[list[Said], str | None]] = [
    ([], None),
    ([works("E-7")], None),
    # employment
    ([works("E-7", start_on=day("2026-01-12"))], None),
    ([works("E-7", start_on=day("2026-01-13"))], "does not work here before 2026-01-13"),
    ([works("E-7", last_day=day("2026-01-12"))], None),
    ([works("E-7", last_day=day("2026-01-11"))], "left on 2026-01-11"),
    # onboarding
    ([works("E-7", onboarded=False)], "was not onboarded yet"),
    ([works("E-7", onboarded_at=at("2026-01-12T12:00"))], None),
    ([works("E-7", onboarded_at=at("2026-01-12T12:00:01"))], "was not onboarded yet"),
    # leave
    ([away("E-7", "2026-01-12", "2026-01-12")], "was on leave"),
    ([away("E-7", "2026-01-12")], "was on leave"),
    ([away("E-7", "2026-01-13")], None),
    ([away("E-7", "2026-01-05", "2026-01-11")], None),
    ([away("E-7", "2026-01-12", holds=False)], None),
    # training
    ([lapsed("E-7", "2026-01-12T12:00")], "lacked required training (four-eyes)"),
    ([lapsed("E-7", "2026-01-12T12:00:01")], None),
    ([lapsed("E-7", "2026-01-05", "2026-01-12T12:00")], None),
    ([lapsed("E-7", "2026-01-05", "2026-01-12T12:00:01")], "lacked required training (four-eyes)"),
    ([lapsed("E-7", "2026-01-05", required=False)], None),
    ([lapsed("E-7", "2026-01-05", holds=True)], None),
    # several at once
    (
        [works("E-7", last_day=day("2026-01-09")), away("E-7", "2026-01-05")],
        "left on 2026-01-09 and was on leave",
    ),
]


@pytest.mark.parametrize(("facts", "why"), TRUTH)
@pytest.mark.parametrize("late", [False, True])
def test_who_may_approve(facts: list[Said], why: str | None, late: bool) -> None:
    said = [approved("E-7", NOON), *facts] if late else [*facts, approved("E-7", NOON)]
    firm = correlating(*said)
    if why is None:
        assert firm.firing() == set()
        return
    found = firm.one(RULE)
    assert (found.severity, found.about.subject, found.identity) == ("error", "vendor/acme", {"invoice": "RE-1"})
    assert found.summary == f"Invoice RE-1 of acme was approved by E-7, who {why}; no delegate is known"


@pytest.mark.parametrize(
    ("when", "zone", "firing"),
    [
        ("2026-01-11T23:59:59", "UTC", set()),
        ("2026-01-12T00:00", "UTC", {RULE}),
        ("2026-01-11T23:00", "Europe/Berlin", {RULE}),
        ("2026-01-11T22:59:59", "Europe/Berlin", set()),
        ("2026-01-16T23:59:59", "UTC", {RULE}),
        ("2026-01-17T00:00", "UTC", set()),
    ],
)
def test_leave_that_starts_in_the_middle_of_an_approval(when: str, zone: str, firing: set[str]) -> None:
    """What counts is the day of the approval, in the organisation's time zone, not that of the invoice."""
    leave = away("E-7", "2026-01-12", "2026-01-16")
    assert correlating(leave, approved("E-7", when), calendar={"time_zone": zone}).firing() == firing


# Who could have approved instead.

GONE = away("E-7", "2026-01-12", delegate="E-8")
MINE = approved("E-7", NOON)


def proposal(*said: Said) -> tuple[str, str]:
    found = correlating(GONE, MINE, *said).one(RULE)
    return found.annotations["delegate"], found.summary.partition("; ")[2]


def test_the_delegate_is_proposed() -> None:
    assert proposal(works("E-8")) == ("E-8", "E-8 could approve it")


def test_a_delegate_who_is_away_too_passes_it_on() -> None:
    assert proposal(away("E-8", "2026-01-12", delegate="E-9")) == ("E-9", "E-9 could approve it")


def test_a_delegate_who_may_not_and_has_none_leaves_nobody() -> None:
    assert proposal(works("E-8", last_day=day("2026-01-09"))) == ("nobody", "no delegate could approve it")


@pytest.mark.parametrize(
    ("others", "circle"),
    [
        ([away("E-8", "2026-01-12", delegate="E-7")], "E-7, E-8, E-7"),
        ([away("E-8", "2026-01-12", delegate="E-9"), away("E-9", "2026-01-12", delegate="E-8")], "E-7, E-8, E-9, E-8"),
        ([away("E-8", "2026-01-12", delegate="E-8")], "E-7, E-8, E-8"),
    ],
)
def test_a_circular_delegation_is_called_one(others: list[Said], circle: str) -> None:
    assert proposal(*others) == ("nobody", f"the delegation goes in a circle ({circle})")


def test_a_long_chain_of_delegates_ends_somewhere() -> None:
    chain = [away(f"E-{n}", "2026-01-12", delegate=f"E-{n + 1}") for n in range(8, 40)]
    assert proposal(*chain) == ("nobody", "no delegate could approve it")


def test_the_proposal_follows_what_becomes_known_of_the_delegate() -> None:
    firm = correlating(GONE, MINE)
    assert firm.one(RULE).annotations == {"delegate": "E-8"}
    firm.receives(away("E-8", "2026-01-05", delegate="E-9"))
    assert firm.one(RULE).annotations == {"delegate": "E-9"}
    firm.receives(away("E-8", "2026-01-05", "2026-01-09", revision=2))
    assert firm.one(RULE).annotations == {"delegate": "E-8"}


def test_a_second_approval_asks_the_delegate_about_its_own_day() -> None:
    firm = correlating(GONE, MINE, away("E-8", "2026-01-19", delegate="E-9"))
    assert firm.one(RULE).annotations == {"delegate": "E-8"}
    firm.at("2026-02-03").receives(approved("E-7", "2026-01-20T12:00", revision=2))
    assert firm.one(RULE).annotations == {"delegate": "E-9"}


# What ends it, and corrections that come late.


def test_it_ends_when_one_who_may_approves_too() -> None:
    firm = correlating(GONE, MINE, away("E-9", "2026-01-05"))
    assert firm.receives(approved("E-9", NOON, revision=2)).one(RULE).summary.count("was on leave") == 2
    assert firm.receives(approved("E-8", NOON, revision=3)).firing() == set()


def test_it_ends_when_the_same_one_approves_again_after_the_leave() -> None:
    back = away("E-7", "2026-01-12", "2026-01-16", delegate="E-8", revision=2)
    firm = correlating(GONE, MINE, back)
    assert firm.firing() == {RULE}
    assert firm.receives(approved("E-7", "2026-01-17T08:00", revision=2)).firing() == set()


@pytest.mark.parametrize(
    "correction",
    [
        away("E-7", "2026-01-12", holds=False, revision=2),
        away("E-7", "2026-01-13", revision=2),
        approved("E-7", NOON, holds=False, revision=2),
    ],
)
def test_a_correction_that_comes_late_withdraws_it(correction: Said) -> None:
    firm = correlating(GONE, MINE).at("2026-02-20")
    assert firm.receives(correction).firing() == set()


def test_each_lapse_of_a_training_is_remembered_by_itself() -> None:
    firm = correlating(lapsed("E-7", "2026-01-10"), MINE)
    assert firm.receives(lapsed("E-7", "2026-01-10", "2026-01-20", revision=2)).firing() == {RULE}
    assert firm.receives(lapsed("E-7", "2026-01-25")).firing() == {RULE}
    assert firm.receives(lapsed("E-7", "2026-01-10", holds=True, revision=3)).firing() == set()


def test_what_is_over_is_forgotten() -> None:
    firm = correlating(away("E-7", "2026-01-12", "2026-01-16", "E-8"), lapsed("E-7", "2026-01-05", NOON), MINE)
    firm.at("2026-04-20")
    person, vendor = firm.state("person/E-7"), firm.state("vendor/acme")
    assert person is None or (dict(person.leaves), dict(person.lapses), dict(person.questions)) == ({}, {}, {})
    assert (dict(vendor.answers), dict(vendor.approvers), dict(vendor.asked)) == ({}, {}, {})


# As the departments tell it.


def e(n: int, event: Event) -> Said:
    return f"employee/E-{n}", event


def hired(n: int) -> Said:
    return e(n, EmployeeHired(role="clerk", start_on=day("2025-01-07"), manager="E-1"))


def leave(n: int, first: str, last: str | None = None, delegate: str | None = None) -> Said:
    ends = day(last) if last else None
    return e(n, LeaveStarted(leave=f"L-{n}", starts_on=day(first), ends_on=ends, delegate=delegate))


AMOUNT = Money(amount=Decimal(100))

RECEIVED = (
    "vendor/acme",
    InvoiceReceived(invoice="RE-1", number="1", amount=AMOUNT, issued_on=day("2026-01-05"), due_on=day("2026-12-31")),
)
REJECTED = ("vendor/acme", InvoiceRejected(invoice="RE-1"))


def approves(n: int) -> Said:
    return "vendor/acme", InvoiceApproved(invoice="RE-1", approver=f"E-{n}")


def office(*said: Said, partitions: int = 3, **told: Any) -> Office:
    told = {"required_documents": {}, "onboarding_checklist": {}, **told}
    firm = Office(partitions=partitions, processors=[hr, accounting, correlation], settings={"hr": told})
    return firm.receives(hired(7), hired(8), *said).at("2026-01-12T12:00")


def test_a_leave_that_hr_tells_late_is_found_and_one_that_is_cancelled_is_withdrawn() -> None:
    firm = office(RECEIVED).receives(approves(7)).at("2026-01-14")
    assert firm.firing() == set()
    firm.receives(leave(7, "2026-01-12", delegate="E-8"))
    assert firm.one(RULE).annotations == {"delegate": "E-8"}
    assert {record.topic for record in firm.one(RULE).evidence} == {"events.hr", "events.accounting"}
    assert firm.receives(e(7, LeaveCancelled(leave="L-7"))).firing() == set()
    assert firm.at("2026-01-15").receives(leave(7, "2026-01-12")).firing() == {RULE}
    assert firm.receives(e(7, LeaveEnded(leave="L-7", ended_on=day("2026-01-11")))).firing() == {
        "hr.record_inconsistent"
    }


def test_an_invoice_that_is_rejected_needs_no_approver_until_it_comes_again() -> None:
    firm = office(leave(7, "2026-01-12")).receives(RECEIVED, approves(7))
    assert firm.firing() == {RULE}
    assert firm.at("2026-01-13").receives(REJECTED).firing() == set()
    assert firm.at("2026-01-14").receives(RECEIVED).firing() == {RULE}
    assert firm.receives(approves(8)).firing() == set()


def test_one_whose_onboarding_is_not_done_may_not_approve_yet() -> None:
    firm = office(onboarding_checklist={"training": 300, "desk": 300}).receives(RECEIVED, approves(7))
    assert firm.one(RULE).summary.startswith("Invoice RE-1 of acme was approved by E-7, who was not onboarded yet")
    done = [e(7, OnboardingStepCompleted(step=step)) for step in ("desk", "training")]
    firm.receives(done[0], time="2026-01-09").receives(done[1], time="2026-01-12T12:00:01")
    assert firm.firing() == {RULE}
    assert firm.receives(done[1], time="2026-01-12T11:00").firing() == {RULE}
    assert firm.at("2026-01-13").receives(approves(7)).firing() == set()


def test_one_who_left_may_not_approve_unless_that_is_withdrawn() -> None:
    firm = office(e(7, EmployeeTerminated(last_day=day("2026-01-09")))).receives(RECEIVED, approves(7))
    assert RULE in firm.firing()
    assert firm.receives(e(7, TerminationWithdrawn(by="E-1"))).firing() == set()


# Whatever comes first.


@ANY_ORDER
def test_facts_in_any_order_give_the_same_alerts(seed: int) -> None:
    facts = [
        away("E-7", "2026-01-05", delegate="E-9"),
        away("E-7", "2026-01-12", delegate="E-8", revision=2),
        away("E-8", "2026-01-10", "2026-01-14", delegate="E-9"),
        works("E-9"),
        works("E-9", last_day=day("2026-01-09"), revision=2),
        works("E-9", revision=3),
        lapsed("E-6", "2026-01-01"),
        lapsed("E-6", "2026-01-01", "2026-01-10", revision=2),
        approved("E-7", "2026-01-11T12:00", "RE-before-the-leave"),
        approved("E-7", NOON, "RE-on-leave"),
        approved("E-7", NOON, "RE-approved-again", revision=1),
        approved("E-6", NOON, "RE-approved-again", revision=2),
        approved("E-8", NOON, "RE-rejected", revision=1),
        approved("E-8", NOON, "RE-rejected", holds=False, revision=2),
        approved("E-6", "2026-01-09T12:00", "RE-untrained"),
    ]
    firm = correlating(*shuffled(facts, seed), partitions=layout(seed))
    assert {dict(labels)["invoice"]: said for (_, _, labels), said in holding(firm).items()} == {
        "RE-on-leave": (
            "error",
            "Invoice RE-on-leave of acme was approved by E-7, who was on leave; E-9 could approve it",
            {"delegate": "E-9"},
        ),
        "RE-untrained": (
            "error",
            "Invoice RE-untrained of acme was approved by E-6, who lacked required training (four-eyes); "
            "no delegate is known",
            {"delegate": "nobody"},
        ),
    }


@ANY_ORDER
def test_departments_in_any_order_give_the_same_alerts(seed: int) -> None:
    stories = [
        [leave(7, "2026-01-12", delegate="E-8")],
        [leave(8, "2026-01-12", delegate="E-9"), e(8, LeaveEnded(leave="L-8", ended_on=day("2026-01-12")))],
        [hired(9), leave(9, "2026-01-12"), e(9, LeaveCancelled(leave="L-9"))],
        [RECEIVED, approves(7), approves(8)],
    ]
    firm = office(partitions=layout(seed)).receives(*interleaved(seed, *stories))
    assert holding(firm) == {
        (RULE, "vendor/acme", (("invoice", "RE-1"),)): (
            "error",
            "Invoice RE-1 of acme was approved by E-7, who was on leave and E-8, who was on leave; "
            "E-9 could approve it",
            {"delegate": "E-9"},
        )
    }
    assert len(firm.said(EligibilityTold)) < 30, "what has not changed is not told again"
