"""The whole simulated office: what is planted across departments is found, and nothing else."""

import pytest

from producers.simulator import LIVES, SimulatedOffice, Simulation, simulate
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

ACROSS = {
    "outage explains complaints": "correlation.outage_explains_complaints",
    "deadline credit": "management.task_overdue",
    "approver eligibility": "accounting.approver_ineligible",
    "duties across departments": "accounting.duties_across_departments",
    "attributed silence": "correlation.stream_silent",
    "break-glass plausibility": "health.emergency_access_implausible",
    "impact ledger": "correlation.impact",
    "orphaned reports": "hr.orphaned_reports",
    "access after termination": "hr.access_after_termination",
    "duplicate person": "hr.duplicate_person",
    "change in a freeze": "it.change_collision",
    "suspected change": "it.change_suspect",
    "overload": "management.overload",
    "repeated complaints": "front_office.repeat_complaints",
    "surge": "front_office.surge",
}
"""What one log of all departments shows, and the rule that says so."""


def lived(simulation: Simulation, partitions: int) -> Office:
    """An office in memory, after the simulation's days."""
    office = Office(partitions=partitions, settings={name: dict(told) for name, told in simulation.settings.items()})
    for said in simulation.said:
        office.at(said.at).receives((said.subject, said.event), id=said.id)
    return office.at(simulation.office.end)


@pytest.mark.parametrize(("seed", "days", "partitions"), [(1, 5, 2), (2, 1, 3), (3, 12, 5)])
def test_the_simulated_office_raises_the_alerts_it_promises_and_no_others(
    seed: int, days: int, partitions: int
) -> None:
    _raises_what_it_promises(SimulatedOffice(seed=seed, days=days), partitions)


def test_so_does_a_large_one() -> None:
    _raises_what_it_promises(SimulatedOffice(days=2, employees=1_000, vendors=100, customers=300), partitions=2)


def _raises_what_it_promises(simulated: SimulatedOffice, partitions: int) -> None:
    simulation = simulate(simulated, LIVES.values())
    office = lived(simulation, partitions)
    raised = {
        (s.rule, s.about.subject, tuple(sorted(s.identity.items()))): isinstance(s, ConditionResolved)
        for s in office.signals()
    }
    promised = {(e.rule, e.subject, tuple(sorted(e.identity.items()))): e.resolved for e in simulation.expected}
    assert raised == promised
    assert office.dead_letters == []


def test_a_week_shows_everything_that_only_one_log_of_all_departments_can() -> None:
    """The week of `make demo`: each part of the cross-department table."""
    planted = {expected.rule for expected in simulate(SimulatedOffice(), LIVES.values()).expected}
    assert {what for what, rule in ACROSS.items() if rule not in planted} == set()


def test_what_leaves_no_alert_of_its_own_happens_in_the_week_all_the_same() -> None:
    office = lived(simulate(SimulatedOffice(), LIVES.values()), partitions=2)
    overdue = [s for s in office.signals() if isinstance(s, ConditionFired) and s.rule == "management.task_overdue"]
    credited = {s.about.subject: s.due for s in overdue}
    assert "task/T-PATIENT" not in credited, "due at 10:30, but the hour and a half of the outage was given to it"
    assert credited["task/T-TARDY"] == instant("2026-03-02T12:00")

    frozen = [s.about.subject for s in office.signals() if s.rule == "it.change_collision"]
    assert "freeze/all" in frozen

    (silence,) = [a for a in office.alerts().values() if a.rule == "correlation.stream_silent"]
    assert silence.status == "firing"
    assert silence.suppressed, "its bridge is down"
