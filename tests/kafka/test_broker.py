"""The embedded broker, for real: started once, found again, killed and back, ended cleanly."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from typer.testing import CliRunner

from backoffice.cli import broker as cli
from infra.admin import admin
from infra.broker import Broker, BrokerError, BrokerHome, ensure, logs, status, stop

pytestmark = pytest.mark.kafka

START = """
import warnings; warnings.simplefilter("ignore", DeprecationWarning)
from pathlib import Path
from infra.broker import BrokerHome, ensure
broker = ensure(home=BrokerHome(Path({path!r})), legs=["embedded"])
print(broker.pid, broker.started_here)
"""


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BACKOFFICE_BOOTSTRAP_SERVERS", "BACKOFFICE_BROKER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerHome]:
    """A broker of this module alone: it is killed and stopped here."""
    home = BrokerHome(tmp_path_factory.mktemp("own-broker"))
    try:
        yield home
    finally:
        stop(home=home, erase=True)


@pytest.fixture
def own(home: BrokerHome) -> Broker:
    return ensure(home=home, legs=["embedded"])


def start_elsewhere(home: BrokerHome) -> subprocess.Popen[str]:
    """Another Python process that asks for the broker of `home` and ends."""
    script = START.format(path=str(home.path))
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def send(broker: Broker, topic: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap_servers, max_request_size=4 * 1024 * 1024)
    producer.send(topic, value).get(30)
    producer.close()


def received(broker: Broker, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap_servers, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    values: list[bytes] = []
    while len(values) < count and (batch := consumer.poll(timeout_ms=30_000)):
        values += [record.value for records in batch.values() for record in records]
    consumer.close()
    return values


def create(broker: Broker, topic: str, **config: str) -> None:
    with admin(broker.bootstrap_servers) as client:
        client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1, "configs": config}})
        client.wait_for_topics([topic])


def test_two_who_ask_at_once_get_one_broker_that_outlives_them_both(home: BrokerHome) -> None:
    askers = [start_elsewhere(home), start_elsewhere(home)]
    answers = sorted(asker.communicate(timeout=120)[0].split() for asker in askers)
    (pid, started), (same_pid, started_too) = answers
    assert pid == same_pid
    assert {started, started_too} == {"True", "False"}
    found = ensure(home=home, legs=["embedded"])
    assert (str(found.pid), found.started_here) == (pid, False)


def test_it_belongs_to_no_terminal(own: Broker) -> None:
    assert own.pid is not None
    assert os.getsid(own.pid) == own.pid
    assert psutil.Process(own.pid).terminal() is None


def test_it_takes_records_as_large_as_a_dead_letter(own: Broker) -> None:
    create(own, "large", **{"max.message.bytes": str(3 * 1024 * 1024)})
    send(own, "large", os.urandom(2 * 1024 * 1024 + 1000))
    assert [len(value) for value in received(own, "large", 1)] == [2 * 1024 * 1024 + 1000]


def test_a_topic_that_nobody_made_is_not_made_by_asking(own: Broker) -> None:
    consumer = KafkaConsumer("mistyped", bootstrap_servers=own.bootstrap_servers)
    consumer.poll(timeout_ms=500)
    consumer.close()
    with admin(own.bootstrap_servers) as client:
        assert "mistyped" not in client.list_topics()


def test_after_a_crash_it_is_back_at_the_same_address_with_its_records(own: Broker, home: BrokerHome) -> None:
    create(own, "kept")
    send(own, "kept", b"before the crash")
    psutil.Process(own.pid).kill()
    psutil.wait_procs([psutil.Process(own.pid)], timeout=10)
    assert "not running any more" in (status(home).problem or "")

    back = ensure(home=home, legs=["embedded"])
    assert back.started_here
    assert back.bootstrap_servers == own.bootstrap_servers
    assert received(back, "kept", 1) == [b"before the crash"]


def test_stopping_ends_it_cleanly_and_keeps_its_data_and_its_log(own: Broker, home: BrokerHome) -> None:
    stopped = stop(home=home)
    assert stopped is not None
    assert not psutil.pid_exists(own.pid or 0) or psutil.Process(own.pid).status() == psutil.STATUS_ZOMBIE
    assert (home.data / ".kafka_cleanshutdown").exists()
    assert status(home).broker is None
    assert any("shut" in line for line in logs(home, lines=50))
    assert stop(home=home) is None


def test_a_broker_that_dies_while_starting_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = BrokerHome(tmp_path)
    monkeypatch.setenv("KAFKA_HEAP_OPTS", "-Xmx1k")
    with pytest.raises(BrokerError, match=r"(?s)died while starting.*heap"):
        ensure(home=home, legs=["embedded"])
    assert status(home).broker is None


def test_the_command_line_starts_looks_and_stops(home: BrokerHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BROKER", "embedded")
    monkeypatch.setattr("infra.broker.lifecycle.BrokerHome", lambda: home)
    run = CliRunner().invoke
    started = run(cli.app, ["start"])
    assert "Kafka is ready at 127.0.0.1:" in started.output
    assert "runs already" in run(cli.app, ["start"]).output
    assert run(cli.app, ["status"]).output.endswith("It answers.\n")
    assert "KafkaRaftServer nodeId=1" in run(cli.app, ["logs", "-n", "200"]).output
    assert "Its topics and records stay." in run(cli.app, ["stop"]).output
