"""Processes under one roof: tiny real ones, started again with patience, and ended when they do not listen."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from backoffice import supervisor as supervisor_module
from backoffice.supervisor import Supervisor, TooManyFailures


class Roof:
    """A supervisor whose children are shell commands, and whose clock we move."""

    def __init__(self, most_failures: int | None = 5) -> None:
        self.now = 100.0
        self.said: list[str] = []
        self.supervisor = Supervisor(self.said.append, most_failures)

    def monotonic(self) -> float:
        return self.now

    def start(self, command: str, name: str = "worker 1", **told: object) -> None:
        self.supervisor.start(name, command, **told)  # type: ignore[arg-type]

    def ended(self, name: str = "worker 1") -> "Roof":
        """Waits until the child has ended by itself, and looks after it."""
        self.supervisor._children[name].process.wait(10)
        self.supervisor.tend()
        return self

    def passes(self, seconds: float) -> "Roof":
        self.now += seconds
        self.supervisor.tend()
        return self


@pytest.fixture
def roof(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Roof]:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$1 $2" = "-m backoffice" ] || exit 99\nshift 2\neval "$@"\n')
    python.chmod(0o755)
    roof = Roof()
    monkeypatch.setattr(supervisor_module, "sys", SimpleNamespace(executable=str(python)))
    monkeypatch.setattr(supervisor_module, "time", roof)
    monkeypatch.setattr(supervisor_module, "STOP_WITHIN", 0.2)
    with roof.supervisor:
        yield roof


def test_a_child_that_lives_is_left_alone(roof: Roof) -> None:
    roof.start("exec sleep 60")
    pid = roof.supervisor.pid("worker 1")
    assert roof.passes(1).passes(100).said == []
    assert roof.supervisor.pid("worker 1") == pid


def test_a_child_that_ends_is_started_again_after_its_pause_and_not_before(roof: Roof) -> None:
    roof.start("exit 3")
    pid = roof.supervisor.pid("worker 1")
    roof.ended().passes(0.4)
    assert roof.said == ["worker 1 ended with code 3; starting it again in 0.5 s"]
    assert roof.supervisor.pid("worker 1") == pid
    roof.passes(0.1)
    assert roof.supervisor.pid("worker 1") != pid


def test_its_pause_doubles_up_to_ten_seconds(roof: Roof) -> None:
    roof.supervisor._most_failures = None
    roof.start("exit 3")
    for _ in range(7):
        roof.ended().passes(10)
    pauses = [line.split()[-2] for line in roof.said]
    assert pauses == ["0.5", "1.0", "2.0", "4.0", "8.0", "10.0", "10.0"]


def test_one_that_was_well_for_a_while_is_treated_as_new(roof: Roof) -> None:
    roof.start("exit 3")
    for _ in range(3):
        roof.ended().passes(10)
    roof.now += 31
    roof.ended()
    assert roof.said[-1].endswith("again in 0.5 s")


def test_one_that_goes_on_failing_is_given_up_with_its_last_words(roof: Roof, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "worker.log"
    roof.supervisor._most_failures = 2
    roof.start("echo no broker >&2; exit 3", log=log)
    for _ in range(2):
        roof.ended().passes(10)
    with pytest.raises(TooManyFailures) as caught:
        roof.ended()
    assert str(caught.value) == (
        f"worker 1 ended 3 times in a row, last with code 3; its last words are in {log}:\n"
        "no broker\nno broker\nno broker"
    )


def test_only_the_end_of_a_long_log_is_quoted(roof: Roof, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"\xff\n" + b"".join(b"line %d\n" % n for n in range(100)))
    assert supervisor_module._tail(log).splitlines() == [f"line {n}" for n in range(85, 100)]


def test_without_a_log_it_says_how_it_ended(roof: Roof) -> None:
    roof.supervisor._most_failures = 0
    roof.start("kill -9 $$")
    with pytest.raises(TooManyFailures, match=r"^worker 1 ended 1 times in a row, last with code -9$"):
        roof.ended()


def test_a_live_program_is_started_again_for_ever(roof: Roof) -> None:
    roof.supervisor._most_failures = None
    roof.start("exit 3")
    for _ in range(12):
        roof.ended().passes(10)
    assert len(roof.said) == 12


def test_another_child_goes_on_while_one_fails(roof: Roof) -> None:
    roof.start("exit 3")
    roof.start("exec sleep 60", "notifier")
    pid = roof.supervisor.pid("notifier")
    roof.ended().passes(10)
    assert roof.supervisor.pid("notifier") == pid


def test_all_children_are_asked_to_end(roof: Roof, tmp_path: Path) -> None:
    for n in (1, 2):
        ready = tmp_path / f"ready{n}"
        roof.start(f"trap 'echo asked; exit 0' TERM; : > {ready}; while :; do sleep 0.01; done", f"worker {n}",
                   log=tmp_path / f"{n}.log")  # fmt: skip
        _appears(ready)
    children = [child.process for child in roof.supervisor._children.values()]
    roof.supervisor.stop()
    assert [process.returncode for process in children] == [0, 0]
    assert [(tmp_path / f"{n}.log").read_text() for n in (1, 2)] == ["asked\n"] * 2
    assert roof.said == []


def test_one_that_does_not_listen_is_ended(roof: Roof, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    roof.start(f"trap '' TERM; : > {ready}; while :; do sleep 0.05; done")
    _appears(ready)
    process = roof.supervisor._children["worker 1"].process
    roof.supervisor.stop()
    assert process.returncode == -signal.SIGKILL
    assert roof.said == ["worker 1 did not stop within 0 s and is ended"]


def test_leaving_the_block_stops_everything_even_when_it_fails(roof: Roof) -> None:
    inner = Supervisor(roof.said.append)
    inner.start("worker 1", "exec sleep 60")
    process = inner._children["worker 1"].process
    with pytest.raises(RuntimeError, match="the import failed"), inner:
        raise RuntimeError("the import failed")
    assert process.returncode == -signal.SIGTERM


def test_one_that_waits_to_be_started_again_needs_no_stopping(roof: Roof) -> None:
    roof.start("exit 3")
    roof.ended()
    roof.supervisor.stop()
    assert roof.supervisor._children == {}


def test_a_child_knows_whose_it_is_and_what_it_is_told(roof: Roof, tmp_path: Path) -> None:
    import os

    log = tmp_path / "worker.log"
    roof.start("echo $BACKOFFICE_SUPERVISED_BY $COLOUR", log=log, environment={"COLOUR": "red"})
    roof.ended().passes(1)
    roof.ended()
    assert log.read_text() == f"{os.getpid()} red\n" * 2, "also when it is started again"


def test_workers_have_names_logs_and_a_broker(roof: Roof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(roof.supervisor, "start", lambda *told, **more: started.append((told, more)))
    roof.supervisor.start_workers(2, "trial", "broker:9092", tmp_path)
    roof.supervisor.start_workers(1, "trial", "broker:9092")
    told = {"BACKOFFICE_BOOTSTRAP_SERVERS": "broker:9092", "BACKOFFICE_METRICS_PORT": ""}
    command = ("worker", "--space", "trial")
    assert started == [
        (("worker 1", *command), {"log": tmp_path / "trial-worker-1.log", "environment": told}),
        (("worker 2", *command), {"log": tmp_path / "trial-worker-2.log", "environment": told}),
        (("worker 1", *command), {"log": None, "environment": told}),
    ]


def test_it_looks_after_them_until_told_to_stop(roof: Roof, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, looks = threading.Event(), []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            stop.set()

    monkeypatch.setattr(roof.supervisor, "tend", look)
    roof.supervisor.run(stop, every=0.001)
    assert len(looks) == 3


def _appears(path: Path) -> None:
    """The child has got so far."""
    for _ in range(500):
        if path.exists():
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{path} did not appear")


@pytest.mark.parametrize(("first", "ports"), [(9100, ["9100", "9101", "9102"]), (0, ["0"] * 3), (None, [""] * 3)])
def test_workers_of_one_machine_do_not_fight_over_the_metrics_port(
    roof: Roof, monkeypatch: pytest.MonkeyPatch, first: int | None, ports: list[str]
) -> None:
    started: list[str] = []
    monkeypatch.setenv("BACKOFFICE_METRICS_PORT", "9999")
    monkeypatch.setattr(
        roof.supervisor,
        "start",
        lambda *told, environment, **more: started.append(environment["BACKOFFICE_METRICS_PORT"]),
    )
    roof.supervisor.start_workers(3, "trial", "broker:9092", metrics_port=first)
    assert started == ports
