"""The notifier is killed at any instant: each notice arrives, and only those in hand at that instant arrive twice.

The receiver counts by the keys that it is given. What waits, for a limit or for quiet hours to end, holds the offset
all the while, and neither gets lost nor makes others come again.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.notify.holding import MOST_OF_ONE
from schemas.notices import Notice
from schemas.topics import Space
from tests.chaos.forms import pick
from tests.kafka.program import in_the_end
from tests.kafka.test_notifier import issued, outcomes
from tests.unit.notify.hooks import DOWN, Answer, Hooks, Request, notice, serving

pytestmark = pytest.mark.kafka

KILLS = pick(short=2, long=30)
SEED = pick(short=6, long=60)
IN_HAND = 100
"""Notices that arrived as the last before a kill, of which not all may have been on record yet: a second's worth on a
quiet machine, and as many on a busy one."""

WARNING = DOWN.model_copy(update={"labels": {**DOWN.labels, "severity": "warning"}})
RECEIVERS = ("it", "hr", "flaky", "limited", "asleep")
"""The last has quiet hours without end. With more than MOST_OF_ONE waiting it would be told: so it gets no more."""


class Counting(Hooks):
    """Notes when each notice arrived, by the ids that requests name; one receiver's server fails now and then."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.arrived: dict[str, list[float]] = defaultdict(list)
        self._random = random.Random(SEED)

    def answer(self, request: Request) -> Answer:
        if request.path == "/flaky" and self._random.random() < 0.3:
            return Answer(self._random.choice((429, 500, 503)), {"Retry-After": "0"})
        for id in json.loads(request.body)["notices"]:
            self.arrived[id].append(time.monotonic())
        return Answer()


@pytest.fixture
def hooks() -> Iterator[Counting]:
    with serving(Counting) as running:
        assert isinstance(running, Counting)
        yield running


class Notifiers:
    """One notifier at a time, with a configuration file."""

    def __init__(self, bootstrap: str, space: Space, hooks: Hooks, folder: Path) -> None:
        self._config = folder / "backoffice.yaml"
        self._said = (folder / "notifier.log").open("ab")
        self._hooks = hooks
        self._where = f"space: {space.name}\nbroker: {{bootstrap_servers: '{bootstrap}'}}\n"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, asleep: bool = True) -> None:
        self._config.write_text(self._where + json.dumps({"alerting": self._alerting(asleep)}).removeprefix("{")[:-1])
        command = [sys.executable, "-m", "backoffice", "notifier", "--config", str(self._config)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(command, stdout=self._said, stderr=self._said, env=environment)

    def _alerting(self, asleep: bool) -> dict[str, Any]:
        receivers: list[dict[str, Any]] = [
            {"name": name, "channels": [{"type": "webhook", "url": self._hooks.url(f"/{name}")}]} for name in RECEIVERS
        ]
        receivers[3]["rate_limit"] = {"notices": 3, "per_minutes": 0.05}
        if asleep:
            receivers[4]["quiet_hours"] = {"time_intervals": ["always"]}
        return {
            "route": {"receiver": "it"},
            "receivers": receivers,
            "time_intervals": [{"name": "always", "time_intervals": [{}]}],
            "delivery": {"first_wait_seconds": 0.05, "longest_wait_seconds": 0.2, "attempts": 20},
        }

    def end(self, how: signal.Signals = signal.SIGKILL) -> float:
        """When it was told to."""
        assert self._process is not None
        at = time.monotonic()
        self._process.send_signal(how)
        self._process.wait(30)
        return at

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._said.close()


@pytest.fixture
def notifiers(bootstrap: str, live: Space, hooks: Counting, tmp_path: Path) -> Iterator[Notifiers]:
    made = Notifiers(bootstrap, live, hooks, tmp_path)
    yield made
    made.close()


class Issuing(threading.Thread):
    """Alerting, as far as the notifier is concerned: a few notices in a transaction, again and again."""

    def __init__(self, write: Callable[..., None]) -> None:
        super().__init__()
        self.ids: dict[str, str] = {}
        self._write = write
        self._enough = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._enough.wait(0.05):
            made: list[Notice] = []
            for receiver in RECEIVERS if number < len(RECEIVERS) * MOST_OF_ONE else RECEIVERS[:-1]:
                number += 1
                group = f"{number % 7:016x}"
                made.append(notice(f"0-{number}-1", receiver, alerts=(WARNING,), group=group))
                self.ids[made[-1].about.id] = receiver
            self._write(*made)

    def stop(self) -> None:
        self._enough.set()
        self.join()


def test_killed_at_any_instant_it_loses_no_notice_and_repeats_only_what_was_in_hand(
    bootstrap: str, live: Space, hooks: Counting, notifiers: Notifiers, report: dict[str, Any]
) -> None:
    chance = random.Random(SEED)
    issuing = Issuing(lambda *notices: issued(bootstrap, live, *notices))
    issuing.start()
    kills: list[float] = []
    try:
        for _ in range(KILLS):
            before = len(hooks.arrived)
            notifiers.start()
            in_the_end(lambda: len(hooks.arrived), lambda seen: seen > before + 20)  # noqa: B023 - asked at once
            threading.Event().wait(chance.uniform(0, 2))
            kills.append(notifiers.end())
    finally:
        issuing.stop()

    awake = {id for id, receiver in issuing.ids.items() if receiver != "asleep"}
    notifiers.start()
    in_the_end(lambda: awake - set(hooks.arrived), lambda missing: not missing)
    assert set(hooks.arrived) == awake, "who is not to be disturbed was not, over all kills"
    in_the_end(lambda: len(told(bootstrap, live)), lambda found: found == len(awake))
    notifiers.end(signal.SIGTERM)

    notifiers.start(asleep=False)
    in_the_end(lambda: set(issuing.ids) - set(hooks.arrived), lambda missing: not missing)
    in_the_end(lambda: told(bootstrap, live), lambda found: found == {f"{id}/delivered" for id in issuing.ids})
    twice = {id: times for id, times in hooks.arrived.items() if len(times) > 1}
    for id, times in twice.items():
        for again, first in zip(times[1:], times, strict=False):
            assert was_in_hand(first, kills, hooks.arrived), f"{id}: {first:.3f}, {again:.3f}; killed at {kills}"
    report |= {"notices": len(issuing.ids), "kills": len(kills), "arrived_twice": len(twice)}


def was_in_hand(first: float, kills: list[float], arrived: dict[str, list[float]]) -> bool:
    """Whether a kill followed so soon on an arrival that it may not have been on record."""
    every = sorted(at for times in arrived.values() for at in times)
    since = bisect_left(every, first)
    return any(first - 0.1 <= kill and bisect_left(every, kill) - since <= IN_HAND for kill in kills)


def told(bootstrap: str, space: Space) -> set[str]:
    """The outcomes on the log."""
    return {event.about.id for _, event in outcomes(bootstrap, space)}
