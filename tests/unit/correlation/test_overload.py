"""Overload: too many open tasks of one person, or more work that is due than working hours."""

import random
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.correlation import correlation
from processors.departments.management import department
from schemas.envelope import Event
from schemas.facts import TaskHeld
from schemas.management import TaskCompleted, TaskDelegated
from tests.office import Office

Said = tuple[str, Event]

OVERLOAD = "management.overload"


def desk(**told: Any) -> Office:
    """Correlation alone, from Monday, 5 January 2026 at 8:00; working hours 9 to 17, UTC."""
    return Office(partitions=1, processors=[correlation], settings={"correlation": told} if told else None)


def held(task: str, due: str | None = None, hours: str | None = None, revision: int = 1) -> Said:
    due_at = f"{due}:00Z" if due else None
    told = {"task": task, "due_at": due_at, "hours": hours, "revision": revision}
    return "workload/E-7", TaskHeld.model_validate(told)


def gone(task: str, revision: int = 2) -> Said:
    return "workload/E-7", TaskHeld(task=task, holds=False, revision=revision)


def test_sixteen_open_tasks_are_too_many() -> None:
    office = desk().receives(*(held(f"T-{n}") for n in range(15)))
    assert office.firing() == set()
    assert office.receives(held("T-15")).one(OVERLOAD).severity == "warning"
    assert len(office.receives(held("T-16"), held("T-17")).signals(OVERLOAD)) == 1, "said once"
    assert office.receives(gone("T-15"), gone("T-16")).firing() == {OVERLOAD}
    assert office.receives(gone("T-17")).firing() == set()


def test_a_task_said_again_is_one_task() -> None:
    office = desk(max_open_tasks=1).receives(held("T-1"), held("T-1", revision=2), held("T-1", revision=3))
    assert office.firing() == set()
    assert office.receives(gone("T-2", 1)).state("workload/E-7").held == 1


@pytest.mark.parametrize(("hours", "fires"), [("8", False), ("8.01", True)])
def test_more_work_than_working_hours_is_too_much(hours: str, fires: bool) -> None:
    office = desk().receives(held("T-1", "2026-01-05T17:00", hours))
    assert office.firing() == ({OVERLOAD} if fires else set())


def test_time_that_goes_by_unused_makes_it_too_much() -> None:
    """Two days of 8 hours for 12 hours of work: the first half of Monday may go by."""
    office = desk().receives(held("T-1", "2026-01-06T17:00", "5"), held("T-2", "2026-01-06T17:00", "7"))
    assert office.passes("2026-01-05T13:00").firing() == set()
    assert "2026-01-06 17:00" in office.passes("2026-01-05T13:00:01").one(OVERLOAD).summary
    assert office.receives(held("T-2", "2026-01-06T17:00", "3", 2)).firing() == set()


def test_the_work_due_first_is_what_counts_first() -> None:
    office = desk().receives(held("T-1", "2026-01-30T17:00", "100"))
    assert office.firing() == set()
    assert office.receives(held("T-2", "2026-01-05T12:00", "4")).firing() == {OVERLOAD}
    assert office.receives(gone("T-2")).firing() == set()


def test_overdue_work_takes_time_but_is_not_itself_too_much() -> None:
    office = desk().receives(held("T-1", "2026-01-05T12:00", "2")).at("2026-01-06T09:00")
    assert office.firing() == set(), "it was late at noon, and nothing else is to be done"
    office.receives(held("T-2", "2026-01-06T17:00", "6"))
    assert office.firing() == set()
    assert office.receives(held("T-2", "2026-01-06T17:00", "6.01", 2)).firing() == {OVERLOAD}


def test_it_ends_when_the_due_time_is_over() -> None:
    office = desk().receives(held("T-1", "2026-01-05T10:00", "2"))
    assert office.firing() == {OVERLOAD}
    assert office.at("2026-01-05T10:01").firing() == set()


def test_work_that_is_due_far_ahead_is_looked_at_when_it_comes_near() -> None:
    office = desk(workload_horizon_days=7).receives(held("T-1", "2026-03-06T17:00", "41"))
    assert office.at("2026-02-27T17:00").firing() == set()
    assert office.at("2026-02-27T17:01").firing() == {OVERLOAD}


def test_tasks_without_hours_or_due_time_are_only_counted() -> None:
    office = desk().receives(held("T-1", "2026-01-05T09:01"), held("T-2", hours="1000"))
    assert office.at("2026-06-01").firing() == set()


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_facts_in_any_order_leave_the_same_workload(rng: random.Random) -> None:
    facts = [held("T-1", "2026-01-05T17:00", "5"), held("T-1", "2026-01-05T17:00", "2", 2), gone("T-1", 3)]
    facts += [held("T-2", "2026-01-05T17:00", "3"), gone("T-3", 2), held("T-3"), held("T-4", "2026-01-06T17:00", "14")]
    rng.shuffle(facts)
    office = desk().receives(*facts)
    state = office.state("workload/E-7")
    assert (state.held, set(state.tasks)) == (2, {"T-2", "T-4"})
    assert office.firing() == {OVERLOAD}


def test_tasks_of_many_keys_meet_at_their_person() -> None:
    """From management's own events, each task in a partition of its own."""
    office = Office(processors=[department, correlation], settings={"correlation": {"max_open_tasks": 2}})
    for n in range(3):
        task = TaskDelegated(by="boss", to="E-7", due_at=datetime.fromisoformat("2026-06-01T12:00:00+00:00"))
        office.receives((f"task/T-{n}", task))
    found = office.one(OVERLOAD)
    assert (found.about.subject, len(found.evidence)) == ("workload/E-7", 3)
    assert office.receives(("task/T-1", TaskCompleted())).firing() == set()
