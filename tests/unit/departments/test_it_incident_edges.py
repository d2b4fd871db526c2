"""Incidents and outages at the edges: what alerts say, what is heard late or twice, and which records count."""

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
    OutageDetected,
    OutageResolved,
    OutageSuspected,
    OutageUpdated,
    ServiceDeclared,
)
from schemas.signals import ConditionFired
from tests.office import Office, instant
from tests.unit.departments.telling_it import incident, it_office, on_monday, times_fired, vpn, why_resolved

RESPONSE, RESTORE = "it.sla_response", "it.sla_restore"
BOUNCING, MAJOR, OUTAGE, FLAPPING = "it.incident_bouncing", "it.major_incident", "it.outage", "it.flapping"


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


# Outages


def down(since: str = "09:00", outage: str = "O-1", **fields: Any) -> OutageDetected:
    return OutageDetected(outage=outage, since=on(since), **fields)


def up(until: str = "10:00", outage: str = "O-1") -> OutageResolved:
    return OutageResolved(outage=outage, until=on(until))


def suspected(change: str, revision: int = 1, holds: bool = True, outage: str = "O-1") -> OutageSuspected:
    return OutageSuspected(outage=outage, change=change, changed="core", holds=holds, revision=revision)


def test_an_outage_says_what_is_down_how_badly_and_what_stands_still_with_it() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(ServiceDeclared(category="network"), down(impact="partial")))
    alert = office.one(OUTAGE)
    assert alert.summary == "Service vpn is down for some of its users"
    assert alert.labels == {"impact": "partial", "category": "network"}
    assert alert.annotations == {"outages": "O-1", "downstream": "none declared"}
    office.receives(*vpn(down(outage="O-2", impact="degraded")))
    assert (office.one(OUTAGE).severity, times_fired(office, OUTAGE)) == ("error", 1), "the worst of them counts"
    assert office.receives(*vpn(up())).one(OUTAGE).summary == "Service vpn is slow"


def test_an_outage_names_the_kind_of_service_from_when_that_is_declared() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(down()))
    assert office.one(OUTAGE).labels == {"impact": "complete"}
    assert office.receives(*vpn(ServiceDeclared(category="telecom"))).one(OUTAGE).labels["category"] == "telecom"
    quiet = it_office().receives(*vpn(ServiceDeclared(category="telecom")))
    assert quiet.signals() == []


def test_an_outage_names_the_changes_that_are_suspected_of_it() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(down(), suspected("CHG-2"), suspected("CHG-1")))
    assert office.one(OUTAGE).annotations["suspects"] == "CHG-1 of core, CHG-2 of core"
    assert office.one(OUTAGE).summary == "Service vpn is down; suspected: CHG-1 of core, CHG-2 of core"
    office.receives(*vpn(suspected("CHG-1", 2, holds=False), suspected("CHG-1", 2), suspected("CHG-1", 1)))
    assert office.one(OUTAGE).annotations["suspects"] == "CHG-2 of core"
    office.receives(*vpn(suspected("CHG-2", 2, holds=False)))
    assert "suspects" not in office.one(OUTAGE).annotations
    assert office.receives(*vpn(suspected("CHG-3", outage="O-9"))).one(OUTAGE).summary == "Service vpn is down"


def test_at_most_twenty_changes_are_suspected_and_what_is_over_says_nothing_more() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(down(), *(suspected(f"CHG-{n:02}") for n in range(21))))
    assert len(office.one(OUTAGE).annotations["suspects"].split(", ")) == 20
    office.receives(*vpn(suspected("CHG-19", 2, holds=False)))
    assert len(office.one(OUTAGE).annotations["suspects"].split(", ")) == 19
    said = len(office.receives(*vpn(up())).signals())
    assert len(office.receives(*vpn(suspected("CHG-18", 2, holds=False))).signals()) == said


@pytest.mark.parametrize(("said", "impact"), [("09:10", "complete"), ("09:09", "degraded")])
def test_of_two_words_of_its_impact_the_one_said_later_counts(said: str, impact: str) -> None:
    office = it_office().at(on("09:30")).receives(*vpn(down(impact="degraded")), time=on("09:10"))
    office.receives(*vpn(OutageUpdated(outage="O-1", impact="complete")), time=on(said))
    assert office.one(OUTAGE).labels == {"impact": impact}


def test_an_outage_that_began_again_after_its_end_counts_and_one_at_its_very_end_does_not() -> None:
    office = it_office().at(on("12:00")).receives(*vpn(down("09:00"), up("10:00"), down("10:00")))
    assert office.firing() == set()
    assert office.receives(*vpn(down("10:01"))).firing() == {OUTAGE}


def test_an_outage_is_remembered_for_thirty_days_after_its_end() -> None:
    for when, end in (("2026-02-04T10:00", "10:30"), ("2026-02-04T10:00:01", None)):
        office = it_office().at(on("10:00")).receives(*vpn(down(), up())).at(when)
        office.receives(*vpn(OutageUpdated(outage="O-1", until=on("10:30"))))
        outage = office.state("service/vpn").outages["O-1"]
        assert (outage.since, outage.until) == (on("09:00") if end else None, on("10:30"))


def test_a_service_flaps_within_the_window_by_when_outages_began_whatever_is_heard_first() -> None:
    office = it_office(flapping_outages=3, flapping_minutes=10).at(on("12:00"))
    office.receives(*vpn(down("09:10", "O-3"), up("09:10", "O-3"), down("09:00"), up("09:01")))
    assert office.firing() == set()
    office.receives(*vpn(down("09:05", "O-2")))
    alert = office.one(FLAPPING)
    assert (alert.severity, alert.labels) == ("warning", {})
    assert alert.summary == "Service vpn is flapping: 3 outages within 10 min"


def test_flapping_ends_when_it_was_quiet_and_the_last_turn_counts() -> None:
    office = it_office(flapping_outages=2, flapping_minutes=10).at(on("09:00")).receives(*vpn(down("09:00")))
    office.at(on("09:01")).receives(*vpn(up("09:01"))).at(on("09:02")).receives(*vpn(down("09:02", "O-2")))
    office.at(on("09:08")).receives(*vpn(up("09:08", "O-2")))
    assert office.at(on("09:18")).firing() == {OUTAGE, FLAPPING}
    assert office.at(on("09:18:01")).firing() == set()
    quiet = "it was quiet for 10 min"
    assert (why_resolved(office, FLAPPING), why_resolved(office, OUTAGE)[-1]) == ([quiet], quiet)


def test_an_outage_of_which_only_the_end_is_known_raises_nothing() -> None:
    office = it_office().at(on("11:00")).receives(*vpn(up()))
    assert (office.signals(), office.state("service/vpn").down) == ([], False)


def test_alerts_in_a_flapping_service_are_not_said_again_by_each_outage() -> None:
    office = it_office(flapping_outages=2).at(on("09:00")).receives(*vpn(down("09:00"), up("09:01"), down("09:02")))
    office.receives(*vpn(up("09:03"), down("09:04")))
    fired = [s for s in office.signals(FLAPPING) if isinstance(s, ConditionFired)]
    assert len(fired) == 1
