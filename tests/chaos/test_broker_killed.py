"""The broker is killed and comes back, under load: the program's own processes find it again, and nothing is lost."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from backoffice import spaces
from infra.broker import Broker, BrokerHome, ensure, stop
from schemas.topics import Space
from tests.chaos.fleet import Fleet, supervised
from tests.chaos.forms import pick
from tests.chaos.load import Load
from tests.chaos.verdict import judge
from tests.chaos.watch import Watch, spread

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("brokers_go_away")]

DOWN_SECONDS = pick(short=[2], long=[2, 5, 8, 11, 14, 17, 20])
RATE = 200.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[BrokerHome]:
    """A broker of this test's own: killing the session's would hurt every other test."""
    home = BrokerHome(tmp_path / "broker")
    try:
        yield home
    finally:
        stop(home=home, erase=True)


def kill(broker: Broker) -> None:
    """kill -9."""
    process = psutil.Process(broker.pid)
    process.kill()
    process.wait()


def test_the_broker_is_killed_under_load(
    home: BrokerHome, tmp_path: Path, report: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path))
    broker = ensure(home=home, legs=("embedded",))
    bootstrap, space = broker.bootstrap_servers, Space("chaos")
    spaces.prepare(bootstrap, space)
    rng = random.Random(53)
    silences: list[float] = []
    with (
        Watch(bootstrap, space) as watch,
        Load(bootstrap, space, RATE) as load,
        supervised(bootstrap, tmp_path, space) as said,
    ):
        watch.next_output(time.time())
        for seconds in DOWN_SECONDS:
            load.goes_on(rng.randrange(int(2 * RATE)))
            kill(broker)
            threading.Event().wait(seconds)  # the outage itself: nothing to wait for
            started = time.time()
            broker = ensure(home=home, legs=("embedded",))
            assert broker.bootstrap_servers == bootstrap
            silences.append(watch.next_output(started))
    with Fleet(bootstrap, tmp_path, space) as fleet:
        fleet.settle()
    report |= judge(bootstrap, space, load)
    report |= {"silence_seconds_after_broker_start": spread(silences), "workers_restarted": len(said)}
