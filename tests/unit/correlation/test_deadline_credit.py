"""Deadline credit: what an outage made impossible is due later, by exactly the working time that was lost."""

import random
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.registry import processors
from processors.calendar import Calendar, CalendarSettings
from processors.correlation import correlation
from processors.departments.accounting import department as accounting
from processors.departments.credits import Credited, Lost, Need
from processors.departments.it import department as it
from schemas.accounting import AuditPlanned, AuditStep, AuditStepCompleted
from schemas.credits import Credit
from schemas.envelope import Event
from schemas.facts import DeadlineDepends
from schemas.it import (
    AccountProvisioned,
    AccountProvisionRequested,
    DeadlineCredited,
    OutageDetected,
    OutageResolved,
    OutageUpdated,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant
from tests.unit.correlation.telling import SHUFFLES

MONDAY, TUESDAY, WEDNESDAY = "2026-01-05", "2026-01-06", "2026-01-07"
RULE = "it.provisioning_overdue"
SECOND = timedelta(seconds=1)

Said = tuple[str, Event]


def detected(since: str, outage: str = "OUT-1", service: str = "directory") -> Said:
    return f"service/{service}", OutageDetected(outage=outage, since=instant(since))


def resolved(until: str, outage: str = "OUT-1", service: str = "directory") -> Said:
    return f"service/{service}", OutageResolved(outage=outage, until=instant(until))


def corrected(outage: str = "OUT-1", **told: str) -> Said:
    times = {name: instant(when) for name, when in told.items()}
    return "service/directory", OutageUpdated(outage=outage, **times)


def requested(**told: Any) -> Said:
    return "account/jdoe", AccountProvisionRequested(person="E-1", **{"needs_service": "directory", **told})


def asked_on_monday(**told: Any) -> Office:
    """An account that is due on Tuesday at 17:00; working hours are 9 to 17, UTC."""
    office = Office(processors=[it, accounting, correlation]).at(f"{MONDAY}T10:00")
    return office.receives(requested(**told))


def assert_due(office: Office, due: str, rule: str = RULE) -> None:
    """Not one second earlier, and not one later."""
    assert rule not in office.at(instant(due)).firing()
    office.at(instant(due) + SECOND)
    assert rule in office.firing()
    assert office.one(rule).due == instant(due)


def test_without_an_outage_nothing_moves() -> None:
    assert_due(asked_on_monday(), f"{TUESDAY}T17:00")


def test_overdue_at_deadline_plus_overlap_and_not_one_second_earlier() -> None:
    office = asked_on_monday().at(f"{MONDAY}T12:00").receives(detected(f"{MONDAY}T12:00"))
    office.at(f"{MONDAY}T14:30").receives(resolved(f"{MONDAY}T14:30"))
    assert_due(office, f"{WEDNESDAY}T11:30")


def test_an_outage_by_night_takes_no_working_time() -> None:
    office = asked_on_monday().at(f"{MONDAY}T20:00").receives(detected(f"{MONDAY}T18:00"))
    assert_due(office.receives(resolved(f"{MONDAY}T20:00")), f"{TUESDAY}T17:00")


def test_what_was_over_before_it_was_asked_for_does_not_count_and_the_rest_does_in_part() -> None:
    office = Office(processors=[it, correlation]).at(f"{MONDAY}T10:00")
    office.receives(detected(f"{MONDAY}T09:00", "OUT-0"), resolved(f"{MONDAY}T09:30", "OUT-0"))
    office.receives(detected(f"{MONDAY}T09:00")).receives(requested())
    assert_due(office.at(f"{MONDAY}T11:00").receives(resolved(f"{MONDAY}T11:00")), f"{WEDNESDAY}T10:00")


def test_while_it_lasts_the_deadline_does_not_pass() -> None:
    office = asked_on_monday().at(f"{TUESDAY}T16:00").receives(detected(f"{TUESDAY}T16:00"))
    assert office.at("2026-01-30").firing() == {"it.outage"}
    office.receives(resolved("2026-01-30T00:00"))
    assert_due(office, "2026-01-30T10:00")


def test_one_that_begins_after_the_deadline_changes_nothing() -> None:
    office = asked_on_monday().at(f"{WEDNESDAY}T09:00").receives(detected(f"{TUESDAY}T17:00"))
    assert RULE in office.firing()


def test_outages_that_overlap_count_once_and_one_in_the_added_time_counts_too() -> None:
    office = asked_on_monday().at(f"{MONDAY}T16:00")
    office.receives(detected(f"{MONDAY}T12:00"), resolved(f"{MONDAY}T14:00"))
    office.receives(detected(f"{MONDAY}T13:00", "OUT-2"), resolved(f"{MONDAY}T15:00", "OUT-2"))
    office.at(f"{WEDNESDAY}T11:00").receives(detected(f"{WEDNESDAY}T10:00", "OUT-3"))
    assert_due(office.receives(resolved(f"{WEDNESDAY}T11:00", "OUT-3")), f"{WEDNESDAY}T13:00")


def test_an_outage_told_after_the_alert_ends_it_and_says_why() -> None:
    office = asked_on_monday().at(f"{TUESDAY}T18:00")
    assert office.firing() == {RULE}
    office.receives(detected(f"{MONDAY}T12:00"), resolved(f"{MONDAY}T14:00"))
    assert office.firing() == set()
    (why,) = [s.because for s in office.signals(RULE) if isinstance(s, ConditionResolved)]
    assert why == "outage OUT-1 of directory gives it time while it lasts"
    assert_due(office, f"{WEDNESDAY}T11:00")


def test_a_corrected_outage_moves_it_back_and_one_that_was_none_takes_all_of_it() -> None:
    office = asked_on_monday().at(f"{MONDAY}T15:00").receives(detected(f"{MONDAY}T12:00"))
    office.receives(resolved(f"{MONDAY}T15:00")).at(f"{TUESDAY}T12:00")
    office.receives(corrected(until=f"{MONDAY}T13:00"))
    assert office.state("account/jdoe").deadlines == {"it.provisioning_overdue/due": instant(f"{WEDNESDAY}T10:00")}
    office.receives(corrected(until=f"{MONDAY}T12:00"))
    assert_due(office, f"{TUESDAY}T17:00")


def test_an_outage_that_was_over_before_it_was_asked_for_after_all() -> None:
    office = Office(processors=[it, correlation]).at(f"{MONDAY}T10:00")
    office.receives(detected(f"{MONDAY}T09:00")).receives(requested()).at(f"{MONDAY}T11:00")
    office.receives(resolved(f"{MONDAY}T11:00"), corrected(until=f"{MONDAY}T09:30"))
    assert_due(office, f"{TUESDAY}T17:00")


def test_a_correction_that_shows_it_was_overdue_after_all_says_so() -> None:
    office = asked_on_monday().at(f"{MONDAY}T15:00").receives(detected(f"{MONDAY}T12:00"))
    office.receives(resolved(f"{MONDAY}T15:00")).at(f"{TUESDAY}T18:00")
    assert office.firing() == set()
    office.receives(corrected(until=f"{MONDAY}T12:00")).at(f"{TUESDAY}T18:01")
    assert office.one(RULE).due == instant(f"{TUESDAY}T17:00")


def test_another_services_outage_and_a_request_that_needs_none_move_nothing() -> None:
    office = asked_on_monday().at(f"{MONDAY}T15:00").receives(detected(f"{MONDAY}T12:00", service="mail"))
    assert_due(office, f"{TUESDAY}T17:00")
    office = asked_on_monday(needs_service=None).at(f"{MONDAY}T15:00").receives(detected(f"{MONDAY}T12:00"))
    assert_due(office, f"{TUESDAY}T17:00")


def test_a_request_that_needs_another_service_after_all() -> None:
    office = asked_on_monday().receives(requested(needs_service="mail")).at(f"{MONDAY}T15:00")
    office.receives(detected(f"{MONDAY}T12:00"), resolved(f"{MONDAY}T15:00"))
    office.receives(detected(f"{MONDAY}T14:00", service="mail"), resolved(f"{MONDAY}T15:00", service="mail"))
    assert_due(office, f"{WEDNESDAY}T10:00")


def test_a_deadline_that_is_kept_hears_of_nothing_more() -> None:
    office = asked_on_monday().receives(("account/jdoe", AccountProvisioned())).at(f"{MONDAY}T15:00")
    office.receives(detected(f"{MONDAY}T12:00"), resolved(f"{MONDAY}T15:00"))
    assert office.said(DeadlineCredited) == []
    assert [f.withdrawn for f in office.said(DeadlineDepends) if isinstance(f, DeadlineDepends)] == [False, True]


# Audits


def planned(due_on: date, **told: Any) -> Said:
    step = AuditStep(step="kick-off", due_on=due_on, **{"needs_service": "directory", **told})
    return "audit/A-1", AuditPlanned(steps=(step, AuditStep(step="report", due_on=due_on)))


def test_an_audits_step_that_needs_the_service_moves_and_another_one_does_not() -> None:
    office = Office(processors=[it, accounting, correlation]).at(f"{MONDAY}T10:00")
    office.receives(planned(date(2026, 1, 6))).at(f"{TUESDAY}T10:00").receives(detected(f"{TUESDAY}T09:00"))
    office.receives(resolved(f"{TUESDAY}T10:00")).at(f"{TUESDAY}T17:00:01")
    late = "accounting.audit_step_overdue"
    assert office.one(late).identity == {"step": "report"}
    office.receives(("audit/A-1", AuditStepCompleted(step="report")))
    assert_due(office, f"{WEDNESDAY}T10:00", late)
    office.receives(("audit/A-1", AuditStepCompleted(step="kick-off")))
    assert office.firing() == set()


def test_an_audit_planned_anew_counts_from_its_new_plan() -> None:
    office = Office(processors=[it, accounting, correlation]).at(f"{MONDAY}T10:00").receives(planned(date(2026, 1, 6)))
    office.at(f"{MONDAY}T14:00").receives(detected(f"{MONDAY}T12:00"), resolved(f"{MONDAY}T14:00"))
    office.receives(planned(date(2026, 1, 7)), ("audit/A-1", AuditStepCompleted(step="report")))
    assert_due(office, f"{WEDNESDAY}T17:00", "accounting.audit_step_overdue")


# Whatever comes first


@pytest.mark.parametrize("seed", SHUFFLES)
def test_departments_in_any_order_and_partitions_give_the_same_deadline(seed: int) -> None:
    said: list[tuple[str, Said]] = [
        ("10:00", requested()),
        ("12:05", detected(f"{MONDAY}T12:00")),
        ("14:05", resolved(f"{MONDAY}T14:00")),
        ("15:00", corrected(until=f"{MONDAY}T13:30")),
        ("15:30", detected(f"{MONDAY}T15:00", "OUT-2")),
        ("16:05", resolved(f"{MONDAY}T16:00", "OUT-2")),
    ]
    random.Random(seed).shuffle(said)
    office = Office(processors=[it, correlation], partitions=1 + seed % 5).at(f"{MONDAY}T17:00")
    for clock, each in said:
        office.receives(each, time=f"{MONDAY}T{clock}")
    assert_due(office, f"{WEDNESDAY}T11:30")
    assert [s for s in office.signals(RULE) if isinstance(s, ConditionFired)] == office.signals(RULE)
    assert office.dead_letters == []


HOURS = Calendar.of(CalendarSettings())
WEEK = st.integers(0, 7 * 24 * 60).map(lambda minutes: instant(MONDAY) + timedelta(minutes=minutes))


@given(st.lists(st.tuples(WEEK, WEEK).map(sorted), max_size=6), WEEK, st.integers(1, 40))
def test_what_is_left_of_the_time_is_what_there_was(outages: list[list[datetime]], since: datetime, hours: int) -> None:
    """The working time until the credited deadline, without that in which the service was down, is what was given."""
    due = HOURS.add_business_time(since, timedelta(hours=hours))
    lost = {str(n): Lost(begins, ends, 1) for n, (begins, ends) in enumerate(outages)}
    credited = Need("directory", since, due, "it", lost).credited(HOURS)
    assert credited is not None
    edges = sorted({since, credited, *(edge for outage in outages for edge in outage)})
    free = [
        HOURS.business_time_between(begin, end)
        for begin, end in pairwise(edges)
        if since <= begin and end <= credited and not any(a <= begin and end <= b for a, b in outages)
    ]
    assert sum(free, timedelta()) == timedelta(hours=hours)
    assert credited >= due


def test_every_department_that_may_be_credited_has_an_event_of_its_own() -> None:
    departments = {processor.name: processor for processor in processors()}
    credited = {
        name
        for name, department in departments.items()
        if any(issubclass(aggregate.state, Credited) for aggregate in department.aggregates.values())
    }
    assert credited == {"accounting", "finance", "health", "it", "management"}
    topics = {cls.topic: cls.type for cls in Credit.__subclasses__()}
    assert topics == {f"events.{name}": f"{name}.deadline.credited" for name in credited}
