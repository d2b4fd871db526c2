"""Workers that are killed or stopped under load: nothing is lost, nothing comes twice."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import Space
from tests.chaos.fleet import Fleet
from tests.chaos.forms import pick
from tests.chaos.load import Load
from tests.chaos.verdict import judge
from tests.chaos.watch import Watch, spread

pytestmark = pytest.mark.kafka

KILLS = pick(short=3, long=50)
STOPS = pick(short=1, long=20)
RATE = 300.0
STOPS_WITHIN = 10.0
"""Seconds that a worker has to leave after SIGTERM: then its supervisor, or the container's, kills it."""


def test_a_worker_is_killed_again_and_again(
    bootstrap: str, live: Space, tmp_path: Path, report: dict[str, Any]
) -> None:
    """At random moments: mostly at work, sometimes while it starts, joins or restores."""
    rng = random.Random(50)
    silences: list[float] = []
    with Fleet(bootstrap, tmp_path, live) as fleet:
        with Watch(bootstrap, live) as watch, Load(bootstrap, live, RATE) as load:
            worker = fleet.start()
            watch.next_output(time.time())
            for _ in range(KILLS):
                load.goes_on(rng.randrange(int(RATE)))
                killed = time.time()
                worker.kill()
                worker = fleet.start()
                if rng.random() < 0.2:
                    load.goes_on(rng.randrange(int(6 * RATE)))
                    worker.kill()
                    worker = fleet.start()
                silences.append(watch.next_output(killed))
            fleet.all_live()
        fleet.settle()
    report |= judge(bootstrap, live, load) | {"silence_seconds": spread(silences)}


def test_sigterm_under_load_ends_a_worker_in_good_order(
    bootstrap: str, live: Space, tmp_path: Path, report: dict[str, Any]
) -> None:
    rng = random.Random(51)
    stops, silences = [], []
    with Fleet(bootstrap, tmp_path, live) as fleet:
        with Watch(bootstrap, live) as watch, Load(bootstrap, live, RATE) as load:
            worker = fleet.start()
            watch.next_output(time.time())
            for _ in range(STOPS):
                load.goes_on(rng.randrange(int(RATE)))
                stops.append(worker.stop())
                stopped = time.time()
                worker = fleet.start()
                silences.append(watch.next_output(stopped))
            fleet.all_live()
        fleet.settle()
    report |= judge(bootstrap, live, load) | {"stop_seconds": spread(stops), "silence_seconds": spread(silences)}
    assert max(stops) <= STOPS_WITHIN
