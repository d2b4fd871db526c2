"""A transaction left open past its timeout: the broker aborts it, and the worker that comes back to it is fenced."""

import time
from pathlib import Path
from typing import Any

import pytest

from backoffice.registry import inboxes
from schemas.topics import Space, changelog
from tests.chaos.custom_worker import Custom
from tests.chaos.fleet import Fleet
from tests.chaos.forms import pick
from tests.chaos.load import Load
from tests.chaos.verdict import judge
from tests.chaos.watch import Watch, open_transactions, spread
from tests.kafka.program import eventually

pytestmark = pytest.mark.kafka

TIMES = pick(short=1, long=5)
TRANSACTION_TIMEOUT = pick(short=6.0, long=30.0)
RATE = 300.0


def test_a_transaction_left_open_is_aborted_and_its_worker_fenced(
    bootstrap: str, live: Space, tmp_path: Path, report: dict[str, Any]
) -> None:
    """One worker alone: nobody takes over, so that only the transaction's timeout can have aborted it."""
    changelogs = [live.topic(changelog(name)) for name in inboxes()]
    tuned = Custom(live, settings={"transaction_timeout": TRANSACTION_TIMEOUT})
    command = ("tests.chaos.custom_worker", tuned.told())
    aborts, ends = [], []
    with Fleet(bootstrap, tmp_path, live) as fleet:
        with Watch(bootstrap, live) as watch, Load(bootstrap, live, RATE) as load:
            for _ in range(TIMES):
                worker = fleet.start(*command)
                watch.next_output(time.time())
                fleet.pause_in_a_transaction(worker)
                paused = time.monotonic()
                eventually(lambda: open_transactions(bootstrap, *changelogs), lambda left: not left, within=180)
                aborts.append(time.monotonic() - paused)
                worker.resume()
                woken = time.monotonic()
                worker.fails()
                ends.append(time.monotonic() - woken)
            fleet.start()
            watch.next_output(time.time())
        fleet.settle()
    report |= judge(bootstrap, live, load)
    report |= {"aborted_after_seconds": spread(aborts), "woken_ends_seconds": spread(ends)}
