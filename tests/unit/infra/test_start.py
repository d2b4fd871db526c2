"""Which way to a broker is taken: the forced one, last time's, then container before Java."""

from collections.abc import Iterator

import pytest

from infra.broker import Broker, BrokerError, BrokerHome, NoBrokerAvailable, ensure, start, status, stop
from infra.broker.model import LegUnavailable, Report
from infra.broker.state import last, recall, remember, set_aside


class Way:
    """A way to a broker that only says what it would do."""

    def __init__(self, kind: str, missing: str | None) -> None:
        self.kind, self.missing = kind, missing

    def start(self, report: Report) -> Broker:
        if self.missing:
            raise LegUnavailable(f"{self.kind}: {self.missing}")
        return broker(self.kind)

    def is_running(self, broker: Broker) -> bool:
        return False

    def stop(self, broker: Broker, report: Report) -> None: ...

    def erase(self, broker: Broker) -> None: ...

    def log_lines(self, broker: Broker, lines: int, follow: bool) -> Iterator[str]:
        return iter(["it broke"])


class Machine:
    """What a machine has, and what was said while a broker was started on it."""

    def __init__(self, home: BrokerHome, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self.said, self.missing = home, list[str](), dict[str, str]()
        self.comes_up = True
        monkeypatch.setattr(start, "leg", lambda name, _: Way(name, self.missing.get(name)))
        monkeypatch.setattr(start, "wait_until_ready", self.wait)

    def wait(self, *_: object) -> None:
        if not self.comes_up:
            raise BrokerError("it broke")

    def starts(self) -> str:
        return ensure(self.said.append, self.home).kind


def broker(kind: str) -> Broker:
    assert kind in {"container", "embedded"}
    return Broker("127.0.0.1:1", "container" if kind == "container" else "embedded", started_here=True)


@pytest.fixture
def machine(home: BrokerHome, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(home, monkeypatch)


def test_a_container_comes_before_java(machine: Machine) -> None:
    assert machine.starts() == "container"


def test_java_takes_over_where_no_container_can_be_had_and_says_why(machine: Machine) -> None:
    machine.missing = {"container": "docker answers, but the image cannot be pulled"}
    assert machine.starts() == "embedded"
    assert machine.said[0] == "No container: docker answers, but the image cannot be pulled"


def test_the_environment_forces_one_way(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BROKER", "embedded")
    assert machine.starts() == "embedded"
    machine.missing = {"embedded": "no `java` on the path"}
    with pytest.raises(NoBrokerAvailable):
        machine.starts()


def test_a_mistyped_way_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BROKER", "docker")
    with pytest.raises(BrokerError, match="BACKOFFICE_BROKER=docker: it must be one of container, embedded"):
        machine.starts()


def test_the_way_of_last_time_comes_first_because_the_records_are_there(machine: Machine) -> None:
    remember(machine.home, broker("embedded"))
    set_aside(machine.home)
    assert machine.starts() == "embedded"


def test_another_way_than_last_time_says_where_the_records_stay(machine: Machine) -> None:
    remember(machine.home, broker("container"))
    machine.missing = {"container": "docker is not running"}
    assert machine.starts() == "embedded"
    assert "stay with the container broker" in machine.said[1]


def test_a_machine_with_nothing_is_told_why_and_the_three_ways_out(machine: Machine) -> None:
    machine.missing = {"container": "no engine", "embedded": "no `java` on the path"}
    with pytest.raises(NoBrokerAvailable) as told:
        machine.starts()
    assert told.value.reasons == ["container: no engine", "embedded: no `java` on the path"]
    for way_out in ("BACKOFFICE_BOOTSTRAP_SERVERS", "Docker or Podman", "Java 17"):
        assert way_out in str(told.value)


def test_a_broker_that_does_not_come_up_is_not_taken_for_running(machine: Machine) -> None:
    machine.comes_up = False
    with pytest.raises(BrokerError, match="it broke"):
        machine.starts()
    assert recall(machine.home) is None
    assert last(machine.home) is not None


def test_without_a_broker_there_is_none_to_stop_or_to_look_at() -> None:
    assert status().broker is None
    assert stop() is None


def test_a_named_broker_that_does_not_answer_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setattr("infra.broker.lifecycle.problem", lambda *_, **__: "connection refused")
    with pytest.raises(BrokerError, match=r"127.0.0.1:1, which BACKOFFICE_BOOTSTRAP_SERVERS names \(conn"):
        ensure()
    assert status().problem == "connection refused"
