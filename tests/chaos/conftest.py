"""The broker of the tests of failure, and the report that their figures go to."""

import json
import os
import time
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from socket import socket
from typing import Any
from weakref import WeakSet

import pytest
from kafka.net.inet import KafkaNetSocket

from backoffice import spaces
from schemas.topics import Space
from tests.chaos.forms import LONG, MANY_SECONDS
from tests.kafka.conftest import bootstrap, broker, broker_home

__all__ = ["bootstrap", "broker", "broker_home"]

REPORT = "BACKOFFICE_CHAOS_REPORT"
PASSED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long forms take longer than the suite lets a test take; kafka-python leaves a socket behind for each refusal."""
    here = Path(__file__).parent
    for item in items:
        if LONG and here in item.path.parents:
            item.add_marker(pytest.mark.timeout(MANY_SECONDS))
        if "brokers_go_away" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    made = yield
    if made.when == "call":
        item.stash[PASSED] = made.passed
    return made


@pytest.fixture
def live(bootstrap: str) -> Space:
    """A live space of the test's own."""
    space = Space(f"chaos-{uuid.uuid4().hex[:8]}")
    spaces.prepare(bootstrap, space)
    return space


@pytest.fixture
def brokers_go_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For a test that takes brokers away: closes the sockets that kafka-python leaves behind, one for each refusal.

    Captured log records hold on to them, and some later test would be blamed.
    """
    made: WeakSet[socket] = WeakSet()
    make = KafkaNetSocket.socket

    def remembered(self: KafkaNetSocket, *arguments: Any) -> socket:
        new: socket = make(self, *arguments)
        made.add(new)
        return new

    monkeypatch.setattr(KafkaNetSocket, "socket", remembered)
    yield
    for left in list(made):
        left.close()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Figures of a test, by name: one line of chaos-report.jsonl in the folder that BACKOFFICE_CHAOS_REPORT names."""
    figures: dict[str, Any] = {}
    began = time.monotonic()
    yield figures
    if folder := os.environ.get(REPORT):
        line = {
            "test": request.node.nodeid,
            "form": "long" if LONG else "short",
            "passed": request.node.stash.get(PASSED, False),
            "seconds": round(time.monotonic() - began, 1),
            **figures,
        }
        Path(folder).mkdir(parents=True, exist_ok=True)
        with (Path(folder) / "chaos-report.jsonl").open("a", encoding="utf-8") as report:
            report.write(json.dumps(line) + "\n")
