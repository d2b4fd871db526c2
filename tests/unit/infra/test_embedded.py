"""The embedded broker's process: recognised by more than its pid, ended cleanly, killed only when it must be."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psutil
import pytest

from infra.broker import Broker, BrokerHome, embedded
from infra.broker.embedded import Embedded

DEAF = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); sys.stdin.read()"
OBEDIENT = "import sys; print(flush=True); sys.stdin.read()"


@contextmanager
def process(home: BrokerHome, script: str) -> Iterator[Broker]:
    """A process that looks like this home's broker."""
    command = [sys.executable, "-c", script, str(home.properties)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        created = psutil.Process(child.pid).create_time()
        yield Broker("127.0.0.1:1", "embedded", started_here=True, pid=child.pid, pid_created=created)


def test_a_broker_that_runs_is_recognised_and_ended(home: BrokerHome) -> None:
    said: list[str] = []
    with process(home, OBEDIENT) as broker:
        assert Embedded(home).is_running(broker)
        Embedded(home).stop(broker, said.append)
        assert not Embedded(home).is_running(broker)
    assert said == []


def test_a_broker_that_does_not_listen_is_killed_and_that_is_said(
    home: BrokerHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_GRACE", 0.3)
    said: list[str] = []
    with process(home, DEAF) as broker:
        Embedded(home).stop(broker, said.append)
        assert not Embedded(home).is_running(broker)
    assert "killing it" in said[0]


def test_a_killed_broker_is_not_running_even_before_its_parent_has_noticed(home: BrokerHome) -> None:
    with process(home, OBEDIENT) as broker:
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(broker.pid)], timeout=5)
        assert not Embedded(home).is_running(broker)


def test_a_pid_that_has_passed_to_another_program_is_left_alone(home: BrokerHome) -> None:
    other = BrokerHome(home.path / "other")
    with process(other, OBEDIENT) as stranger:
        started_earlier = replace(stranger, pid_created=1.0)
        for broker in (stranger, started_earlier):
            assert not Embedded(home).is_running(broker)
            Embedded(home).stop(broker, lambda _: None)
        assert Embedded(other).is_running(stranger)
        assert not Embedded(other).is_running(started_earlier)
        Embedded(other).stop(stranger, lambda _: None)


def test_what_java_itself_said_comes_before_the_log_and_without_its_stack(home: BrokerHome) -> None:
    home.log.parent.mkdir(parents=True)
    home.console.write_text("Error: Could not create the Java Virtual Machine.\n\tat java.lang.Thread.run\n")
    home.log.write_text("one\ntwo\n")
    broker = Broker("127.0.0.1:1", "embedded", started_here=True, pid_created=1.0)
    assert list(Embedded(home).log_lines(broker, 1, follow=False)) == [
        "Error: Could not create the Java Virtual Machine.",
        "two",
    ]


def test_the_log_of_an_earlier_start_does_not_explain_this_one(home: BrokerHome) -> None:
    home.log.parent.mkdir(parents=True)
    home.log.write_text("all was well\n")
    started_after = Broker("127.0.0.1:1", "embedded", started_here=True, pid_created=time.time() + 60)
    assert list(Embedded(home).log_lines(started_after, 10, follow=False)) == []
