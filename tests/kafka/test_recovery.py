"""A simulated office on a worker that is killed again and again: nothing is lost, nothing comes twice."""

import uuid
from pathlib import Path

import psutil
import pytest

from backoffice.simulating import SimulationJob, alerts_of, outcome
from backoffice.spaces import prepare
from backoffice.supervisor import Supervisor
from producers.simulator import LIVES, SimulatedOffice, simulate
from schemas.topics import Space
from tests.kafka import oracle

pytestmark = pytest.mark.kafka

KILLED_AFTER = (12, 60, 130)
"""Slices of the week after which the worker is killed."""


def test_a_week_with_a_worker_killed_three_times(
    bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path))
    space = Space(f"killed-{uuid.uuid4().hex[:8]}", replay=True)
    simulation = simulate(SimulatedOffice(seed=7), LIVES.values())
    prepare(bootstrap, space)
    slices, kills = 0, 0

    with Supervisor(lambda line: None) as supervisor:
        supervisor.start_workers(1, space.name, bootstrap, tmp_path)

        def on_slice(now: object, events: int) -> None:
            nonlocal slices, kills
            slices += 1
            if slices in KILLED_AFTER:
                psutil.Process(supervisor.pid("worker 1")).kill()
                kills += 1

        SimulationJob(simulation, space, bootstrap).run(on_slice, supervisor.tend)
        found = outcome(simulation, alerts_of(bootstrap, space))
    assert kills == len(KILLED_AFTER)
    assert found.as_expected, found
    assert oracle.check(bootstrap, space)["alerts"] >= len(simulation.expected)
