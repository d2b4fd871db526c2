"""Spaces: a live one stays live, a replay one can be removed, and nothing of one reaches another."""

import socket
import uuid

import pytest
from kafka import KafkaConsumer
from typer.testing import CliRunner

from backoffice import spaces
from backoffice.cli import app, topics
from backoffice.cli.options import FOUND
from backoffice.registry import processors
from infra.admin import admin
from infra.topics import TopicsError
from schemas.topics import Space
from tests.kafka.topics import partitions

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True)
def named_by_the_environment(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)


def named() -> str:
    return f"space-{uuid.uuid4().hex[:8]}"


def topics_of(bootstrap: str, name: str) -> set[str]:
    with admin(bootstrap) as cluster:
        return {topic for topic in cluster.list_topics() if topic.startswith(f"{name}.")}


def test_a_live_space_never_becomes_a_replay_space_nor_the_other_way_round(bootstrap: str) -> None:
    live, replay = named(), named()
    spaces.prepare(bootstrap, Space(live))
    spaces.prepare(bootstrap, Space(replay, replay=True))
    with pytest.raises(TopicsError, match="belongs to a live space"):
        spaces.prepare(bootstrap, Space(live, replay=True))
    with pytest.raises(TopicsError, match="belongs to a replay space"):
        spaces.prepare(bootstrap, Space(replay))
    spaces.prepare(bootstrap, Space(live))


def test_a_removed_replay_space_is_gone_and_its_neighbour_is_not(bootstrap: str) -> None:
    name = named()
    neighbour = f"{name}-too"
    for each in (name, neighbour):
        spaces.prepare(bootstrap, Space(each, replay=True))
    spaces.remove(bootstrap, Space(name, replay=True))
    assert topics_of(bootstrap, name) == set()
    assert len(topics_of(bootstrap, neighbour)) > 10


def test_a_space_in_which_somebody_works_is_not_removed(bootstrap: str) -> None:
    space = Space(named(), replay=True)
    spaces.prepare(bootstrap, space)
    before = topics_of(bootstrap, space.name)
    with KafkaConsumer(space.topic("facts"), bootstrap_servers=bootstrap, group_id=space.group) as worker:
        while not worker.assignment():
            worker.poll(100)
        removed = CliRunner().invoke(app, ["space", "remove", space.name])
        assert removed.exit_code == 1
        assert f"consumer group {space.group} has members. Stop the workers" in removed.stderr
        assert topics_of(bootstrap, space.name) == before
    assert CliRunner().invoke(app, ["space", "remove", space.name]).exit_code == 0
    assert topics_of(bootstrap, space.name) == set()


def test_one_bootstrap_server_that_answers_is_enough(bootstrap: str) -> None:
    """The others are down, or cut off: they take the connection and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cut_off = f"127.0.0.1:{silent.getsockname()[1]}"
        for servers in (f"{cut_off},127.0.0.1:1,{bootstrap}", f"{bootstrap},{cut_off}"):
            with admin(servers, timeout=4) as cluster:
                assert cluster.describe_cluster()["brokers"]


def test_topics_that_a_space_lacks_are_made_with_as_many_partitions_as_it_has(bootstrap: str) -> None:
    name = named()
    spaces.prepare(bootstrap, Space(name, replay=True), 3)
    late = [f"{name}.events.hr", f"{name}.changelog.hr"]
    with admin(bootstrap) as cluster:
        cluster.delete_topics(late)
        while topics_of(bootstrap, name).intersection(late):
            """The broker answers before its metadata forget a topic."""
    spaces.prepare(bootstrap, Space(name, replay=True))
    assert [partitions(bootstrap, topic) for topic in late] == [3, 3]
    planned = CliRunner().invoke(topics.app, ["plan", "--space", name, "--replay"])
    assert (planned.exit_code, "0 to create" in planned.output) == (0, True), planned.output
    wider = CliRunner().invoke(topics.app, ["plan", "--space", name, "--replay", "--partitions", "4"])
    assert wider.exit_code == FOUND


def test_settings_are_told_to_whom_the_space_has_and_the_others_are_passed_over(bootstrap: str) -> None:
    name = named()
    spaces.prepare(bootstrap, Space(name))
    settings = {processor.name: processor.settings() for processor in processors()}
    assert spaces.tell_settings(bootstrap, Space(name), settings) == sorted(settings)
    assert spaces.tell_settings(bootstrap, Space(named()), settings) == []


def test_a_live_space_is_not_removed(bootstrap: str) -> None:
    name = named()
    spaces.prepare(bootstrap, Space(name))
    with pytest.raises(TopicsError, match="live"):
        spaces.remove(bootstrap, Space(name, replay=True))
    assert topics_of(bootstrap, name)
