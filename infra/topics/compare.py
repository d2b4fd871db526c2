"""Comparing the topics that are specified with those of the cluster; nothing changes here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kafka.admin import KafkaAdminClient

from infra.topics.cluster import TopicsError, configs, default_replication, existing
from schemas.topics import TopicSpec

STAMPS = "message.timestamp.type"


@dataclass(frozen=True, slots=True)
class Creation:
    """A topic that is not there yet."""

    spec: TopicSpec
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """`old` is None where the cluster does not know the key, or does not show it to us."""

    topic: str
    key: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A difference that a person has to settle: nothing here changes it."""

    topic: str
    what: str
    now: int
    wanted: int

    def __str__(self) -> str:
        return f"{self.topic} has {self.now} {self.what}, specified are {self.wanted}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What `apply` will do, and what it will not."""

    specs: tuple[TopicSpec, ...]
    create: tuple[Creation, ...]
    change: tuple[ConfigChange, ...]
    unchanged: tuple[str, ...]
    refused: tuple[Refusal, ...]

    @property
    def does_nothing(self) -> bool:
        return not (self.create or self.change)


def plan(admin: KafkaAdminClient, specs: Sequence[TopicSpec], replication: int | None = None) -> Plan:
    """Compare `specs` with the cluster; changes nothing. `replication` is for topics to be created: 3 on
    a cluster of 3 brokers or more, whether or not all are up, and 1 on a smaller one, unless given.

    Raises TopicsError, also when a live space is specified where a replay space is, or the other way round.
    """
    copies = replication or default_replication(admin)
    there = existing(admin, [spec.name for spec in specs])
    create = tuple(Creation(spec, copies, _config(spec, copies)) for spec in specs if spec.name not in there)
    known = [(spec, there[spec.name]) for spec in specs if spec.name in there]
    current = configs(admin, list(there))
    for spec, _ in known:
        _require_same_stamps(spec, current[spec.name].get(STAMPS, spec.timestamps))
    change = tuple(
        difference
        for spec, topic in known
        for difference in _differences(spec.name, current[spec.name], _config(spec, topic.replication))
    )
    refused = tuple(
        Refusal(spec.name, "partitions", topic.partitions, spec.partitions)
        for spec, topic in known
        if topic.partitions != spec.partitions
    )
    touched = {difference.topic for difference in change} | {refusal.topic for refusal in refused}
    unchanged = tuple(spec.name for spec, _ in known if spec.name not in touched)
    return Plan(tuple(specs), create, change, unchanged, refused)


def _require_same_stamps(spec: TopicSpec, now: str) -> None:
    """Who stamps a space's records says whether it is live; changing that would give its past another time."""
    if now != spec.timestamps:
        kinds = {"CreateTime": "a replay space", "LogAppendTime": "a live space"}
        raise TopicsError(
            f"{spec.name} belongs to {kinds[now]} ({STAMPS} is {now}), and {kinds[spec.timestamps]} is wanted. "
            "A space stays what it is: use another name."
        )


def _config(spec: TopicSpec, replication: int) -> dict[str, str]:
    """With three copies, a record counts as written once two have it; with one there is nothing to ask for."""
    return ({"min.insync.replicas": "2"} if replication >= 3 else {}) | spec.config


def _differences(topic: str, now: Mapping[str, str], wanted: Mapping[str, str]) -> Iterable[ConfigChange]:
    return (ConfigChange(topic, key, now.get(key), value) for key, value in wanted.items() if now.get(key) != value)
