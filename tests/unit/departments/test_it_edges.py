"""Devices, changes, measures, upgrades and designs at the edges: what alerts say, and what just does not raise one."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from processors.step import Emission
from schemas.it import (
    CapacityMeasured,
    ChangeCancelled,
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
    ITEvent,
    QualityMeasured,
    ServiceDeclared,
    UpgradeDue,
    UpgradePerformed,
)
from schemas.signals import ConditionFired
from tests.office import Office, instant
from tests.unit.departments.telling_it import it_office, on_monday, says, times_fired, vpn, why_resolved


def fired(office: Office, rule: str) -> list[ConditionFired]:
    return [s for s in office.signals(rule) if isinstance(s, ConditionFired)]


# Devices

SILENT = "it.heartbeat_missed"


def router(*events: ITEvent) -> list[Emission]:
    return says("device/router", *events)


def test_a_silent_device_says_since_when_and_of_which_service_it_is() -> None:
    declared = DeviceDeclared(heartbeat_seconds=600, service="vpn")
    office = it_office().at(on_monday("09:00")).receives(*router(declared)).at(on_monday("09:30:01"))
    alert = office.one(SILENT)
    assert (alert.due, alert.labels) == (instant(on_monday("09:30")), {"service": "vpn"})
    assert alert.summary == "Nothing was heard of device router for 30 min"


def test_a_device_declared_again_is_heard_no_later_for_it() -> None:
    office = it_office().at(on_monday("09:00")).receives(*router(DeviceDeclared(heartbeat_seconds=60)))
    office.at(on_monday("09:02")).receives(*router(DeviceDeclared(heartbeat_seconds=120)))
    assert office.at(on_monday("09:06")).firing() == set()
    assert office.at(on_monday("09:06:01")).firing() == {SILENT}


def test_an_older_heartbeat_that_comes_late_does_not_count() -> None:
    office = it_office().at(on_monday("09:00")).receives(*router(DeviceDeclared(heartbeat_seconds=60)))
    office.at(on_monday("09:02")).receives(*router(HeartbeatReceived()))
    office.receives(*router(HeartbeatReceived()), time=on_monday("09:01"))
    assert office.at(on_monday("09:05")).firing() == set()
    assert office.at(on_monday("09:05:01")).firing() == {SILENT}


def test_a_device_heard_before_it_is_declared_is_waited_for_from_then_on() -> None:
    office = it_office().at(on_monday("09:00")).receives(*router(HeartbeatReceived())).at(on_monday("12:00"))
    assert office.firing() == set()
    office.receives(*router(DeviceDeclared(heartbeat_seconds=60))).at(on_monday("12:00:01"))
    assert office.one(SILENT).due == instant(on_monday("09:03"))


# Changes

OVERRUN = "it.change_overrun"


def change(*events: ITEvent) -> list[Emission]:
    return says("change/CHG-1", *events)


def planned(ends: str = "22:00") -> ChangeScheduled:
    return ChangeScheduled(service="vpn", starts_at=instant(on_monday("20:00")), ends_at=instant(on_monday(ends)))


def running(**settings: Any) -> Office:
    office = it_office(**settings).at(on_monday("20:00"))
    return office.receives(*change(planned(), ChangeStarted()))


def test_a_change_that_runs_over_says_of_which_service_and_since_when() -> None:
    alert = running().at(on_monday("22:00:01")).one(OVERRUN)
    assert (alert.due, alert.labels) == (instant(on_monday("22:00")), {"service": "vpn"})
    assert alert.summary == "Change CHG-1 of vpn is not over at its planned end"


def test_a_change_may_run_over_by_its_grace() -> None:
    office = running(change_grace_minutes=10)
    assert office.at(on_monday("22:10")).firing() == set()
    assert office.at(on_monday("22:10:01")).one(OVERRUN).due == instant(on_monday("22:10"))


@pytest.mark.parametrize(("ends", "left"), [("22:30", {OVERRUN}), ("22:31", set())])
def test_only_a_planned_end_to_come_ends_the_alert(ends: str, left: set[str]) -> None:
    office = running().at(on_monday("22:30")).receives(*change(planned(ends)))
    assert office.firing() == left
    assert times_fired(office, OVERRUN) == 1


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (ChangeCompleted(), "it is completed"),
        (ChangeFailed(rolled_back=False), "it is failed"),
        (ChangeCancelled(), "it is cancelled"),
    ],
)
def test_a_change_that_is_over_waits_for_nothing(end: ITEvent, says: str) -> None:
    assert why_resolved(running().at(on_monday("23:00")).receives(*change(end)), OVERRUN) == [says]
    in_time = running().at(on_monday("21:00")).receives(*change(end, planned("21:30"), ChangeStarted()))
    assert in_time.passes("2026-01-06").signals() == []


# Measures

CAPACITY, QUALITY = "it.capacity", "it.telecom_quality"


def full(percent: int | str, resource: str = "disk") -> CapacityMeasured:
    return CapacityMeasured(resource=resource, used_percent=Decimal(percent))


def test_a_disk_that_is_too_full_says_since_when_it_is_due_and_what_fills() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90), full(90, "tape"))).at(on_monday("09:15:01"))
    alerts = fired(office, CAPACITY)
    assert [alert.labels for alert in alerts] == [{"resource": "disk"}, {"resource": "tape"}]
    assert {alert.due for alert in alerts} == {instant(on_monday("09:15"))}
    assert alerts[0].summary == "disk of vpn is above 85 %"
    office.at(on_monday("10:00")).receives(*vpn(full(79)))
    assert office.one(CAPACITY).identity == {"resource": "tape"}
    assert why_resolved(office, CAPACITY) == ["it is at 79 %"]


def test_the_time_above_counts_from_the_first_measure_since_it_was_last_below() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:10")).receives(*vpn(full(84)))
    office.at(on_monday("09:12")).receives(*vpn(full(90))).at(on_monday("09:20")).receives(*vpn(full(95)))
    assert office.at(on_monday("09:27")).firing() == set()
    assert office.at(on_monday("09:27:01")).one(CAPACITY).due == instant(on_monday("09:27"))


def test_a_measure_of_the_very_instant_of_another_one_changes_nothing() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90), full(10)))
    assert office.at(on_monday("09:16")).firing() == {CAPACITY}


def test_between_the_two_limits_it_stays_as_it_is() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:16")).receives(*vpn(full(82)))
    assert office.at(on_monday("12:00")).firing() == {CAPACITY}
    assert dict(office.state("service/vpn").deadlines) == {}


def hourly(office: Office, *percents: str) -> Office:
    """Measured every hour from Tuesday at midnight on."""
    for hour, percent in enumerate(percents):
        office.at(instant("2026-01-06") + timedelta(hours=hour)).receives(*vpn(full(percent)))
    return office


def steps(begin: str, by: str, n: int) -> list[str]:
    return [str(Decimal(begin) + k * Decimal(by)) for k in range(n)]


@pytest.mark.parametrize(("by", "soon"), [("0.30", False), ("0.31", True)])
def test_a_trend_that_just_reaches_the_top_in_a_week(by: str, soon: bool) -> None:
    """From 40 %, 24 hours on: 47.2 + 7 * 7.2 = 97.6 %, or 47.44 + 7 * 7.44 = 99.52 %, and an hour later 99.83 %."""
    office = hourly(it_office(), *steps("40", by, 27))
    assert office.firing() == ({CAPACITY} if soon else set())


def test_a_forecast_says_what_it_is_taken_from() -> None:
    alert = hourly(it_office(), *steps("40", "0.5", 25)).one(CAPACITY)
    assert alert.annotations["measured"] == "52.0 %, and 12.0 points more a day, by 25 measures"
    assert (alert.severity, alert.labels, alert.due) == ("info", {"resource": "disk"}, None)
    assert alert.summary == "disk of vpn fills within 7 days if it goes on like this"


def test_a_trend_looks_at_one_measure_an_hour_of_the_last_day() -> None:
    office, begin = it_office(), instant("2026-01-06")
    for quarter in range(4 * 36):
        office.at(begin + timedelta(minutes=15 * quarter)).receives(*vpn(full("20")))
    kept = [sample.at for sample in office.state("service/vpn").resources["disk"].samples]
    assert kept == [begin + timedelta(hours=hour) for hour in range(11, 36)]


@pytest.mark.parametrize("percents", [["100"] * 30, steps("100", "-0.5", 30)])
def test_what_stays_full_or_gets_emptier_fills_nothing(percents: list[str]) -> None:
    assert hourly(it_office(capacity_above_percent=100), *percents).signals() == []


def test_two_measures_make_no_trend() -> None:
    office = it_office(capacity_forecast_hours=1)
    assert hourly(office, "40", "60").firing() == set()
    assert hourly(office, "40", "60", "80").firing() == {CAPACITY}


def test_a_disk_that_became_too_full_as_foretold_gets_worse_in_the_same_alert_and_better_again() -> None:
    office = hourly(it_office(), *steps("74", "0.4", 25)).at("2026-01-07T01:00").receives(*vpn(full(86)))
    assert office.one(CAPACITY).severity == "info"
    assert office.at("2026-01-07T01:15:01").one(CAPACITY).severity == "warning"
    office.at("2026-01-07T02:00").receives(*vpn(full(79)))
    assert office.one(CAPACITY).severity == "info"


def line(value: int | str, measure: Any = "loss") -> QualityMeasured:
    return QualityMeasured(measure=measure, value=Decimal(value))


LINE = ServiceDeclared(
    category="telecom",
    max_loss_percent=Decimal(1),
    max_jitter_ms=Decimal(30),
    max_failed_calls_percent=Decimal(2),
)


@pytest.mark.parametrize(
    ("measure", "inside", "beyond", "says"),
    [
        ("loss", "1", "1.01", "Loss of vpn is beyond its limit of 1 %"),
        ("jitter", "30", "30.1", "Jitter of vpn is beyond its limit of 30 ms"),
        ("failed_calls", "2", "2.1", "Failed calls of vpn is beyond its limit of 2 %"),
    ],
)
def test_each_measure_of_a_line_has_its_limit(measure: str, inside: str, beyond: str, says: str) -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(inside, measure)))
    assert office.at(on_monday("10:00")).firing() == set()
    office.receives(*vpn(line(beyond, measure))).at(on_monday("10:15:01"))
    alert = office.one(QUALITY)
    assert (alert.due, alert.labels, alert.summary) == (instant(on_monday("10:15")), {"measure": measure}, says)


def test_a_bad_measure_exactly_15_minutes_later_decides() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(2))).at(on_monday("09:15"))
    assert office.receives(*vpn(line(3))).firing() == {QUALITY}
    assert office.at(on_monday("10:00")).receives(*vpn(line(2))).firing() == {QUALITY}
    assert times_fired(office, QUALITY) == 1
    assert office.at(on_monday("10:01")).receives(*vpn(line(1))).firing() == set()


def test_an_older_measure_of_a_line_changes_nothing_and_neither_does_one_of_the_same_instant() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(2), line(0)))
    office.at(on_monday("09:01")).receives(*vpn(line(0)), time=on_monday("08:59"))
    assert office.at(on_monday("09:15:01")).firing() == {QUALITY}


def test_only_the_measure_whose_limit_was_taken_away_is_no_longer_watched() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(2), line(40, "jitter")))
    office.at(on_monday("09:10")).receives(*vpn(LINE.model_copy(update={"max_loss_percent": None})))
    office.at(on_monday("09:16"))
    assert office.one(QUALITY).identity == {"measure": "jitter"}
    office.receives(*vpn(LINE, line(2))).at(on_monday("09:31"))
    assert len(fired(office, QUALITY)) == 1, "it counts anew"
    assert len(fired(office.at(on_monday("09:31:01")), QUALITY)) == 2


# Upgrades and designs

UPGRADE, DESIGN = "it.upgrade_overdue", "it.design_overdue"


def due(on: str) -> UpgradeDue:
    return UpgradeDue(upgrade="P-1", due_on=date.fromisoformat(on))


def test_an_overdue_upgrade_says_its_day_and_when_that_was_over() -> None:
    alert = it_office().receives(*vpn(due("2026-01-07"))).at("2026-01-08T00:00:01").one(UPGRADE)
    assert (alert.due, alert.labels) == (instant("2026-01-08"), {"upgrade": "P-1"})
    assert alert.summary == "Upgrade P-1 of vpn was due on 2026-01-07 and is not performed"


@pytest.mark.parametrize(("on", "left"), [("2026-01-08", {UPGRADE}), ("2026-01-09", set())])
def test_only_a_date_to_come_ends_an_overdue_upgrade(on: str, left: set[str]) -> None:
    office = it_office().receives(*vpn(due("2026-01-07"))).at("2026-01-09T00:00:01")
    assert office.receives(*vpn(due(on))).firing() == left


@pytest.mark.parametrize(("again", "owed"), [("2026-02-04T08:00", False), ("2026-02-04T08:00:01", True)])
def test_that_an_upgrade_was_performed_is_remembered_for_thirty_days(again: str, owed: bool) -> None:
    office = it_office().receives(*vpn(UpgradePerformed(upgrade="P-1"))).at(again).receives(*vpn(due("2026-02-05")))
    assert (office.at("2026-02-10").firing() == {UPGRADE}) is owed


def test_an_undecided_design_says_by_when_it_was_to_be_decided() -> None:
    alert = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-19T17:00:01").one(DESIGN)
    assert (alert.due, alert.labels) == (instant("2026-01-19T17:00"), {"design": "D"})
    assert alert.summary == "Design D of vpn is not decided in 10 business days"


@pytest.mark.parametrize(
    ("decision", "says"),
    [(DesignApproved(design="D", by="E"), "it was approved"), (DesignRejected(design="D", by="E"), "it was rejected")],
)
def test_a_decision_ends_the_waiting_for_it(decision: ITEvent, says: str) -> None:
    office = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-20").receives(*vpn(decision))
    assert why_resolved(office, DESIGN) == [says]


def test_a_design_decided_before_its_submission_is_told_is_decided_and_said_twice_waits_from_the_first_time() -> None:
    decided = it_office().receives(*vpn(DesignApproved(design="D", by="E"), DesignSubmitted(design="D")))
    assert decided.at("2026-03-01").firing() == set()
    twice = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-12")
    twice.receives(*vpn(DesignSubmitted(design="D")))
    assert twice.at("2026-01-19T17:00:01").firing() == {DESIGN}


def test_the_day_of_a_submission_is_that_of_its_time_zone() -> None:
    office = it_office(calendar={"time_zone": "Asia/Tokyo"}, design_business_days=1).at(on_monday("16:00"))
    office.receives(*vpn(DesignSubmitted(design="D")))  # on Tuesday, in Tokyo
    assert office.at("2026-01-07T08:00").firing() == set()
    assert office.at("2026-01-07T08:00:01").firing() == {DESIGN}


def waived(rule: str, until: str | None, **identity: str) -> FindingReviewed:
    told = {"rule": rule, "identity": identity, "by": "E-1", "outcome": "waived", "until": until}
    return FindingReviewed.model_validate(told)


def test_a_design_that_is_waived_is_looked_at_again_once_that_lapses() -> None:
    office = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-20")
    office.receives(*vpn(waived(DESIGN, "2026-01-25T00:00:00Z", design="D")))
    assert office.firing() == set()
    assert office.at("2026-01-25T00:00").firing() == set()
    assert office.at("2026-01-25T00:00:01").one(DESIGN).due == instant("2026-01-25T00:00:00.001")


def test_a_review_of_what_it_knows_no_finding_of_changes_nothing() -> None:
    other = (
        waived("it.major_incident", None, upgrade="P-1"),
        waived(UPGRADE, "2026-02-01T00:00:00Z", design="P-1"),
        waived(UPGRADE, "2026-02-01T00:00:00Z", upgrade="P-2"),
        waived(UPGRADE, "2026-01-02T00:00:00Z", upgrade="P-1"),
    )
    office = it_office().receives(*vpn(due("2026-01-07"))).at("2026-01-09").receives(*vpn(*other))
    assert office.firing() == {UPGRADE}
    assert (office.at("2026-03-01").firing(), office.dead_letters) == ({UPGRADE}, [])


def test_a_waiver_of_a_day_to_come_without_an_end_holds_for_good() -> None:
    office = it_office().receives(*vpn(due("2026-01-07"), waived(UPGRADE, None, upgrade="P-1")))
    assert office.at("2026-03-01").signals() == []
