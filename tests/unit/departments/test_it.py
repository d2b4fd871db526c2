"""IT: devices, changes and accounts, as their operators would tell it; and a simulated week."""

from datetime import date

import pytest

from processors.correlation import correlation
from processors.departments.it import department
from processors.step import Emission
from producers.simulator import it as simulated
from producers.simulator.office import SimulatedOffice, simulate
from schemas.it import (
    AccountDeprovisioned,
    AccountProvisioned,
    AccountProvisionRequested,
    ChangeCompleted,
    ChangeFailed,
    ChangeScheduled,
    ChangeStarted,
    DeviceDeclared,
    HeartbeatReceived,
    ITEvent,
)
from schemas.signals import ConditionResolved
from tests.office import Office, instant
from tests.unit.departments.telling_it import it_office, on_monday, says

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


def test_a_request_told_after_its_account_is_gone_again_waits_for_nothing() -> None:
    office = it_office().at(on_monday("10:00")).receives(*account(AccountProvisioned(), AccountDeprovisioned()))
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


def test_a_device_at_a_site_with_a_bad_line_is_waited_for() -> None:
    patient = {"matchers": ['site="oil-rig"'], "set": {"heartbeats_missed": 10}}
    office = it_office(overrides=[patient])
    for device, site in (("r1", "oil-rig"), ("r2", "munich")):
        office.receives(*says(f"device/{device}", DeviceDeclared(heartbeat_seconds=60, site=site)))
    office.at("2026-01-05T08:05")
    assert office.ever_fired("it.heartbeat_missed") == {"r2"}
    office.at("2026-01-05T08:10:01")
    assert office.ever_fired("it.heartbeat_missed") == {"r1", "r2"}
