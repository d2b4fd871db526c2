"""Incidents at the edges: what alerts say, what is heard late or twice, and what is measured."""

from datetime import datetime
from typing import Any

import pytest

from processors.departments.it import department
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
from tests.office import Office, instant
from tests.unit.departments.telling_it import incident, it_office, on_monday, times_fired, why_resolved

RESPONSE, RESTORE = "it.sla_response", "it.sla_restore"
BOUNCING, MAJOR = "it.incident_bouncing", "it.major_incident"


def on(clock: str) -> datetime:
    return instant(on_monday(clock))


def opened(priority: int = 3, **fields: Any) -> IncidentOpened:
    return IncidentOpened(opened_at=on("09:00"), priority=priority, **fields)


def snapshot(state: str = "Active", at: str = "09:30", **fields: Any) -> IncidentUpdated:
    told = {"state": state, "priority": 3, "opened_at": on("09:00"), "updated_at": on(at)}
    return IncidentUpdated.model_validate({**told, **fields})


def to(group: str, who: str | None = None) -> IncidentAssigned:
    return IncidentAssigned(group=group, to=who)


def desk(*said: Any, **settings: Any) -> Office:
    return it_office(**settings).at(on("09:00")).receives(*incident(*said))


def known(office: Office, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(office.state("incident/INC-7"), name) for name in names)


# What alerts say


@pytest.mark.parametrize(
    ("priority", "due"),
    [(1, "2026-01-05T13:00"), (2, "2026-01-05T17:00"), (3, "2026-01-07T17:00"), (4, "2026-01-09T17:00")],
)
def test_each_priority_is_restored_within_its_target(priority: int, due: str) -> None:
    office = desk(opened(priority), to("Desk"))
    assert RESTORE not in office.at(due).firing()
    alert = office.at(f"{due}:01").one(RESTORE)
    assert (alert.due, alert.labels) == (instant(due), {"priority": str(priority), "group": "Desk"})
    assert alert.summary == f"Incident INC-7 of priority {priority} is not restored in time"


def test_an_alert_carries_the_priority_category_and_group_as_far_as_they_are_known() -> None:
    office = desk(snapshot("New", category="Network", assignment_group="Desk")).at(on("13:00:01"))
    alert = office.one(RESPONSE)
    assert alert.labels == {"priority": "3", "category": "Network", "group": "Desk"}
    assert (alert.due, alert.summary) == (on("13:00"), "Incident INC-7 of priority 3 is not acknowledged in time")
    major = desk(opened(1, category="Network"))
    assert major.one(MAJOR).labels == {"priority": "1", "category": "Network"}


@pytest.mark.parametrize(("times", "says"), [(1, "was reopened"), (2, "was reopened 2 times")])
def test_a_bouncing_incident_says_how_often(times: int, says: str) -> None:
    office = desk(opened(category="Network"), *[IncidentResolved(), IncidentReopened()] * times)
    alert = office.one(BOUNCING)
    assert (alert.summary, alert.labels["reason"], alert.labels["category"]) == (
        f"Incident INC-7 {says}",
        "reopened",
        "Network",
    )


def test_both_ways_of_bouncing_are_alerts_of_their_own_and_are_remembered() -> None:
    office = desk(opened(), to("A"), to("B"), IncidentResolved(), IncidentReopened(), bouncing_reassignments=0)
    assert {c.identity["reason"] for c in office.conditions().values()} == {"reassigned", "reopened"}
    assert known(office, "bounced") == (("reassigned", "reopened"),)
    assert office.receives(*incident(IncidentClosed())).firing() == set()
    assert set(why_resolved(office, BOUNCING)) == {"it is closed"}
    assert office.receives(*incident(to("B"))).firing() == set(), "what is closed has bounced once"


@pytest.mark.parametrize("outcome", ["accepted", "waived"])
def test_a_review_of_one_reason_leaves_the_other(outcome: str) -> None:
    office = desk(opened(), to("A"), to("B"), IncidentResolved(), IncidentReopened(), bouncing_reassignments=0)
    told = {"rule": BOUNCING, "identity": {"reason": "reassigned"}, "by": "E-1", "outcome": outcome}
    office.receives(*incident(FindingReviewed.model_validate(told), to("C")))
    assert office.one(BOUNCING).identity == {"reason": "reopened"}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (snapshot("Resolved", priority=1), "it is resolved"),
        (snapshot("Closed", priority=1), "it is closed"),
        (snapshot(priority=2), "its priority was lowered to 2"),
    ],
)
def test_a_major_incident_ends_as_it_does(said: IncidentUpdated, says: str) -> None:
    assert why_resolved(desk(snapshot(priority=1), said), MAJOR) == [says]


def test_the_outside_systems_judgement_is_told_with_its_labels() -> None:
    alert = desk(snapshot(made_sla=False, category="Network"), sla="reported").one(RESTORE)
    assert (alert.labels, alert.due) == ({"priority": "3", "category": "Network"}, None)
    assert alert.summary.endswith("has missed its target, says its own system")


# The state, and what is heard late


def test_whoever_has_it_last_is_known_and_how_often_it_was_handed_on() -> None:
    office = desk(opened(), to("A"), to("A", "E-1"), IncidentAssigned(to="E-2"), to("B"))
    assert known(office, "group", "assignee", "reassignments", "most_reassignments") == ("B", None, 3, 3)


def test_the_first_assignment_acknowledges_and_none_later_does() -> None:
    office = desk(opened(), to("A")).at(on("10:00")).receives(*incident(to("B"), IncidentAwaiting(awaiting="Vendor")))
    assert known(office, "acknowledged_at", "status") == (on("09:00"), "Awaiting Vendor")
    assert known(desk(to("A"), opened()), "status", "acknowledged_at") == ("Active", on("09:00"))


def test_a_snapshot_that_names_somebody_acknowledges_and_a_new_one_that_does_not_does_not() -> None:
    assert known(desk(snapshot("New")), "acknowledged_at") == (None,)
    assert known(desk(snapshot("New", assigned_to="E-1")), "acknowledged_at") == (on("09:30"),)
    later = desk(snapshot("New", assigned_to="E-1"), snapshot("Active", "10:00", assigned_to="E-2"))
    assert known(later, "acknowledged_at", "assignee") == (on("09:30"), "E-2")


def test_snapshots_count_as_their_own_counters_say() -> None:
    first = snapshot(reassignment_count=4, reopen_count=1, modification_count=5, location="Munich", made_sla=True)
    second = snapshot(reassignment_count=2, modification_count=4, caused_by="CHG-1", made_sla=False)
    office = desk(first, second, snapshot(modification_count=4, made_sla=True))
    names = ("reassignments", "most_reassignments", "reopenings", "modification", "modifications_out_of_order")
    assert known(office, *names) == (0, 4, 0, 4, 1)
    assert known(office, "location", "caused_by", "made_sla", "sla_recovered") == ("Munich", None, True, 1)


@pytest.mark.parametrize(
    ("priorities", "raised", "lowered"), [((3, 3), 0, 0), ((3, 2, 1), 2, 0), ((1, 2), 0, 1), ((2, 1, 2), 1, 1)]
)
def test_a_priority_is_raised_or_lowered(priorities: tuple[int, ...], raised: int, lowered: int) -> None:
    office = desk(*(snapshot(priority=priority) for priority in priorities))
    assert known(office, "priority_raised", "priority_lowered") == (raised, lowered)


def test_the_first_category_and_cause_stay() -> None:
    office = desk(opened(category="Network"), opened(category="Server"), IncidentClosed(caused_by="CHG-1"))
    office.receives(*incident(IncidentClosed()))
    assert known(office, "category", "caused_by", "closed") == ("Network", "CHG-1", True)


def test_it_was_restored_when_it_was_first_and_not_while_it_is_reopened() -> None:
    office = desk(opened()).at(on("10:00")).receives(*incident(IncidentResolved()))
    office.at(on("11:00")).receives(*incident(IncidentClosed()))
    assert known(office, "restored_at", "status") == (on("10:00"), "Closed")
    assert known(office.receives(*incident(IncidentReopened())), "restored_at", "reopenings") == (None, 1)


@pytest.mark.parametrize(("whom", "waited"), [("User Info", True), ("Vendor", False)])
def test_waiting_pauses_for_whomever_and_waiting_for_the_user_is_counted(whom: str, waited: bool) -> None:
    office = desk(opened(2), to("A")).at(on("10:00"))
    office.receives(*incident(snapshot(f"Awaiting {whom}", "10:00", priority=2, assignment_group="A")))
    office.at("2026-01-06T09:00").receives(*incident(IncidentResumed()))
    assert known(office, "awaited_user") == (waited,)
    assert office.at("2026-01-06T16:00:01").one(RESTORE).due == instant("2026-01-06T16:00")


@pytest.mark.parametrize("end", [IncidentResolved(), IncidentClosed()])
def test_the_time_between_an_end_and_a_reopening_does_not_count(end: Any) -> None:
    office = desk(opened(2), to("A")).at(on("10:00")).receives(*incident(end))
    office.at("2026-01-06T09:00").receives(*incident(IncidentReopened()))
    assert RESTORE not in office.at("2026-01-06T16:00").firing()
    assert len(office.at("2026-01-06T16:00:01").one(RESTORE).evidence) == 4


def test_an_incident_that_was_late_is_late_once() -> None:
    office = desk(opened(2), to("A")).at("2026-01-06T10:00")
    office.receives(*incident(IncidentResolved(), IncidentReopened()))
    office.at("2026-01-20")
    assert times_fired(office, RESTORE) == 1
    assert dict(office.state("incident/INC-7").deadlines) == {}


def test_what_was_done_late_ends_its_own_alert() -> None:
    office = desk(opened(2)).at("2026-01-06T10:00")
    assert office.firing() == {RESPONSE, RESTORE}
    assert office.receives(*incident(to("A"))).firing() == {RESTORE}
    assert office.receives(*incident(IncidentResolved())).firing() == set()


def test_incidents_are_measured() -> None:
    office = (
        desk(opened(1), to("A"), to("B")).at("2026-01-08").receives(*incident(IncidentAwaiting(awaiting="User Info")))
    )
    office.receives(*incident(IncidentResolved(), IncidentReopened(), IncidentClosed(caused_by="CHG-1")))
    other = (snapshot(priority=2), snapshot(priority=4, reassignment_count=5, modification_count=1, made_sla=False))
    office.receives(
        *(("incident/INC-8", each) for each in (*other, snapshot(priority=3, made_sla=True, reassignment_count=4)))
    )
    states = [(key, state) for fold in office.folds["events.it"] for key, state in fold.states().items()]
    assert {name: measure.over(states) for name, measure in department.measures.items()} == {
        "incidents_closed": {"INC-7"},
        "sla_missed": {"INC-7", "INC-8"},
        "sla_recovered": {"INC-8"},
        "sla_missed_by_priority": {"1": 1, "3": 1},
        "incidents_by_priority": {"1": 1, "3": 1},
        "most_reassignments": 5,
        "reassigned_too_often": {"INC-8"},
        "reopened_by_counter": {"INC-7"},
        "reopened_by_state": {"INC-7"},
        "priority_raised": {"INC-8"},
        "priority_lowered": {"INC-8"},
        "ever_major": {"INC-7"},
        "ever_major_and_sla_missed": {"INC-7"},
        "ever_awaited_user": {"INC-7"},
        "caused_by_change": {"INC-7"},
        "modifications_out_of_order": {"INC-8"},
    }
