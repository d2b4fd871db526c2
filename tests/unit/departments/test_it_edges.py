"""Devices and changes at the edges: what alerts say, and what just does not raise one."""

from typing import Any

import pytest

from processors.step import Emission
from schemas.it import (
    ChangeCancelled,
    ChangeCompleted,
    ChangeFailed,
    ChangeScheduled,
    ChangeStarted,
    DeviceDeclared,
    HeartbeatReceived,
    ITEvent,
)
from tests.office import Office, instant
from tests.unit.departments.telling_it import it_office, on_monday, says, times_fired, why_resolved

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
