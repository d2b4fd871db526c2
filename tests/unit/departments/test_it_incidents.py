"""Incidents: acknowledged and restored in time, not passed around; told event by event or as snapshots."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.it import (
    FindingReviewed,
    IncidentAssigned,
    IncidentAwaiting,
    IncidentClosed,
    IncidentOpened,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    IncidentUpdated,
)
from tests.office import instant
from tests.unit.departments.telling_it import incident, it_office, on_monday

# Incidents


def opened(priority: int = 3, at: str = "09:00", **fields: Any) -> IncidentOpened:
    return IncidentOpened(opened_at=instant(on_monday(at)), priority=priority, **fields)


ASSIGNED = IncidentAssigned(group="Desk")


@pytest.mark.parametrize(
    ("priority", "due"),
    [(1, on_monday("09:15")), (2, on_monday("10:00")), (3, on_monday("13:00")), (4, on_monday("17:00"))],
)
def test_an_incident_is_acknowledged_within_its_priority(priority: int, due: str) -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened(priority)))
    assert "it.sla_response" not in office.at(due).firing()
    late = instant(due) + timedelta(seconds=1)
    assert "it.sla_response" in office.at(late).firing()
    assert office.one("it.sla_response").due == instant(due)
    office.receives(*incident(ASSIGNED))
    assert "it.sla_response" not in office.firing()
    assert office.state("incident/INC-7").response_missed


def test_one_acknowledged_in_time_is_not_missed() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened()))
    office.at(on_monday("13:00")).receives(*incident(ASSIGNED)).at(on_monday("16:00"))
    assert office.firing() == set()


def test_an_incident_is_restored_within_its_priority_in_working_hours() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened(2), ASSIGNED))
    assert office.at(on_monday("17:00")).firing() == set()
    assert office.at("2026-01-06").firing() == {"it.sla_restore"}
    assert office.receives(*incident(IncidentResolved())).firing() == set()
    assert office.state("incident/INC-7").restore_missed


def test_a_critical_one_runs_around_the_clock() -> None:
    office = it_office().at(on_monday("20:00")).receives(*incident(opened(1, "20:00"), ASSIGNED))
    assert office.at("2026-01-06").firing() == {"it.major_incident"}
    assert office.at("2026-01-06T00:00:01").firing() == {"it.major_incident", "it.sla_restore"}


def test_waiting_for_the_user_pauses_the_clock() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened(2), ASSIGNED))
    office.at(on_monday("10:00")).receives(*incident(IncidentAwaiting(awaiting="User Info")))
    office.at("2026-01-07T09:00").receives(*incident(IncidentResumed()))
    assert office.at("2026-01-07T16:00").firing() == set()
    assert office.at("2026-01-07T16:00:01").firing() == {"it.sla_restore"}


def test_a_pause_that_is_told_late_counts_from_when_it_was() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened(2), ASSIGNED))
    office.at(on_monday("15:00")).receives(*incident(IncidentAwaiting(awaiting="Vendor")), time=on_monday("11:00"))
    office.at(on_monday("15:30")).receives(*incident(IncidentResumed()), time=on_monday("13:00"))
    assert office.at("2026-01-06T11:00").firing() == set()
    assert office.at("2026-01-06T11:01").firing() == {"it.sla_restore"}


def test_a_raised_priority_has_its_own_target() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(snapshot("New", priority=3)))
    office.at(on_monday("10:00")).receives(*incident(snapshot("Active", priority=2)))
    assert office.at("2026-01-06T09:01").firing() == {"it.sla_restore"}
    assert office.state("incident/INC-7").priority_raised == 1


@pytest.mark.parametrize(("groups", "expected"), [(4, set()), (5, {"it.incident_bouncing"})])
def test_an_incident_reassigned_more_than_three_times_is_bouncing(groups: int, expected: set[str]) -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened()))
    office.receives(*incident(*(IncidentAssigned(group=f"Group {n}") for n in range(groups))))
    assert office.firing() == expected


def test_one_assigned_to_the_same_group_again_is_not_reassigned() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened(), *[ASSIGNED] * 9))
    assert office.firing() == set()


def test_a_reopened_incident_is_bouncing_until_it_is_closed() -> None:
    office = it_office().at(on_monday("09:00"))
    office.receives(*incident(opened(), ASSIGNED, IncidentResolved(), IncidentReopened()))
    assert office.one("it.incident_bouncing").identity == {"reason": "reopened"}
    office.receives(*incident(IncidentResolved()))
    assert office.firing() == {"it.incident_bouncing"}
    assert office.receives(*incident(IncidentClosed())).firing() == set()


def test_a_major_incident_ends_when_it_is_resolved_or_no_longer_critical() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened(1), ASSIGNED))
    assert office.one("it.major_incident").severity == "critical"
    assert office.receives(*incident(IncidentResolved())).firing() == set()
    other = it_office().at(on_monday("09:00")).receives(*incident(snapshot("Active", priority=1)))
    assert other.receives(*incident(snapshot("Active", priority=3))).firing() == set()


# Snapshots of a ticket system


def snapshot(state: str, at: str = "09:30", **fields: Any) -> IncidentUpdated:
    told = {"state": state, "priority": 3, "opened_at": instant(on_monday("09:00")), "updated_at": on_monday(at) + "Z"}
    return IncidentUpdated.model_validate({**told, **fields})


def test_snapshots_and_single_events_keep_the_same_clock() -> None:
    singles = it_office().at(on_monday("09:00")).receives(*incident(opened(2)))
    singles.at(on_monday("09:30")).receives(*incident(ASSIGNED))
    singles.at(on_monday("10:00")).receives(*incident(IncidentAwaiting(awaiting="User Info")))
    singles.at(on_monday("12:00")).receives(*incident(IncidentResumed()))
    updates = it_office().at(on_monday("09:00")).receives(*incident(snapshot("New", "09:00", priority=2)))
    updates.at(on_monday("09:30")).receives(*incident(snapshot("Active", "09:30", priority=2)))
    updates.at(on_monday("10:00")).receives(*incident(snapshot("Awaiting User Info", "10:00", priority=2)))
    updates.at(on_monday("12:00")).receives(*incident(snapshot("Active", "12:00", priority=2)))
    for office in (singles, updates):
        assert office.at("2026-01-06T11:00").firing() == set()
        assert office.at("2026-01-06T11:01").firing() == {"it.sla_restore"}


def test_the_outside_systems_judgement_fires_at_once_and_holds_until_the_incident_is_closed() -> None:
    office = it_office(sla="reported").at(on_monday("10:00"))
    office.receives(*incident(snapshot("Active", made_sla=False)))
    assert office.firing() == {"it.sla_restore"}
    office.receives(*incident(snapshot("Active", made_sla=True), snapshot("Resolved", made_sla=True)))
    assert office.firing() == {"it.sla_restore"}
    assert office.state("incident/INC-7").sla_recovered == 1
    office.receives(*incident(snapshot("Closed", made_sla=True)))
    assert office.firing() == set()
    assert len(office.signals("it.sla_restore")) == 2


def test_a_target_first_reported_missed_when_the_incident_is_closed_is_alerted_once_and_is_over() -> None:
    office = it_office(sla="reported").at(on_monday("10:00"))
    office.receives(*incident(snapshot("Closed", made_sla=False), snapshot("Closed", made_sla=False)))
    assert [type(s).__name__ for s in office.signals("it.sla_restore")] == ["ConditionFired", "ConditionResolved"]


def test_where_the_outside_system_is_trusted_our_own_clock_is_silent() -> None:
    office = it_office(sla="reported").at(on_monday("09:00")).receives(*incident(snapshot("New")))
    assert office.passes("2026-03-01").firing() == set()


@pytest.mark.parametrize(("outcome", "expected"), [("accepted", set()), ("confirmed", {"it.incident_bouncing"})])
def test_a_bouncing_incident_that_is_reviewed(outcome: str, expected: set[str]) -> None:
    office = it_office().at(on_monday("09:00"))
    office.receives(*incident(opened(), ASSIGNED, IncidentResolved(), IncidentReopened()))
    told = {"rule": "it.incident_bouncing", "identity": {"reason": "reopened"}, "by": "E-1", "outcome": outcome}
    office.receives(*incident(FindingReviewed.model_validate(told), IncidentAssigned(group="Network")))
    assert office.firing() == expected


def test_alerts_of_an_incident_can_be_routed_by_priority_category_and_group() -> None:
    office = it_office().at(on_monday("09:00")).receives(*incident(opened(1, category="Network"), ASSIGNED))
    office.at(on_monday("14:00"))
    assert office.one("it.sla_restore").labels == {"priority": "1", "category": "Network", "group": "Desk"}


def test_the_targets_are_settings() -> None:
    office = it_office(response_minutes_p3=10, around_the_clock=[1, 3]).at(on_monday("20:00"))
    office.receives(*incident(opened(3, "20:00")))
    assert office.at(on_monday("20:10")).firing() == set()
    assert office.at(on_monday("20:11")).firing() == {"it.sla_response"}


def test_an_incident_first_called_critical_when_it_is_already_resolved_is_alerted_once_and_is_over() -> None:
    office = it_office().at(on_monday("10:00"))
    office.receives(*incident(snapshot("Resolved", priority=1), snapshot("Closed", priority=1)))
    kinds = [type(s).__name__ for s in office.signals("it.major_incident")]
    assert kinds == ["ConditionFired", "ConditionResolved"]


def test_only_going_from_resolved_back_to_work_counts_as_reopened_by_state() -> None:
    office = it_office().at(on_monday("10:00"))
    office.receives(*incident(snapshot("Closed"), snapshot("Active")))
    assert office.state("incident/INC-7").reopenings_seen == 0
    office.receives(*incident(snapshot("Resolved"), snapshot("-100")))
    assert office.state("incident/INC-7").reopenings_seen == 1


def test_a_resolution_told_before_the_opening_stops_the_clock_when_it_was() -> None:
    office = it_office().at(on_monday("11:00")).receives(*incident(IncidentResolved(), opened(2)))
    office.at("2026-01-06T09:00").receives(*incident(IncidentReopened()))
    assert "it.sla_restore" not in office.at("2026-01-06T15:00").firing()
    assert "it.sla_restore" in office.at("2026-01-06T15:01").firing()


# Settings by label


def test_an_incident_of_a_priority_has_a_calendar_of_its_own() -> None:
    """The opening brings the priority, and is judged by it."""
    late_shift = {"matchers": ['priority=~"2|3"'], "set": {"calendar": {"closes": "22:00"}}}
    office = it_office(overrides=[late_shift]).at(on_monday("16:00")).receives(*incident(opened(3, at="16:00")))
    assert office.at(on_monday("20:00")).firing() == set()
    assert "it.sla_response" in office.at(on_monday("20:00:01")).firing()


def test_an_incident_that_is_raised_has_the_targets_of_its_new_priority() -> None:
    office = it_office(overrides=[{"matchers": ['priority="2"'], "set": {"response_minutes_p2": 5}}])
    office.at(on_monday("09:00")).receives(*incident(opened(3), opened(2)))
    assert office.at(on_monday("09:05")).firing() == set()
    assert office.at(on_monday("09:05:01")).one("it.sla_response").settings["response_minutes_p2"] == 5
