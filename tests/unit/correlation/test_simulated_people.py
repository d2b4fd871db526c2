"""The whole simulated office: what is planted across departments is found, and nothing else."""

import pytest

from producers.simulator import LIVES, SimulatedOffice, simulate
from schemas.signals import ConditionResolved
from tests.office import Office

ACROSS = {
    "accounting.approver_ineligible",
    "hr.access_after_termination",
    "hr.duplicate_person",
    "hr.orphaned_reports",
}


@pytest.mark.parametrize(("seed", "days", "partitions", "across"), [(1, 5, 2, 3), (2, 1, 3, 1), (3, 12, 5, 4)])
def test_the_simulated_office_raises_the_alerts_it_promises_and_no_others(
    seed: int, days: int, partitions: int, across: int
) -> None:
    simulation = simulate(SimulatedOffice(seed=seed, days=days), LIVES.values())
    office = Office(partitions=partitions)
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
    assert len(ACROSS & {rule for rule, *_ in promised}) == across
