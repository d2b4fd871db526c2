"""Tasks: taken on in four working hours, done in time, not handed round; and who holds them is published."""

import random
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.alerting import alerting
from processors.departments.management import department
from schemas.envelope import Event
from schemas.facts import TaskHeld
from schemas.management import (
    FindingReviewed,
    TaskAccepted,
    TaskCompleted,
    TaskDelegated,
    TaskProgressed,
    TaskReopened,
    TaskReturned,
    TaskWithdrawn,
)
from tests.office import Office

Said = tuple[str, Event]

UNACCEPTED, OVERDUE, PING_PONG = (
    "management.task_unaccepted",
    "management.task_overdue",
    "management.task_ping_pong",
)


def office(**told: Any) -> Office:
    """Management alone, from Monday, 5 January 2026 at 8:00; working hours 9 to 17, UTC."""
    return Office(partitions=1, processors=[department], settings={"management": told} if told else None)


def t1(event: Event) -> Said:
    return "task/T-1", event


def delegated(to: str = "A", by: str = "boss", due: str | None = None, **more: Any) -> Said:
    return t1(TaskDelegated.model_validate({"by": by, "to": to, "due_at": due and f"{due}:00Z", **more}))


def accepted(by: str = "A") -> Said:
    return t1(TaskAccepted(by=by))


def returned(by: str = "A", to: str | None = None) -> Said:
    return t1(TaskReturned(by=by, to=to))


DONE, REOPENED, WITHDRAWN = t1(TaskCompleted()), t1(TaskReopened()), t1(TaskWithdrawn())


def reviewed(rule: str, until: str | None = None) -> Said:
    told = {"rule": rule, "by": "E-1", "outcome": "waived", "until": until}
    return t1(FindingReviewed.model_validate(told))


# Acceptance.


def test_a_task_is_accepted_within_four_working_hours() -> None:
    firm = office().at("2026-01-05T15:00").receives(delegated())
    assert firm.passes("2026-01-06T11:00").firing() == set()
    found = firm.passes("2026-01-06T11:00:01").one(UNACCEPTED)
    assert (found.severity, found.labels, len(found.evidence)) == ("warning", {"delegator": "boss"}, 1)


@pytest.mark.parametrize("end", [accepted(), accepted("B"), returned(), DONE, WITHDRAWN, delegated("B")])
def test_what_ends_an_unaccepted_task(end: Said) -> None:
    firm = office().receives(delegated()).at("2026-01-07")
    assert firm.firing() == {UNACCEPTED}
    assert UNACCEPTED not in firm.at("2026-01-07T08:00").receives(end).firing()


def test_an_acceptance_that_overtakes_the_delegation_counts() -> None:
    firm = office().at("2026-01-05T10:00").receives(accepted())
    firm.receives(delegated(), time="2026-01-05T09:00")
    assert firm.at("2026-02-01").firing() == set()
    assert firm.state("task/T-1").delegator == "boss"


def test_a_task_that_is_handed_on_is_to_be_accepted_anew() -> None:
    firm = office().receives(delegated(), accepted()).at("2026-01-06T09:00").receives(delegated("B", "A"))
    assert firm.at("2026-01-06T13:00").firing() == set()
    assert firm.at("2026-01-06T13:01").one(UNACCEPTED).labels == {"delegator": "A"}


def test_somebody_else_may_take_it_on_and_then_has_it() -> None:
    firm = office().receives(delegated(), accepted("B"))
    assert (firm.state("task/T-1").holder, firm.firing()) == ("B", set())


# Due times.


def test_a_task_is_overdue_at_its_due_time_and_an_error_a_working_day_later() -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), accepted())
    assert firm.passes("2026-01-06T12:00").firing() == set()
    found = firm.passes("2026-01-06T12:00:01").one(OVERDUE)
    assert (found.severity, found.labels) == ("warning", {"delegator": "boss"})
    assert firm.passes("2026-01-07T12:00").one(OVERDUE).severity == "warning"
    assert firm.passes("2026-01-07T12:00:01").one(OVERDUE).severity == "error"


def test_a_task_done_at_its_due_time_is_in_time() -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), accepted()).at("2026-01-06T12:00").receives(DONE)
    assert firm.at("2026-02-01").signals(OVERDUE) == []


@pytest.mark.parametrize("end", [DONE, WITHDRAWN, delegated(due="2026-03-02T12:00")])
def test_what_ends_an_overdue_task(end: Said) -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), accepted()).at("2026-01-08")
    assert firm.firing() == {OVERDUE}
    assert firm.receives(end).firing() == set()


def test_a_task_that_was_given_back_is_still_to_be_done() -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), returned())
    assert firm.at("2026-01-07").firing() == {OVERDUE}


def test_a_due_time_holds_when_the_task_is_handed_on_without_one() -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), delegated("B", "A"), accepted("B"))
    assert firm.at("2026-01-07").firing() == {OVERDUE}


def test_a_completion_told_twice_changes_nothing_and_a_reopened_task_is_owed_again() -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), accepted()).at("2026-01-05T10:00").receives(DONE, DONE)
    assert firm.at("2026-01-08").firing() == set()
    assert firm.receives(REOPENED).firing() == {OVERDUE}
    assert firm.at("2026-01-08T10:00").receives(DONE).firing() == set()


def test_a_reopening_that_comes_late_does_not_undo_the_completion_after_it() -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), accepted()).at("2026-01-06T11:00").receives(DONE)
    firm.receives(REOPENED, time="2026-01-06T10:00")
    assert firm.at("2026-01-08").firing() == set()


def test_a_waived_delay_comes_back_when_the_waiver_ends() -> None:
    firm = office().receives(delegated(due="2026-01-06T12:00"), accepted()).at("2026-01-07")
    assert firm.receives(reviewed(OVERDUE, "2026-01-12T00:00:00Z")).firing() == set()
    assert firm.at("2026-01-12").firing() == set()
    assert firm.at("2026-01-12T00:01").one(OVERDUE).severity == "error"


def test_the_service_a_task_needs_is_remembered() -> None:
    assert office().receives(delegated(needs_service="erp")).state("task/T-1").needs_service == "erp"


def test_a_route_takes_an_overdue_task_to_its_delegator() -> None:
    mine = {"matchers": [f'alertname="{OVERDUE}"', 'delegator="boss"'], "receiver": "boss-at-home"}
    told = {"route": {"receiver": "back-office-manager", "routes": [mine]}}
    firm = Office(processors=[department, alerting], settings={"alerting": told})
    firm.receives(delegated(due="2026-01-06T12:00"), accepted()).at("2026-01-06T12:01")
    assert [notice.receiver for notice in firm.notices()] == ["boss-at-home"]


# Ping-pong.


def test_a_task_handed_on_three_times_is_played_with() -> None:
    firm = office().receives(delegated("A"), delegated("B", "A"), delegated("C", "B"))
    assert firm.firing() == set()
    assert "handed on 3 times" in firm.receives(delegated("D", "C")).one(PING_PONG).summary
    assert firm.receives(accepted("D")).firing() == set()


BACK = {
    "to the first": [delegated("A"), delegated("B", "A"), delegated("A", "B")],
    "returned along the chain": [delegated("A"), delegated("B", "A"), returned("B")],
    "returned, and given back": [delegated("A"), returned("A"), delegated("A")],
}


@pytest.mark.parametrize("said", BACK.values(), ids=BACK)
def test_a_task_that_comes_back_to_someone_who_had_it(said: list[Said]) -> None:
    assert "came back" in office().receives(*said).one(PING_PONG).summary


FAIR = {
    "new terms": [delegated("A"), delegated("A"), delegated("A"), delegated("A")],
    "returned once": [delegated("A"), returned("A")],
    "accepted": [delegated("A"), delegated("B"), accepted("B")],
}


@pytest.mark.parametrize("said", FAIR.values(), ids=FAIR)
def test_what_is_no_ping_pong(said: list[Said]) -> None:
    assert office().receives(*said).signals(PING_PONG) == []


def test_a_task_accepted_and_handed_on_again_is_said_again() -> None:
    firm = office().receives(*(delegated(to) for to in "ABCD"), accepted("D"))
    assert firm.firing() == set()
    assert firm.at("2026-01-05T08:30").receives(delegated("E", "D")).firing() == {PING_PONG}


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_task_stands_the_same_in_whatever_order_it_is_told(rng: random.Random) -> None:
    told = [
        delegated("A", due="2026-01-09T12:00", hours="8"),
        accepted("A"),
        t1(TaskProgressed(percent=50)),
        delegated("B", "A", due="2026-01-09T15:00"),
        accepted("B"),
        DONE,
        REOPENED,
    ]
    timed = [(f"2026-01-05T{8 + n:02}:00", said) for n, said in enumerate(told)]
    rng.shuffle(timed)
    firm = office().at("2026-01-06")
    for time, said in timed:
        firm.receives(said, time=time)
    task = firm.state("task/T-1")
    assert (task.status, task.holder, task.chain, task.percent) == ("accepted", "B", ("A", "B"), 50)
    assert task.due_at == datetime.fromisoformat("2026-01-09T15:00:00+00:00")
    assert (firm.firing(), firm.at("2026-01-09T15:01").firing()) == (set(), {OVERDUE})


# What is published of it.


def held(*said: Said) -> list[tuple[str, bool, str | None, int]]:
    facts = office().receives(*said).said(TaskHeld)
    return [
        (f.about.subject, f.holds, str(f.hours) if f.hours is not None else None, f.revision)
        for f in facts
        if isinstance(f, TaskHeld)
    ]


def test_who_holds_a_task_is_published_when_it_changes() -> None:
    said = held(delegated("A", hours="8"), accepted("A"), t1(TaskProgressed(percent=25)), delegated("B", "A"), DONE)
    assert said == [
        ("workload/A", True, "8.00", 1),
        ("workload/A", True, "6.00", 2),
        ("workload/A", False, None, 3),
        ("workload/B", True, "6.00", 4),
        ("workload/B", False, None, 5),
    ]
