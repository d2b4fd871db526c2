"""Workers that join and leave under load, in good order and not: each takes its share, and outputs are exact."""

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
from tests.chaos.watch import all_passed, spread

pytestmark = pytest.mark.kafka

MOST, FEWEST = 4, 2
RATE = 300.0
ACTIONS = pick(short=["start", "kill", "stop"], long=["any"] * 40)


def test_two_to_four_workers_join_and_leave(
    bootstrap: str, live: Space, tmp_path: Path, report: dict[str, Any]
) -> None:
    rng = random.Random(52)
    recoveries: dict[str, list[float]] = {"start": [], "kill": [], "stop": []}
    with Fleet(bootstrap, tmp_path, live) as fleet:
        with Load(bootstrap, live, RATE) as load:
            for _ in range(FEWEST):
                fleet.start()
            all_passed(bootstrap, live)
            for wanted in ACTIONS:
                load.goes_on(rng.randrange(int(RATE)))
                action = _possible(wanted, len(fleet.alive), rng)
                began = time.monotonic()
                match action:
                    case "start":
                        fleet.start()
                    case "kill":
                        fleet.any(rng).kill()
                    case "stop":
                        fleet.any(rng).stop()
                load.goes_on(100)
                all_passed(bootstrap, live)
                recoveries[action].append(time.monotonic() - began)
                fleet.all_live()
        fleet.settle()
    spreads = {f"all_go_on_seconds_after_{action}": spread(seconds) for action, seconds in recoveries.items()}
    report |= judge(bootstrap, live, load) | spreads


def _possible(wanted: str, workers: int, rng: random.Random) -> str:
    if wanted != "any":
        return wanted
    choices = [*(["start"] * (workers < MOST)), *(["kill", "stop"] * (workers > FEWEST))]
    return rng.choice(choices)
