"""What a plan says of clusters that a single broker cannot show, and of refusals."""

from typing import Any, cast

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import NoError, TopicAlreadyExistsError, TopicAuthorizationFailedError, UnknownTopicOrPartitionError

from infra.topics import Refusal, TopicsError, apply, plan, reconcile
from schemas.topics import Space, TopicSpec, topics

SPACE = Space("trial")
ALERTS = next(spec for spec in topics(SPACE, {}) if spec.name == "trial.alerts")
FACTS = next(spec for spec in topics(SPACE, {}) if spec.name == "trial.facts")


class Cluster:
    """A cluster of `brokers` and of topics: name → (partitions, copies, configuration)."""

    def __init__(self, brokers: int = 1, topics: dict[str, tuple[int, int, dict[str, str]]] | None = None) -> None:
        self.brokers, self.topics = brokers, topics or {}
        self.down: tuple[int, ...] = ()
        self.names_those_down = True
        self.error, self.overtaker = NoError, False

    @property
    def admin(self) -> KafkaAdminClient:
        return cast(KafkaAdminClient, self)

    def describe_cluster(self) -> dict[str, Any]:
        brokers = [{"broker_id": i, "is_fenced": i in self.down} for i in range(self.brokers)]
        return {"brokers": [b for b in brokers if self.names_those_down or not b["is_fenced"]]}

    def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        return [self._topic(name) for name in names]

    def _topic(self, name: str) -> dict[str, Any]:
        if name not in self.topics:
            missing = UnknownTopicOrPartitionError if self.error is NoError else self.error
            return {"name": name, "error_code": missing.errno, "partitions": []}
        partitions, copies, _ = self.topics[name]
        return {"name": name, "error_code": 0, "partitions": [{"replica_nodes": [*range(copies)]}] * partitions}

    def describe_configs(self, resources: list[Any], config_filter: str) -> dict[str, Any]:
        assert config_filter == "all"
        defaults = {"min.insync.replicas": "1"}  # a broker that lets one look tells them all
        settings = {r.name: {**defaults, **self.topics[r.name][2]} for r in resources}
        rows = {name: {key: {"value": value} for key, value in told.items()} for name, told in settings.items()}
        return {"topic": rows}

    def create_topics(self, wanted: dict[str, Any], raise_errors: bool) -> dict[str, Any]:
        assert not raise_errors
        for name, row in wanted.items():
            config = {} if self.overtaker else row["configs"]
            self.topics[name] = (row["num_partitions"] + self.overtaker, row["replication_factor"], config)
        code = TopicAlreadyExistsError.errno if self.overtaker else self.error.errno
        return {"topics": [{"name": name, "error_code": code, "error_message": None} for name in wanted]}

    def alter_configs(self, resources: list[Any], **_: bool) -> dict[str, Any]:
        for resource in resources:
            self.topics[resource.name][2].update(resource.configs)
        result = "OK" if self.error is NoError else self.error.__name__
        return {"topic": {resource.name: result for resource in resources}}

    def wait_for_topics(self, names: list[str], timeout_ms: int) -> None:
        assert set(names) <= set(self.topics)


def there(
    spec: TopicSpec, other: dict[str, str] | None = None, partitions: int | None = None, copies: int = 1
) -> Cluster:
    """A cluster with the topic as specified, but for what is `other`."""
    return Cluster(topics={spec.name: (partitions or spec.partitions, copies, spec.config | (other or {}))})


@pytest.mark.parametrize(("brokers", "copies", "in_sync"), [(1, 1, None), (2, 1, None), (3, 3, "2"), (5, 3, "2")])
def test_three_copies_where_there_are_three_brokers(brokers: int, copies: int, in_sync: str | None) -> None:
    creation = plan(Cluster(brokers).admin, [ALERTS]).create[0]
    assert (creation.replication, creation.config.get("min.insync.replicas")) == (copies, in_sync)


@pytest.mark.parametrize("names_those_down", [True, False], ids=["Kafka 4", "Kafka 3"])
def test_a_broker_that_is_down_counts(names_those_down: bool) -> None:
    """Otherwise topics made while one restarts would have a single copy, for good."""
    cluster = Cluster(3, {"__consumer_offsets": (50, 3, {})})
    cluster.down, cluster.names_those_down = (2,), names_those_down
    assert plan(cluster.admin, [ALERTS]).create[0].replication == 3


def test_two_brokers_with_one_down_are_no_three() -> None:
    cluster = Cluster(2, {"__consumer_offsets": (50, 2, {})})
    cluster.down = (0,)
    assert plan(cluster.admin, [ALERTS]).create[0].replication == 1


def test_the_number_of_copies_can_be_given() -> None:
    assert plan(Cluster(5).admin, [ALERTS], replication=1).create[0].replication == 1


def test_a_topic_with_one_copy_is_not_asked_to_have_two_in_sync() -> None:
    assert plan(there(ALERTS, copies=1).admin, [ALERTS]).unchanged == (ALERTS.name,)
    assert plan(there(ALERTS, copies=3).admin, [ALERTS]).change[0].key == "min.insync.replicas"


def test_settings_that_nobody_specified_are_left_alone() -> None:
    assert plan(there(ALERTS, {"segment.ms": "1000"}).admin, [ALERTS]).does_nothing


def test_another_number_of_partitions_is_refused_and_the_rest_is_still_done() -> None:
    cluster, said = there(FACTS, {"retention.ms": "1"}, FACTS.partitions + 2), list[str]()
    planned = plan(cluster.admin, [FACTS])
    assert planned.refused == (Refusal(FACTS.name, "partitions", FACTS.partitions + 2, FACTS.partitions),)
    assert apply(cluster.admin, planned, said.append) == planned.refused
    assert cluster.topics[FACTS.name][0] == FACTS.partitions + 2
    assert said == [f"Changed {FACTS.name}: retention.ms 1 -> {FACTS.config['retention.ms']}."]


def test_a_topic_that_somebody_else_creates_meanwhile_is_looked_at_again() -> None:
    cluster = Cluster()
    planned = plan(cluster.admin, [FACTS])
    cluster.overtaker = True
    remaining = apply(cluster.admin, planned, lambda _: None)
    assert cluster.topics[FACTS.name][2] == FACTS.config
    assert [str(refusal) for refusal in remaining] == ["trial.facts has 5 partitions, specified are 4"]


def test_what_the_cluster_forbids_is_said_with_the_topic() -> None:
    cluster = Cluster()
    planned = plan(cluster.admin, [FACTS])
    cluster.error = TopicAuthorizationFailedError
    with pytest.raises(TopicsError, match=r"trial\.facts: TopicAuthorizationFailedError"):
        apply(cluster.admin, planned, lambda _: None)
    cluster.topics.clear()
    with pytest.raises(TopicsError, match=r"trial\.facts cannot be looked at: TopicAuthorizationFailedError"):
        plan(cluster.admin, [FACTS])


def test_a_setting_that_the_cluster_refuses_is_said_with_the_topic() -> None:
    cluster = there(FACTS, {"retention.ms": "1"})
    planned = plan(cluster.admin, [FACTS])
    cluster.error = TopicAuthorizationFailedError
    with pytest.raises(TopicsError, match=r"configuration of trial\.facts: TopicAuthorizationFailedError"):
        apply(cluster.admin, planned, lambda _: None)


def test_two_who_want_different_settings_are_told_of_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "_READY_WITHIN", 0.0)
    cluster = there(FACTS, {"retention.ms": "1"})
    monkeypatch.setattr(cluster, "alter_configs", lambda *_, **__: {"topic": {}})
    with pytest.raises(TopicsError, match=r"Somebody else changes these topics at the same time: trial\.facts\."):
        apply(cluster.admin, plan(cluster.admin, [FACTS]), lambda _: None)
