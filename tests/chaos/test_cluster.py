"""Three brokers with three copies of everything: each killed in turn, each cut off in turn, and events go on."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from backoffice import spaces
from infra.admin import admin
from infra.topics.cluster import existing
from schemas.topics import Space
from tests.chaos.cluster import NODES, Cluster
from tests.chaos.fleet import Fleet, supervised
from tests.chaos.forms import pick
from tests.chaos.load import Load
from tests.chaos.network import NoNamespaces
from tests.chaos.verdict import judge
from tests.chaos.watch import all_passed, spread

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("brokers_go_away")]

KILLED = pick(short=[1], long=[*NODES, *NODES])
CUT_OFF = pick(short=[2], long=[*NODES, *NODES])
RATE = 150.0


def test_brokers_are_killed_and_cut_off_and_events_go_on(
    tmp_path: Path, report: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(Cluster(tmp_path / "cluster"))
        except NoNamespaces as why:
            pytest.skip(f"three brokers apart are not tested here: {why}")
        monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path))  # after the jars were found
        report |= _survives(cluster, tmp_path)


def _survives(cluster: Cluster, home: Path) -> dict[str, Any]:
    bootstrap, space = cluster.bootstrap, Space("chaos")
    spaces.prepare(bootstrap, space)
    assert copies(bootstrap, space) == {3}
    kills: list[float] = []
    cuts: list[float] = []
    with Load(bootstrap, space, RATE) as load, supervised(bootstrap, home, space) as said:

        def goes_on() -> float:
            """Seconds until new events were on the log and every lane had passed them."""
            began = time.monotonic()
            load.goes_on(int(RATE))
            all_passed(bootstrap, space)
            return time.monotonic() - began

        goes_on()
        for node in KILLED:
            cluster.kill(node)
            kills.append(goes_on())
            cluster.fenced()
            assert copies_of_a_new_space(bootstrap, f"without-{node}-{len(kills)}") == {3}
            cluster.start(node)
            cluster.in_sync()
        for node in CUT_OFF:
            cluster.network.cut(node)
            cuts.append(goes_on())
            cluster.fenced()
            cluster.network.heal(node)
            cluster.in_sync()
    with Fleet(bootstrap, home, space) as fleet:
        fleet.settle()
    silences = {"recovered_seconds_after_kill": spread(kills), "recovered_seconds_after_cut": spread(cuts)}
    return judge(bootstrap, space, load) | silences | {"workers_restarted": len(said)}


def copies_of_a_new_space(bootstrap: str, name: str) -> set[int]:
    """One that is made while a broker is down."""
    spaces.prepare(bootstrap, Space(name), new=1)
    return copies(bootstrap, Space(name))


def copies(bootstrap: str, space: Space) -> set[int]:
    with admin(bootstrap) as client:
        topics = existing(client, [name for name in client.list_topics() if name.startswith(space.topic(""))])
    return {topic.replication for topic in topics.values()}
