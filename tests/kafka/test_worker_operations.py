"""A worker as its operator meets it: ended when it hangs, left alone when it waits, measured, logged and profiled."""

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from backoffice import spaces
from backoffice.registry import inboxes
from infra.admin import admin
from infra.broker import BrokerHome, ensure, stop
from processors.engine.watchdog import FAILED
from schemas.topics import Space, topics
from tests.kafka.program import backoffice, environment, eventually, lag, running

pytestmark = pytest.mark.kafka

CLOUDEVENTS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
STALL = 15
"""Seconds. Short enough for a test, long enough for a restore on a machine that has much else to do."""

OK = '{"status": "ok", "reasons": []}\n'
SCRAPES = "application/openmetrics-text; version=1.0.0"

EVENTS = '''
    """What happens to a machine."""

    from schemas.envelope import Event


    class MachineAsked(Event, type="machines.machine.asked", kind="machine", topic="events.machines"):
        """Somebody asked it something."""
'''

RULES = '''
    """Machines: a rule that never answers."""

    import itertools
    import threading

    from processors.processor import Aggregate, Processor
    from processors.step import State, Step
    from machines_department.events import MachineAsked


    class Machine(State):
        """A machine."""


    def step(machine, event, at):
        {hangs}
        return Step(machine)


    department = Processor("machines", "events.machines", (MachineAsked,), {{"machine": Aggregate(Machine, step)}})
'''


def hanging_department(where: Path, hangs: str) -> Path:
    """An installed department whose rule does `hangs`; the folder to put on the path."""
    package = where / "machines_department"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "events.py").write_text(dedent(EVENTS))
    (package / "rules.py").write_text(dedent(RULES).format(hangs=hangs))
    metadata = where / "machines_department-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: machines_department\nVersion: 1.0\n")
    point = "[backoffice.departments]\nmachines = machines_department.rules:department\n"
    (metadata / "entry_points.txt").write_text(point)
    return where


def asked(n: int = 1) -> dict[str, Any]:
    return event("machines.machine.asked", f"machine/m-{n}", {})


def heartbeat(n: int) -> dict[str, Any]:
    return event("it.heartbeat.received", f"device/host-{n}", {})


def event(kind: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    about = {"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/tests", "time": "2026-11-21T10:00:00+00:00"}
    return {**about, "type": kind, "subject": subject, "data": data}


def put(bootstrap: str, topic: str, *events: dict[str, Any] | bytes) -> None:
    """Sends events, and what is none. With aiokafka: kafka-python leaves a socket open when a leader is new."""

    async def send() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            for each in events:
                raw = each if isinstance(each, bytes) else json.dumps(each).encode()
                key = None if isinstance(each, bytes) else each["subject"].encode()
                await producer.send_and_wait(topic, raw, key, headers=CLOUDEVENTS)

    asyncio.run(send())


@pytest.fixture
def live(bootstrap: str) -> Space:
    """A live space of the test's own."""
    space = Space(f"ops-{uuid.uuid4().hex[:8]}")
    spaces.prepare(bootstrap, space)
    return space


class Port:
    """The health port of a running worker, found by its log."""

    def __init__(self, log: Path, process: "subprocess.Popen[bytes]") -> None:
        def announced() -> "re.Match[str] | None":
            assert process.poll() is None, log.read_text()
            return re.search(r"metrics and health at http://127\.0\.0\.1:(\d+)/", log.read_text())

        found = eventually(announced, bool)
        assert found
        self._port = int(found[1])

    def ask(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("GET", path, headers={"Accept": SCRAPES})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def value(self, sample: str, **labels: str) -> float:
        """The sum of a sample over all series with these labels."""
        status, text = self.ask("/metrics")
        assert status == 200
        families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        found = (s for family in families for s in family.samples if s.name == sample)
        return float(sum(s.value for s in found if labels.items() <= s.labels.items()))

    def becomes_ready(self) -> None:
        eventually(lambda: self.ask("/readyz"), lambda answer: answer == (200, OK), within=120)


def members(bootstrap: str, space: Space) -> int:
    with admin(bootstrap) as cluster:
        (group,) = cluster.describe_groups([space.group]).values()
    return len(group["members"])


@contextmanager
def hanging(bootstrap: str, space: Space, home: Path, hangs: str, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker with a department whose rule hangs, in a space that has its topics. Its log is `process.log`."""
    where = hanging_department(home / "site-packages", hangs)
    path = os.pathsep.join([str(where), *sys.path])
    env = {**environment(bootstrap, home), "PYTHONPATH": path}
    program = [sys.executable, "-m", "backoffice"]
    subprocess.run([*program, "topics", "apply", "--space", space.name], env=env, check=True, capture_output=True)
    with (home / "process.log").open("wb") as log:
        worker = subprocess.Popen(
            [*program, "worker", "--space", space.name, *options], env=env, stdout=log, stderr=log
        )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def test_a_worker_whose_rule_waits_in_c_is_ended_and_the_log_says_where(
    bootstrap: str, live: Space, tmp_path: Path
) -> None:
    log = tmp_path / "process.log"
    options = ("--stall-timeout", str(STALL), "--metrics-port", "0")
    with hanging(bootstrap, live, tmp_path, "threading.Event().wait()", *options) as worker:
        port = Port(log, worker)
        port.becomes_ready()
        put(bootstrap, live.topic("events.machines"), asked())
        eventually(lambda: port.value("backoffice_loop_beat_age_seconds"), lambda age: age > 3)  # it answers meanwhile
        assert worker.wait(120) == FAILED
    said = log.read_text()
    assert f"no progress: the event loop has not run for {STALL} s" in said
    assert re.search(
        r'"MainThread" \(most recent call first\):(\n  File .*)*machines_department/rules\.py.* in step', said
    )


def test_a_worker_whose_rule_keeps_the_interpreters_lock_is_ended_too(
    bootstrap: str, live: Space, tmp_path: Path
) -> None:
    counts = "sum(itertools.repeat(0))"  # in C, without end, and without a look at signals
    with hanging(bootstrap, live, tmp_path, counts, "--stall-timeout", str(STALL)) as worker:
        put(bootstrap, live.topic("events.machines"), asked())
        assert worker.wait(400) == -signal.SIGVTALRM
    said = (tmp_path / "process.log").read_text()
    assert re.search(r"Current thread .*(\n  File .*)*machines_department/rules\.py.* in step", said)


def elapsed(seconds: float) -> None:
    """Waits until the clock, and nothing else, has gone on: what is tested is that nothing happens meanwhile."""
    since = time.monotonic()
    eventually(lambda: time.monotonic() - since, lambda passed: passed > seconds)


def test_a_worker_that_was_stopped_for_longer_than_that_goes_on(bootstrap: str, live: Space, tmp_path: Path) -> None:
    log = tmp_path / "process.log"
    options = ("--space", live.name, "--stall-timeout", str(STALL), "--metrics-port", "0")
    with running(bootstrap, tmp_path, "worker", *options) as worker:
        Port(log, worker).becomes_ready()
        worker.send_signal(signal.SIGSTOP)
        put(bootstrap, live.topic("events.it"), *(heartbeat(n) for n in range(20)))
        elapsed(STALL + 3)
        eventually(lambda: members(bootstrap, live), lambda n: n == 0)  # its session has passed, too
        worker.send_signal(signal.SIGCONT)
        eventually(lambda: lag(bootstrap, live, ["events.it"]), lambda behind: not any(behind.values()), within=120)
        worker.terminate()
        assert worker.wait(60) == 0, log.read_text()
    assert "no progress" not in log.read_text()


def test_a_worker_whose_broker_is_away_for_longer_waits_for_it(tmp_path: Path, broker_home: BrokerHome) -> None:
    home = BrokerHome(tmp_path / "broker", broker_home.jars)
    bootstrap = ensure(home=home, legs=("embedded",)).bootstrap_servers
    log = tmp_path / "process.log"
    try:
        space = Space("away")
        spaces.prepare(bootstrap, space)
        options = ("--space", space.name, "--stall-timeout", str(STALL), "--metrics-port", "0")
        with running(bootstrap, tmp_path, "worker", *options) as worker:
            Port(log, worker).becomes_ready()
            stop(home=home)
            eventually(log.read_text, lambda said: "no broker answers" in said or worker.poll() is not None)
            elapsed(STALL + 3)
            assert ensure(home=home, legs=("embedded",)).bootstrap_servers == bootstrap
            eventually(log.read_text, lambda said: "answers again" in said or worker.poll() is not None)
        said = log.read_text()
        assert f"no broker answers at {bootstrap}" in said
        assert "no progress" not in said
    finally:
        stop(home=home, erase=True)


def test_a_running_worker_can_be_scraped(bootstrap: str, live: Space, tmp_path: Path) -> None:
    log = tmp_path / "process.log"
    entrances = {live.topic(inbox) for inbox in inboxes().values()}
    partitions = sum(spec.partitions for spec in topics(live, inboxes()) if spec.name in entrances)
    with running(bootstrap, tmp_path, "worker", "--space", live.name, "--metrics-port", "0") as worker:
        port = Port(log, worker)
        port.becomes_ready()
        assert port.ask("/healthz") == (200, OK)
        assert port.value("backoffice_partition_ready") == partitions
        again = heartbeat(1)
        put(bootstrap, live.topic("events.it"), *(heartbeat(n) for n in range(40)), again, again, b"nonsense")
        eventually(lambda: port.value("backoffice_records_total", processor="it"), lambda n: n == 43)
        assert port.value("backoffice_duplicates_total", processor="it") == 1
        assert port.value("backoffice_dead_letters_total", processor="it", stage="VALUE_CONVERTER") == 1
        assert port.value("backoffice_batch_records_sum", processor="it") == 43
        transactions = port.value("backoffice_transaction_seconds_count", processor="it")
        assert 1 <= transactions <= 43
        assert port.value("backoffice_transaction_seconds_sum", processor="it") > 0
        topic = live.topic("events.it")
        eventually(lambda: port.value("backoffice_lag_records", topic=topic), lambda behind: behind == 0)
        assert port.value("process_cpu_seconds_total") > 0
        worker.terminate()
        assert worker.wait(60) == 0


def test_a_port_that_is_taken_ends_a_worker_with_a_line(bootstrap: str, live: Space, tmp_path: Path) -> None:
    with running(bootstrap, tmp_path, "worker", "--space", live.name, "--metrics-port", "0") as first:
        port = Port(tmp_path / "process.log", first)
        taken = str(port._port)
        second = backoffice(bootstrap, tmp_path, "worker", "--space", live.name, "--metrics-port", taken)
    assert second.returncode == 2
    assert f"127.0.0.1:{taken}, cannot be opened: Address already in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_worker_logs_json_and_writes_its_profile_when_it_stops(bootstrap: str, live: Space, tmp_path: Path) -> None:
    log, profile = tmp_path / "process.log", tmp_path / "worker.json"
    options = ("--space", live.name, "--log-format", "json", "--profile", str(profile))
    put(bootstrap, live.topic("events.it"), *(heartbeat(n) for n in range(200)))
    with running(bootstrap, tmp_path, "worker", *options) as worker:
        eventually(lambda: lag(bootstrap, live, ["events.it"]), lambda behind: not any(behind.values()))
        worker.terminate()
        assert worker.wait(60) == 0, log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert any("partitions are ours" in line["message"] for line in lines)
    assert any(f"profile in {profile}" in line["message"] for line in lines)
    files = {frame.get("file") or "" for frame in json.loads(profile.read_text())["shared"]["frames"]}
    assert any(file.endswith("processors/engine/worker.py") for file in files)
