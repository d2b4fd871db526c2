"""The topics that a cluster has: partitions, copies and configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import NoError, UnknownTopicOrPartitionError, for_code

GROUP_OFFSETS = "__consumer_offsets"
"""The topic that every cluster makes for itself, once the first group has read something."""


class TopicsError(Exception):
    """The cluster refused something; the message says which topic and why."""


@dataclass(frozen=True, slots=True)
class Topic:
    partitions: int
    replication: int


def default_replication(admin: KafkaAdminClient) -> int:
    """Three copies where the cluster has three brokers to hold them, some of which may be down just now.

    Kafka 4 names them as fenced. Kafka 3 does not name them; but who keeps copies of the groups' offsets belongs to it.
    """
    registered = {broker["broker_id"] for broker in admin.describe_cluster()["brokers"]}
    return 3 if len(registered) >= 3 or len(registered | _holders(admin, GROUP_OFFSETS)) >= 3 else 1


def _holders(admin: KafkaAdminClient, topic: str) -> set[int]:
    """The brokers that are to hold a topic, up or down; none where it is not there, or not ours to look at."""
    (described,) = admin.describe_topics([topic])
    return {broker for partition in described["partitions"] for broker in partition["replica_nodes"]}


def existing(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, Topic]:
    """Those of the named topics that are there. Raises TopicsError when one must not be looked at."""
    found: dict[str, Topic] = {}
    for topic in admin.describe_topics(names):
        error = for_code(topic["error_code"])
        if error is NoError:
            partitions = topic["partitions"]
            copies = min((len(partition["replica_nodes"]) for partition in partitions), default=1)
            found[topic["name"]] = Topic(len(partitions), copies)
        elif error is not UnknownTopicOrPartitionError:
            raise TopicsError(f"Topic {topic['name']} cannot be looked at: {error.__name__}.")
    return found


def configs(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """Every setting of each topic, the cluster's defaults included. Raises TopicsError when they must not be seen."""
    if not names:
        return {}
    described = admin.describe_configs([resource(name) for name in names], config_filter="all")
    topics: dict[str, dict[str, Any]] = described["topic"]
    if hidden := sorted(set(names) - {name for name, rows in topics.items() if rows}):
        raise TopicsError(f"The settings of {', '.join(hidden)} cannot be looked at: DescribeConfigs is not allowed.")
    return {name: {key: row["value"] for key, row in rows.items()} for name, rows in topics.items()}


def resource(topic: str, values: Mapping[str, str] | None = None) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, topic, configs=dict(values) if values else None)
