"""IT: services, devices, incidents, changes and accounts, as their operators would tell it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.it import department
from processors.step import Emission
from producers.simulator import it as simulated
from producers.simulator.office import SimulatedOffice, simulate
from schemas.facts import ServiceDown, ServiceUp
from schemas.it import (
    AccountDeprovisioned,
    AccountProvisioned,
    AccountProvisionRequested,
    CapacityMeasured,
    ChangeCompleted,
    ChangeFailed,
    ChangeScheduled,
    ChangeStarted,
    DesignApproved,
    DesignRejected,
    DesignSubmitted,
    DeviceDeclared,
    FindingReviewed,
    HeartbeatReceived,
    IncidentAssigned,
    IncidentAwaiting,
    IncidentClosed,
    IncidentOpened,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    IncidentUpdated,
    ITEvent,
    OutageDetected,
    OutageResolved,
    OutageUpdated,
    QualityMeasured,
    ServiceDeclared,
    UpgradeDue,
    UpgradePerformed,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

MONDAY = "2026-01-05"


def it_office(**settings: Any) -> Office:
    """IT alone, from Monday, 5 January 2026; working hours 9 to 17, UTC."""
    return Office(processors=[department], settings={"it": settings} if settings else None)


def says(subject: str, *events: ITEvent) -> list[Emission]:
    return [Emission(subject, event) for event in events]


def vpn(*events: ITEvent) -> list[Emission]:
    return says("service/vpn", *events)


def incident(*events: ITEvent) -> list[Emission]:
    return says("incident/INC-7", *events)


def on_monday(clock: str) -> str:
    return f"{MONDAY}T{clock}"


def why_resolved(office: Office, rule: str) -> list[str]:
    return [s.because for s in office.signals(rule) if isinstance(s, ConditionResolved)]


def times_fired(office: Office, rule: str) -> int:
    return sum(isinstance(s, ConditionFired) for s in office.signals(rule))


# Outages


def down(since: str = "09:00", outage: str = "OUT-1", **fields: Any) -> OutageDetected:
    return OutageDetected(outage=outage, since=instant(on_monday(since)), **fields)


def up(until: str = "10:30", outage: str = "OUT-1") -> OutageResolved:
    return OutageResolved(outage=outage, until=instant(on_monday(until)))


@pytest.mark.parametrize(
    ("impact", "severity"), [("complete", "critical"), ("partial", "error"), ("degraded", "warning")]
)
def test_a_service_that_is_down_is_as_severe_as_its_impact(impact: str, severity: str) -> None:
    office = it_office().at(on_monday("09:01")).receives(*vpn(down(impact=impact)))
    assert office.one("it.outage").severity == severity


def test_an_outage_ends_with_the_time_it_took_to_restore() -> None:
    office = it_office().at(on_monday("09:01")).receives(*vpn(down("09:00")))
    office.at(on_monday("10:31")).receives(*vpn(up("10:30")))
    assert office.firing() == set()
    assert why_resolved(office, "it.outage") == ["it works again after 1 h 30 min"]


def test_an_outage_gets_worse_within_the_same_alert() -> None:
    office = it_office().at(on_monday("09:01")).receives(*vpn(down(impact="degraded")))
    office.receives(*vpn(OutageUpdated(outage="OUT-1", impact="complete")))
    assert [c.severity for c in office.signals("it.outage") if isinstance(c, ConditionFired)] == ["warning", "critical"]


def test_a_service_with_two_outages_is_down_until_both_are_over() -> None:
    office = it_office().at(on_monday("09:10")).receives(*vpn(down("09:00"), down("09:05", "OUT-2")))
    office.receives(*vpn(up("09:20")))
    assert office.firing() == {"it.outage"}
    office.receives(*vpn(up("09:30", "OUT-2")))
    assert office.firing() == set()


def test_an_outage_names_the_services_that_need_this_one() -> None:
    office = it_office()
    for dependent in ("crm", "erp"):
        office.receives(
            (f"service/{dependent}", ServiceDeclared(category="application", dependencies=("vpn",))),
        )
    office.receives(("service/erp", ServiceDeclared(category="application")))
    office.receives(*vpn(down()))
    assert office.one("it.outage").annotations["downstream"] == "crm"


def test_an_outage_whose_end_was_told_first_never_alerts_and_is_published_whole() -> None:
    office = it_office().at(on_monday("11:00")).receives(*vpn(up("10:30"), down("09:00")))
    assert office.signals() == []
    (fact,) = office.said(ServiceDown, ServiceUp)
    assert isinstance(fact, ServiceUp)
    assert (fact.since, fact.until) == (instant(on_monday("09:00")), instant(on_monday("10:30")))


def test_each_change_of_an_outages_interval_is_published_with_a_higher_revision() -> None:
    office = it_office().at(on_monday("11:00")).receives(*vpn(down("09:00"), up("10:30")))
    office.receives(*vpn(OutageUpdated(outage="OUT-1", since=instant(on_monday("08:00"))), up("10:30")))
    facts = [(type(f).__name__, f.revision) for f in office.said(ServiceDown, ServiceUp)]  # type: ignore[attr-defined]
    assert facts == [("ServiceDown", 1), ("ServiceUp", 2), ("ServiceUp", 3)]


# Flapping


def flaps(office: Office, *minutes: int) -> Office:
    """Each outage begins at 9 o'clock and so many minutes, and lasts two."""
    for n, minute in enumerate(minutes):
        begin = instant(on_monday("09:00")) + timedelta(minutes=minute)
        end = begin + timedelta(minutes=2)
        office.at(begin).receives(*vpn(OutageDetected(outage=f"OUT-{n}", since=begin)))
        office.at(end).receives(*vpn(OutageResolved(outage=f"OUT-{n}", until=end)))
    return office


@pytest.mark.parametrize(("last", "expected"), [(60, {"it.flapping", "it.outage"}), (61, set())])
def test_five_outages_within_an_hour_are_flapping(last: int, expected: set[str]) -> None:
    assert flaps(it_office(), 0, 10, 20, 30, last).firing() == expected


def test_four_outages_are_not() -> None:
    assert flaps(it_office(), 0, 10, 20, 30).firing() == set()


def test_while_it_flaps_its_outages_are_one_alert_until_it_was_quiet_for_an_hour() -> None:
    office = flaps(it_office(), 0, 5, 10, 15, 20, 25, 30)
    assert office.firing() == {"it.flapping", "it.outage"}
    assert times_fired(office, "it.outage") == 5
    office.passes(on_monday("10:32"))
    assert office.firing() == {"it.flapping", "it.outage"}
    office.passes(on_monday("10:33"))
    assert office.firing() == set()


def test_a_service_that_stays_down_is_no_longer_flapping_but_still_down() -> None:
    office = flaps(it_office(), 0, 5, 10, 15).at(on_monday("09:20")).receives(*vpn(down("09:20", "OUT-9")))
    assert office.firing() == {"it.flapping", "it.outage"}
    assert office.passes(on_monday("12:00")).firing() == {"it.outage"}


# Measurements


def full(percent: int | str, resource: str = "disk") -> CapacityMeasured:
    return CapacityMeasured(resource=resource, used_percent=Decimal(percent))


def test_a_disk_above_85_percent_for_15_minutes_is_too_full_and_below_80_it_is_not() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90)))
    assert office.at(on_monday("09:15")).firing() == set()
    assert office.at("2026-01-05T09:15:01").firing() == {"it.capacity"}
    assert office.receives(*vpn(full(80))).firing() == {"it.capacity"}
    assert office.at(on_monday("09:30")).receives(*vpn(full("79.9"))).firing() == set()


def test_a_measure_exactly_15_minutes_later_decides() -> None:
    still = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:15"))
    assert still.receives(*vpn(full(90))).firing() == {"it.capacity"}
    again = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:15"))
    assert again.receives(*vpn(full(85))).passes(on_monday("12:00")).firing() == set()


def test_exactly_85_percent_is_not_above_it() -> None:
    office = it_office().receives(*vpn(full(85)))
    assert office.passes("2026-01-06").firing() == set()


def test_a_late_measure_changes_nothing() -> None:
    office = it_office().at(on_monday("09:10")).receives(*vpn(full(90)))
    office.receives(*vpn(full(10)), time=on_monday("09:05"))
    assert office.passes(on_monday("10:00")).firing() == {"it.capacity"}


def fills(office: Office, hours: int, per_hour: str) -> Office:
    """From 40 % on Tuesday at midnight, measured every hour."""
    for hour in range(hours):
        at = instant("2026-01-06") + timedelta(hours=hour)
        office.at(at).receives(*vpn(full(str(40 + hour * Decimal(per_hour)))))
    return office


def test_a_disk_that_fills_steadily_is_told_of_a_week_ahead() -> None:
    office = fills(it_office(), hours=24, per_hour="0.5")
    assert office.firing() == set()
    office = fills(it_office(), hours=25, per_hour="0.5")
    assert (office.one("it.capacity").severity, office.firing()) == ("info", {"it.capacity"})


def test_a_disk_that_fills_slowly_is_not() -> None:
    assert fills(it_office(), hours=48, per_hour="0.1").firing() == set()


def lost(percent: int | str) -> QualityMeasured:
    return QualityMeasured(measure="loss", value=Decimal(percent))


TELECOM = ServiceDeclared(category="telecom", max_loss_percent=Decimal(1))


def test_a_telecom_line_beyond_its_limit_for_15_minutes() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(TELECOM, lost(2)))
    assert office.at(on_monday("09:15")).firing() == set()
    office.at(on_monday("09:16"))
    assert office.one("it.telecom_quality").identity == {"measure": "loss"}
    assert office.receives(*vpn(lost(1))).firing() == set()


def test_a_line_back_inside_its_limit_in_time_and_one_without_a_limit_are_quiet() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(TELECOM, lost(2)))
    office.at(on_monday("09:15")).receives(*vpn(lost(1)))
    office.receives(("service/mail", lost(50)))
    assert office.passes("2026-01-06").firing() == set()


def test_a_limit_that_is_taken_away_ends_the_alert() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(TELECOM, lost(2))).at(on_monday("09:16"))
    assert office.receives(*vpn(ServiceDeclared(category="telecom"))).firing() == set()


# Upgrades and designs

PATCH = UpgradeDue(upgrade="PATCH-1", due_on=date(2026, 1, 7))


def test_an_upgrade_is_overdue_when_its_day_is_over() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-08")
    assert office.firing() == set()
    assert office.at("2026-01-08T00:00:01").one("it.upgrade_overdue").identity == {"upgrade": "PATCH-1"}
    assert office.receives(*vpn(UpgradePerformed(upgrade="PATCH-1"))).firing() == set()


def test_an_upgrade_performed_before_its_due_date_was_told_is_not_owed() -> None:
    office = it_office().receives(*vpn(UpgradePerformed(upgrade="PATCH-1"), PATCH))
    assert office.at("2026-01-20").firing() == set()


def test_an_upgrade_gets_a_later_date() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-09")
    office.receives(*vpn(UpgradeDue(upgrade="PATCH-1", due_on=date(2026, 1, 12))))
    assert office.firing() == set()
    assert office.at("2026-01-14").firing() == {"it.upgrade_overdue"}


def waived(until: str | None = None, outcome: str = "waived") -> FindingReviewed:
    told = {"rule": "it.upgrade_overdue", "identity": {"upgrade": "PATCH-1"}, "by": "E-1", "outcome": outcome}
    return FindingReviewed.model_validate({**told, "until": until})


def test_an_upgrade_that_is_waived_is_quiet_for_as_long_as_that_holds() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-09").receives(*vpn(waived("2026-01-20T00:00:00Z")))
    assert office.firing() == set()
    assert office.at("2026-01-19").firing() == set()
    assert office.at("2026-01-21").firing() == {"it.upgrade_overdue"}


def test_an_upgrade_waived_ahead_is_not_asked_for_early() -> None:
    office = it_office().receives(*vpn(PATCH)).receives(*vpn(waived("2026-01-06T00:00:00Z")))
    assert office.at("2026-01-07T12:00").firing() == set()
    assert office.at("2026-01-09").firing() == {"it.upgrade_overdue"}


def test_a_finding_that_is_confirmed_stays() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-09").receives(*vpn(waived(outcome="confirmed")))
    assert office.firing() == {"it.upgrade_overdue"}


@pytest.mark.parametrize("decision", [DesignApproved, DesignRejected])
def test_a_design_is_decided_within_ten_business_days(decision: Any) -> None:
    office = it_office().at(on_monday("10:00")).receives(*vpn(DesignSubmitted(design="DSN-1")))
    assert office.at("2026-01-19T17:00").firing() == set()
    assert office.at("2026-01-19T17:01").firing() == {"it.design_overdue"}
    assert office.receives(*vpn(decision(design="DSN-1", by="E-1"))).firing() == set()


def test_a_design_decided_in_time_is_quiet_and_waits_again_when_submitted_again() -> None:
    office = it_office().at(on_monday("10:00")).receives(*vpn(DesignSubmitted(design="DSN-1")))
    office.at("2026-01-12").receives(*vpn(DesignRejected(design="DSN-1", by="E-1"), DesignSubmitted(design="DSN-1")))
    assert office.at("2026-01-23").firing() == set()
    assert office.at("2026-01-27").firing() == {"it.design_overdue"}


# Devices


def test_a_device_silent_for_three_intervals_is_lost_until_it_is_heard() -> None:
    router = "device/router"
    office = it_office().at(on_monday("09:00")).receives((router, DeviceDeclared(heartbeat_seconds=60)))
    office.at("2026-01-05T09:00:30").receives((router, HeartbeatReceived()))
    assert office.at("2026-01-05T09:03:30").firing() == set()
    assert office.at("2026-01-05T09:03:31").firing() == {"it.heartbeat_missed"}
    assert office.receives((router, HeartbeatReceived())).firing() == set()


def test_a_device_never_heard_counts_from_its_declaration_and_one_retired_is_quiet() -> None:
    router = "device/router"
    office = it_office().at(on_monday("09:00")).receives((router, DeviceDeclared(heartbeat_seconds=60)))
    assert office.at(on_monday("09:04")).firing() == {"it.heartbeat_missed"}
    assert office.receives((router, DeviceDeclared(heartbeat_seconds=None))).firing() == set()
    assert office.passes("2026-01-06").firing() == set()


def test_a_device_whose_clock_is_ahead_does_not_seem_alive_for_longer() -> None:
    router = "device/router"
    office = it_office().at(on_monday("09:00")).receives((router, DeviceDeclared(heartbeat_seconds=60)))
    office.receives((router, HeartbeatReceived()), time="2030-01-01")
    assert office.at(on_monday("09:04")).firing() == {"it.heartbeat_missed"}


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


# Changes and accounts

WINDOW = ChangeScheduled(service="vpn", starts_at=instant(on_monday("20:00")), ends_at=instant(on_monday("22:00")))


def change(*events: ITEvent) -> list[Emission]:
    return says("change/CHG-1", *events)


@pytest.mark.parametrize("end", [ChangeCompleted(), ChangeFailed(rolled_back=True)])
def test_a_change_that_runs_over_its_planned_end(end: ITEvent) -> None:
    office = it_office().receives(*change(WINDOW)).at(on_monday("20:00")).receives(*change(ChangeStarted()))
    assert office.at(on_monday("22:00")).firing() == set()
    assert office.at(on_monday("22:01")).firing() == {"it.change_overrun"}
    assert office.receives(*change(end)).firing() == set()


def test_a_change_that_never_began_cannot_run_over_and_one_given_more_time_does_not() -> None:
    office = it_office().receives(*change(WINDOW))
    assert office.at("2026-01-06").firing() == set()
    office.receives(*change(ChangeStarted()))
    later = WINDOW.model_copy(update={"ends_at": instant("2026-01-06T03:00")})
    assert office.receives(*change(later)).firing() == set()
    assert office.at("2026-01-06T03:01").firing() == {"it.change_overrun"}


def account(*events: ITEvent) -> list[Emission]:
    return says("account/jdoe", *events)


def test_an_account_is_there_one_business_day_after_it_was_asked_for() -> None:
    office = it_office().at("2026-01-09T10:00").receives(*account(AccountProvisionRequested(person="E-1")))
    assert office.at("2026-01-12T17:00").firing() == set()
    assert office.at("2026-01-12T17:01").firing() == {"it.provisioning_overdue"}
    assert office.receives(*account(AccountProvisioned())).firing() == set()


def test_an_account_is_there_when_its_owners_first_day_begins() -> None:
    asked = AccountProvisionRequested(person="E-1", starts_on=date(2026, 1, 6))
    office = it_office().at(on_monday("16:00")).receives(*account(asked))
    assert office.at("2026-01-06").firing() == set()
    assert office.at("2026-01-06T00:01").firing() == {"it.provisioning_overdue"}


def test_an_account_that_is_there_in_time_or_no_longer_needed_is_quiet() -> None:
    asked = AccountProvisionRequested(person="E-1")
    office = it_office().at(on_monday("10:00")).receives(*account(asked, AccountProvisioned()))
    office.receives(("account/two", asked), ("account/two", AccountDeprovisioned()))
    assert office.at("2026-01-30").firing() == set()


def test_a_request_told_after_its_account_was_provisioned_waits_for_nothing() -> None:
    office = it_office().at(on_monday("10:00")).receives(*account(AccountProvisioned()))
    office.receives(*account(AccountProvisionRequested(person="E-1")), time=on_monday("09:00"))
    assert office.at("2026-01-30").firing() == set()


# The simulated office


@pytest.mark.parametrize(("seed", "days"), [(1, 5), (2, 1), (3, 8)])
def test_the_simulated_weeks_raise_the_alerts_they_promise_and_no_others(seed: int, days: int) -> None:
    simulation = simulate(SimulatedOffice(seed=seed, days=days), [simulated.life])
    office = Office(processors=[department, correlation])
    for said in simulation.said:
        office.at(said.at).receives((said.subject, said.event), id=said.id)
    office.at(simulation.office.end)
    raised = {
        (s.rule, s.about.subject, tuple(sorted(s.identity.items()))): isinstance(s, ConditionResolved)
        for s in office.signals()
    }
    promised = {(e.rule, e.subject, tuple(sorted(e.identity.items()))): e.resolved for e in simulation.expected}
    assert raised == promised
    assert office.dead_letters == []
