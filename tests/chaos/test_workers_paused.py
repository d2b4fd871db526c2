"""A worker that hangs past its session and wakes up: what it still has in hand is fenced, and it ends by itself."""

import time
from pathlib import Path
from typing import Any

import pytest

from infra.admin import admin
from schemas.topics import Space
from tests.chaos.fleet import Fleet
from tests.chaos.forms import pick
from tests.chaos.load import PATIENCE, Load
from tests.chaos.verdict import judge
from tests.chaos.watch import MOVING, Watch, spread
from tests.kafka.program import eventually

pytestmark = pytest.mark.kafka

PAUSES = pick(short=1, long=5)
RATE = 600.0


def test_a_worker_paused_past_its_session_is_fenced_and_ends(
    bootstrap: str, live: Space, tmp_path: Path, report: dict[str, Any]
) -> None:
    def members() -> int:
        """How many workers have a share. There are always two to ask for one."""
        fleet.keeps(2)
        try:
            with admin(bootstrap) as cluster:
                (group,) = cluster.describe_groups([live.group]).values()
        except MOVING:
            return 0
        assigned = (member["member_assignment"] for member in group["members"])
        return sum(bool(share and share["assigned_partitions"]) for share in assigned)

    take_overs: list[float] = []
    ends: list[float] = []
    with Fleet(bootstrap, tmp_path, live) as fleet:
        with Watch(bootstrap, live) as watch, Load(bootstrap, live, RATE) as load:
            for _ in range(PAUSES):
                eventually(members, lambda seen: seen == 2, within=PATIENCE)
                watch.next_output(time.time())
                sleeper, other = fleet.alive
                paused = time.time()
                fleet.pause_in_a_transaction(sleeper)
                other.takes_over()
                take_overs.append(time.time() - paused)
                watch.next_output(time.time())
                sleeper.resume()
                woken = time.time()
                sleeper.fails()
                ends.append(time.time() - woken)
        fleet.settle()
    report |= judge(bootstrap, live, load)
    report |= {"taken_over_seconds": spread(take_overs), "woken_ends_seconds": spread(ends)}
