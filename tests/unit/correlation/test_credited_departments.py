"""Deadline credit in Health, Finance and management: records, applications and tasks that need a service."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.finance import department as finance
from processors.departments.health import department as health
from processors.departments.it import department as it
from processors.departments.management import department as management
from schemas.envelope import Event
from schemas.finance import ApplicationDecided, ApplicationReopened, ApplicationSubmitted
from schemas.health import RecordRequestCancelled, RecordRequested
from schemas.it import OutageDetected, OutageResolved, OutageUpdated
from schemas.management import TaskAccepted, TaskCompleted, TaskDelegated, TaskReopened
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

MONDAY, TUESDAY, WEDNESDAY = "2026-01-05", "2026-01-06", "2026-01-07"
SECOND, MONTH = timedelta(seconds=1), timedelta(days=30)


@dataclass(frozen=True)
class Case:
    """A deadline that needs `svc`, asked for on Monday at 10:00, and an outage of it that counts."""

    rule: str
    subject: str
    asked: Event
    due: str
    down: tuple[str, str]
    later: str
    """When it is due with that outage."""
    kept: Event

    @property
    def said(self) -> tuple[str, Event]:
        return self.subject, self.asked


CASES = {
    "record": Case(
        "health.retrieval_overdue",
        "patient/P-1",
        RecordRequested(request="REQ-1", by="E-1", needs_service="svc"),
        f"{MONDAY}T10:30",
        (f"{MONDAY}T10:10", f"{MONDAY}T10:25"),
        f"{MONDAY}T10:45",
        RecordRequestCancelled(request="REQ-1"),
    ),
    "application": Case(
        "finance.application_overdue",
        "application/L-1",
        ApplicationSubmitted(product="loan", needs_service="svc"),
        "2026-02-04T10:00",
        ("2026-01-10T22:00", "2026-01-11T03:30"),  # by night, at a weekend: its days have 24 hours
        "2026-02-04T15:30",
        ApplicationDecided(outcome="approved", by="bob"),
    ),
    "task": Case(
        "management.task_overdue",
        "task/T-1",
        TaskDelegated(by="boss", to="A", due_at=instant(f"{TUESDAY}T16:00"), needs_service="svc"),
        f"{TUESDAY}T16:00",
        (f"{MONDAY}T16:30", f"{TUESDAY}T10:00"),  # half an hour and an hour of working time
        f"{WEDNESDAY}T09:30",
        TaskCompleted(),
    ),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def asked(case: Case) -> Office:
    office = Office(processors=[it, health, finance, management, correlation]).at(f"{MONDAY}T10:00")
    office.receives(case.said)
    return office.receives(("task/T-1", TaskAccepted(by="A"))) if case.subject.startswith("task/") else office


def detected(since: str, service: str = "svc") -> tuple[str, Event]:
    return f"service/{service}", OutageDetected(outage="OUT-1", since=instant(since))


def resolved(until: str, service: str = "svc") -> tuple[str, Event]:
    return f"service/{service}", OutageResolved(outage="OUT-1", until=instant(until))


def corrected(**told: str) -> tuple[str, Event]:
    times: dict[str, Any] = {name: instant(when) for name, when in told.items()}
    return "service/svc", OutageUpdated(outage="OUT-1", **times)


def assert_due(office: Office, rule: str, due: str) -> None:
    """Not one second earlier, and not one later."""
    assert rule not in office.at(instant(due)).firing()
    office.at(instant(due) + SECOND)
    assert rule in office.firing()
    assert office.one(rule).due == instant(due)


@cases
def test_overdue_at_deadline_plus_overlap_and_not_one_second_earlier(case: Case) -> None:
    since, until = case.down
    office = asked(case).at(since).receives(detected(since)).at(until).receives(resolved(until))
    assert_due(office, case.rule, case.later)
    assert office.receives((case.subject, case.kept)).firing() == set()
    assert office.dead_letters == []


@cases
def test_without_an_outage_and_with_another_services_nothing_moves(case: Case) -> None:
    assert_due(asked(case), case.rule, case.due)
    since, until = case.down
    office = asked(case).at(until).receives(detected(since, "mail"), resolved(until, "mail"))
    assert_due(office, case.rule, case.due)


@cases
def test_while_the_outage_lasts_it_is_not_overdue(case: Case) -> None:
    since = case.down[0]
    office = asked(case).at(since).receives(detected(since))
    assert case.rule not in office.at(instant(case.due) + MONTH).firing()


@cases
def test_an_outage_told_after_the_alert_ends_it_and_says_why(case: Case) -> None:
    since, until = case.down
    office = asked(case).at(instant(case.due) + SECOND)
    assert office.firing() == {case.rule}
    assert case.rule not in office.receives(detected(since)).firing()
    (why,) = [s.because for s in office.signals(case.rule) if isinstance(s, ConditionResolved)]
    assert why == "outage OUT-1 of svc gives it time while it lasts"
    assert_due(office.receives(resolved(until)), case.rule, case.later)


@cases
def test_an_outage_that_was_none_gives_the_time_back(case: Case) -> None:
    since, until = case.down
    office = asked(case).at(until).receives(detected(since), resolved(until), corrected(until=since))
    assert_due(office, case.rule, case.due)


@cases
def test_a_correction_that_shows_it_was_overdue_after_all_says_so(case: Case) -> None:
    since, until = case.down
    office = asked(case).at(until).receives(detected(since), resolved(until)).at(instant(case.due) + SECOND)
    assert office.firing() == set()
    office.receives(corrected(until=since)).at(instant(case.due) + 2 * SECOND)
    assert office.firing() == {case.rule}


@cases
def test_the_outage_and_the_asking_may_be_told_in_any_order_and_twice(case: Case) -> None:
    since, until = case.down
    office = Office(processors=[it, health, finance, management, correlation]).at(until)
    office.receives(detected(since), resolved(until))
    for _ in range(2):
        office.receives(case.said, time=f"{MONDAY}T10:00")
    assert_due(office, case.rule, case.later)


@cases
def test_one_that_is_kept_hears_of_nothing_more(case: Case) -> None:
    since, until = case.down
    office = asked(case).receives((case.subject, case.kept)).at(until).receives(detected(since), resolved(until))
    assert not office.state(case.subject).needs
    assert [s for s in office.at("2026-12-31").signals(case.rule) if isinstance(s, ConditionFired)] == []


def test_an_overdue_record_that_turns_out_to_need_the_service_has_more_time() -> None:
    case = CASES["record"]
    plain = RecordRequested(request="REQ-1", by="E-1")
    office = Office(processors=[it, health, correlation]).at(f"{MONDAY}T10:00").receives((case.subject, plain))
    office.receives(detected(f"{MONDAY}T10:00")).at(f"{MONDAY}T10:40").receives(resolved(f"{MONDAY}T10:40"))
    assert office.firing() == {case.rule}
    assert office.receives(case.said, time=f"{MONDAY}T10:00").firing() == set()
    assert_due(office, case.rule, f"{MONDAY}T11:10")


def test_a_task_is_an_error_a_working_day_after_the_time_it_was_given() -> None:
    case = CASES["task"]
    since, until = case.down
    office = asked(case).at(until).receives(detected(since), resolved(until))
    assert office.at("2026-01-08T09:30").one(case.rule).severity == "warning"
    assert office.at("2026-01-08T09:30:01").one(case.rule).severity == "error"


def test_a_task_that_is_reopened_and_a_decision_taken_back_need_the_service_again() -> None:
    task, since = CASES["task"], f"{TUESDAY}T10:00"
    office = asked(task).receives((task.subject, task.kept), (task.subject, TaskReopened()))
    office.at(since).receives(detected(since)).at(f"{TUESDAY}T11:00").receives(resolved(f"{TUESDAY}T11:00"))
    assert_due(office, task.rule, f"{TUESDAY}T17:00")
    loan, since = CASES["application"], "2026-01-20T10:00"
    office = asked(loan).receives((loan.subject, loan.kept)).at("2026-01-15T10:00")
    office.receives((loan.subject, ApplicationReopened())).at(since).receives(detected(since))
    assert_due(office.at("2026-01-20T12:00").receives(resolved("2026-01-20T12:00")), loan.rule, "2026-02-14T12:00")
