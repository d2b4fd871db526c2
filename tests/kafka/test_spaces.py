"""Spaces: a live one stays live, a replay one can be removed, and nothing of one reaches another."""

import uuid

import pytest

from backoffice import spaces
from infra.admin import admin
from infra.topics import TopicsError
from schemas.topics import Space

pytestmark = pytest.mark.kafka


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


def test_a_live_space_is_not_removed(bootstrap: str) -> None:
    name = named()
    spaces.prepare(bootstrap, Space(name))
    with pytest.raises(TopicsError, match="live"):
        spaces.remove(bootstrap, Space(name, replay=True))
    assert topics_of(bootstrap, name)
