"""The broker in a container: the official image as the world runs it, and our own way with it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from kafka import KafkaConsumer, KafkaProducer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from infra.admin import admin
from infra.broker import BrokerHome, ensure, logs, status, stop
from infra.broker.container import image
from infra.broker.engine import Engine, find_engine
from infra.broker.identity import identity
from infra.broker.model import LegUnavailable

pytestmark = [pytest.mark.kafka, pytest.mark.container]

MORNING = [f"event {number}".encode() for number in range(100)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    """An engine that has the image, or can pull it."""
    try:
        found = find_engine()
        if not found.has_image(image()):
            found.pull(image(), lambda _: None)
    except LegUnavailable as why:
        _left_out(str(why))
    return found


def _left_out(why: str) -> NoReturn:
    reason = f"the broker in a container is not tested here: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[BrokerHome]:
    home = BrokerHome(tmp_path)
    try:
        yield home
    finally:
        stop(home=home, erase=True)


def sent_and_received(bootstrap: str) -> list[bytes]:
    """What comes out of a new topic after the morning's events went in."""
    with admin(bootstrap) as client:
        client.create_topics({"morning": {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for event in MORNING:
        producer.send("morning", event)
    producer.flush(30)
    producer.close()
    return received(bootstrap)


def received(bootstrap: str) -> list[bytes]:
    consumer = KafkaConsumer("morning", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    values: list[bytes] = []
    while len(values) < len(MORNING) and (batch := consumer.poll(timeout_ms=30_000)):
        values += [record.value for records in batch.values() for record in records]
    consumer.close()
    return values


def test_the_official_image_starts_and_passes_records_on(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.name != "docker":
        _left_out(f"testcontainers speaks to docker, and here is {engine.name}")
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)  # one more image, only to clean up
    own = identity(BrokerHome(tmp_path), lambda _: None)
    container = (
        DockerContainer(image())
        .with_bind_ports(9092, own.port)
        .with_env("KAFKA_NODE_ID", "1")
        .with_env("KAFKA_PROCESS_ROLES", "broker,controller")
        .with_env("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093")
        .with_env("KAFKA_ADVERTISED_LISTENERS", f"PLAINTEXT://localhost:{own.port}")
        .with_env("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT")
        .with_env("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
        .with_env("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
        .with_env("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
        .waiting_for(LogMessageWaitStrategy("Kafka Server started"))
    )
    with container:
        assert sent_and_received(f"localhost:{own.port}") == MORNING


def test_our_container_is_started_found_again_and_removed_but_keeps_its_records(
    engine: Engine, home: BrokerHome
) -> None:
    broker = ensure(home=home, legs=["container"])
    assert (broker.kind, broker.where) == ("container", f"{engine.name} container {home.container}")
    assert sent_and_received(broker.bootstrap_servers) == MORNING

    again = ensure(home=home, legs=["container"])
    assert (again.started_here, again.bootstrap_servers) == (False, broker.bootstrap_servers)
    assert status(home).problem is None
    assert any("KafkaRaftServer" in line for line in logs(home, lines=500))

    assert stop(home=home) is not None
    assert engine.run("container", "inspect", home.container).returncode != 0
    assert status(home).broker is None

    back = ensure(home=home)
    assert (back.kind, back.bootstrap_servers) == ("container", broker.bootstrap_servers)
    assert received(back.bootstrap_servers) == MORNING


def test_a_container_that_was_killed_is_replaced(engine: Engine, home: BrokerHome) -> None:
    broker = ensure(home=home, legs=["container"])
    engine.run("kill", home.container)
    assert "not running any more" in (status(home).problem or "")
    back = ensure(home=home, legs=["container"])
    assert back.started_here
    assert back.bootstrap_servers == broker.bootstrap_servers


def test_transactions_commit_in_our_container(engine: Engine, home: BrokerHome) -> None:
    """A broker verifies a transaction by calling itself at its advertised address, which it must reach from inside."""
    broker = ensure(home=home, legs=["container"])
    with admin(broker.bootstrap_servers) as client:
        client.create_topics({"morning": {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    producer = KafkaProducer(
        bootstrap_servers=broker.bootstrap_servers, transactional_id="morning", transaction_timeout_ms=30_000
    )
    producer.init_transactions()
    producer.begin_transaction()
    for event in MORNING:
        producer.send("morning", event)
    producer.commit_transaction()
    producer.close()
    assert received(broker.bootstrap_servers) == MORNING
