"""The same log gives the same result: with any number of workers, after a crash, built again from nothing."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from backoffice import spaces
from backoffice.importing import SLICE
from backoffice.registry import departments
from infra.admin import admin
from processors.correlation import correlation
from producers.feeder import Feeder
from producers.simulator import LIVES, SimulatedOffice, simulate
from producers.slices import Fed, slices
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.topics import Space
from tests.chaos import slow
from tests.chaos.comparing import hashes, signals
from tests.chaos.custom_worker import Crew, Custom
from tests.chaos.forms import LONG, pick
from tests.chaos.recorded import copy
from tests.chaos.sender import Sender
from tests.chaos.spaces import behind, drained, own_space, stop
from tests.kafka.program import eventually, running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

DEPARTMENTS = tuple(d.name for d in departments())
ENTRANCES = tuple(d.inbox for d in departments())


class Stage(NamedTuple):
    """Processors that are built again, from the logs of their inboxes, and the topics they write."""

    only: tuple[str, ...]
    inboxes: tuple[str, ...]
    outputs: tuple[str, ...]


STAGES = {
    "departments": Stage(DEPARTMENTS, ENTRANCES, ("alerting", "facts")),
    "correlation": Stage((correlation.name,), (correlation.inbox,), ("alerting", *ENTRANCES)),
    "alerting": Stage(("alerting",), ("alerting",), ("alerts", "notices")),
}
"""What comes out of a stage is a function of what is in its inboxes, key by key. How the outputs of several partitions
interleave in the next inbox is not: so each stage is built again from its own inbox as it was recorded."""

SHORT = [("departments", 1, False), ("departments", 4, False), ("departments", 2, True), ("correlation", 2, False)]
EVERY = [(stage, workers, killed) for stage in STAGES for workers in (1, 2, 4) for killed in (False, True)]


@pytest.fixture(scope="module")
def lived(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Space:
    """A live space through which weeks of an office went at once, some of it twice and some in wrong partitions."""
    space = own_space(bootstrap, "lived")
    home = tmp_path_factory.mktemp("lived")
    rng = Random(4)
    simulation = simulate(SimulatedOffice(seed=7, days=pick(8, 60)), LIVES.values())
    right = Sender(bootstrap, partitioner="murmur2_random")
    wrong = Sender(bootstrap)
    with running(bootstrap, home, "worker", "--space", space.name) as worker:
        for n, said in enumerate(simulation.said):
            about = About(said.id or f"e-{n}", "/tests", said.subject, said.at)
            sender = wrong if rng.random() < 0.02 else right
            for _ in range(2 if rng.random() < 0.05 else 1):
                sender.send(space.topic(said.event.topic), said.subject.encode(), encode(said.event, about), HEADERS)
        right.placed()
        wrong.placed()
        drained(bootstrap, space, worker)
        stop(worker)
    log = records(bootstrap, *(space.topic(inbox) for inbox in ENTRANCES))
    assert any(b"processing.tick" in (r.value or b"") for r in log), "time passed in idle partitions"
    return space


@pytest.mark.parametrize(("name", "workers", "killed"), EVERY if LONG else SHORT)
def test_a_stage_built_again_says_the_same_of_each_key(
    bootstrap: str, lived: Space, tmp_path: Path, name: str, workers: int, killed: bool
) -> None:
    """Ids and evidence are the same as well: the log is copied with its offsets and its Kafka timestamps."""
    stage = STAGES[name]
    again = own_space(bootstrap, "again", replay=True)
    copy(bootstrap, lived, again, stage.inboxes)
    inboxes = [again.topic(inbox) for inbox in stage.inboxes]
    total = sum(behind(bootstrap, again, inboxes).values())
    job = Custom(again, {"batch_records": 5 if killed else 2_000, "recorded": True}, only=stage.only)
    with Crew(bootstrap, tmp_path, job, workers) as crew:
        if killed:
            left = eventually(lambda: sum(behind(bootstrap, again, inboxes).values()), lambda n: n < total)
            assert left > 0, "it was to die in the middle"
            crew.kill_one()
        drained(bootstrap, again, crew, topics=stage.inboxes)
    said = {topic: hashes(signals(bootstrap, again, topic, stage.only)) for topic in stage.outputs}
    assert said[stage.outputs[0]], "else nothing is compared"
    assert said == {topic: hashes(signals(bootstrap, lived, topic, stage.only)) for topic in stage.outputs}


THREE = ("accounting", "hr", "it")
SLOWED = tuple(f"tests.chaos.slow:{name}" for name in THREE)


@pytest.mark.parametrize("seed", pick([5], [5, 6, 7]))
def test_three_departments_months_give_the_same_alerts_with_one_partition_slowed_down(
    bootstrap: str, tmp_path: Path, report: dict[str, Any], seed: int
) -> None:
    """The feeder holds time back for the slow one, and each lane a slice until it is whole."""
    seconds, alerts = {}, {}
    for name, slowed in (("usual", ()), ("slowed", SLOWED)):
        space = own_space(bootstrap, name, replay=True, partitions=slow.PARTITIONS)
        began = time.monotonic()
        with Crew(bootstrap, tmp_path, Custom(space, departments=slowed), workers=2) as crew:
            feed(bootstrap, space, seed, crew)
        seconds[name] = round(time.monotonic() - began, 1)
        drained(bootstrap, space)
        alerts[name] = alerts_of(bootstrap, space)
    assert alerts["usual"]
    assert different(alerts["slowed"], alerts["usual"]) == []
    report |= {"seed": seed, "alerts": len(alerts["usual"]), "seconds_of": seconds}


def feed(bootstrap: str, space: Space, seed: int, crew: Crew) -> None:
    """The months, slice by slice."""
    office = SimulatedOffice(seed=seed, days=pick(8, 90))
    simulation = simulate(office, [LIVES[name] for name in THREE])
    told = (
        (Fed(said.event, About(said.id or f"e-{n}", "/tests", said.subject, said.at)), {"n": n})
        for n, said in enumerate(simulation.said)
    )
    with (
        admin(bootstrap) as cluster,
        Feeder(bootstrap, cluster, space, spaces.line(*THREE), "months", between=crew.poll) as feeder,
    ):
        for part in slices(told, SLICE, until=office.end):
            feeder.feed(part)


Alerts = Mapping[bytes | None, Mapping[str, Any]]


def alerts_of(bootstrap: str, space: Space) -> Alerts:
    """The last state of each alert. Batches are cut anew in each run, and the markers of their transactions take
    offsets: so ids, and where evidence stands, differ."""
    found = {}
    for record in records(bootstrap, space.topic("alerts")):
        if not (record.key or b"").startswith(b"alert/"):
            continue  # groups and silences stand there as well
        assert record.value is not None, "alerts of these days are not forgotten yet"
        said = json.loads(record.value)["data"]
        found[record.key] = said | {"evidence": [each["topic"] for each in said["evidence"]]}
    return found


def different(found: Alerts, wanted: Alerts) -> list[str]:
    """Every difference, as a sentence."""
    nothing: Mapping[str, Any] = {}
    pairs = [(found.get(key, nothing), wanted.get(key, nothing)) for key in found.keys() | wanted.keys()]
    return [
        f"{(a or b)['rule']} of {(a or b)['subject']}: {field} is {a.get(field)!r}, not {b.get(field)!r}"
        for a, b in pairs
        for field in a.keys() | b.keys()
        if a.get(field) != b.get(field)
    ]
