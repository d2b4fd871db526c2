"""How the system does, asked of the broker: for the console's page of that name."""

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from backoffice.lag import lags
from backoffice.members import members
from backoffice.registry import inboxes
from backoffice.spaces import partitions
from consumers.console.system import Behind, Snapshot, TopicLine, Transaction, Vital, Worker
from infra.admin import admin
from infra.topics import TopicsError, plan
from infra.topics.cluster import existing
from schemas.topics import Space, topics

PACKAGES = ("backoffice", "faust-streaming", "aiokafka", "kafka-python", "pydantic", "nicegui", "fastapi", "sqlalchemy")

LOOK_MS = 300
"""For each partition: there are dozens, and pages wait."""

PATIENCE = 5.0
"""Seconds for each question to the broker."""


class System:
    """Takes snapshots."""

    def __init__(self, bootstrap: str, space: Space, inboxes: Mapping[str, str], metrics: Sequence[str] = ()) -> None:
        self._bootstrap = bootstrap
        self._space = space
        self._inboxes = inboxes
        self._metrics = metrics
        self._versions = {"Python": platform.python_version(), **_installed()}
        self._wrong: list[str] = []

    def snapshot(self) -> Snapshot:
        """What is so now. What cannot be asked is named instead."""
        self._wrong = []
        now = datetime.now(UTC)
        behind = self._asked("how far behind", lambda: lags(self._bootstrap, self._space, self._inboxes, LOOK_MS), [])
        workers = self._asked("who works", lambda: members(self._bootstrap, self._space, PATIENCE), [])
        lines, drift, transactions = self._asked("the topics", self._cluster, ((), (), ()))
        return Snapshot(
            at=now,
            workers=tuple(Worker(m.does, m.member, m.host, m.group_state, m.partitions) for m in workers),
            behind=tuple(Behind(x.reader, x.topic, x.partition, x.records, x.seconds(now)) for x in behind),
            topics=lines,
            drift=drift,
            transactions=transactions,
            vitals=tuple(map(_vital, self._metrics)),
            versions=self._versions,
            wrong=tuple(self._wrong),
        )

    def _asked(self, what: str, ask: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return ask()
        except (KafkaError, TopicsError) as error:
            self._wrong.append(f"{what} cannot be asked: {error}")
            return otherwise

    def _cluster(self) -> tuple[tuple[TopicLine, ...], tuple[str, ...], tuple[Transaction, ...]]:
        with admin(self._bootstrap, timeout=PATIENCE) as cluster:
            self._versions = {"Kafka": _kafka(cluster), **self._versions}
            return self._topics(cluster), self._drift(cluster), self._transactions(cluster)

    def _topics(self, cluster: KafkaAdminClient) -> tuple[TopicLine, ...]:
        names = sorted(name for name in cluster.list_topics() if name.startswith(f"{self._space.name}."))
        sizes = _sizes(cluster)
        return tuple(
            TopicLine(self._space.short(name), topic.partitions, topic.replication, sizes.get(name))
            for name, topic in sorted(existing(cluster, names).items())
        )

    def _drift(self, cluster: KafkaAdminClient) -> tuple[str, ...]:
        found = plan(cluster, topics(self._space, inboxes(), partitions(cluster, self._space)))
        return (
            *(f"{one.spec.name} is not there" for one in found.create),
            *(f"{one.topic}: {one.key} is {one.old}, specified is {one.new}" for one in found.change),
            *map(str, found.refused),
        )

    def _transactions(self, cluster: KafkaAdminClient) -> tuple[Transaction, ...]:
        """Those that are open now, the oldest first."""
        listed = cluster.list_transactions(state_filters=["Ongoing", "PrepareCommit", "PrepareAbort"])
        names = [one.transactional_id for of_broker in listed.values() for one in of_broker]
        mine = [name for name in names if name.startswith(f"{self._space.name}.")]
        described = cluster.describe_transactions(mine) if mine else {}
        found = [_transaction(name, one) for name, one in described.items()]
        return tuple(sorted(found, key=lambda one: (one.since is None, one.since)))


def _vital(source: str) -> Vital:
    """A worker's metrics, in a few numbers."""
    try:
        answer = httpx.get(source, timeout=PATIENCE, headers={"accept": "application/openmetrics-text"})
        families: Iterable[Metric] = text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
        samples = [sample for family in families for sample in family.samples]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Vital(source, wrong=str(error) or type(error).__name__)
    values: dict[str, list[float]] = {}
    for sample in samples:
        values.setdefault(sample.name, []).append(float(sample.value))
    rows, seconds = values.get("backoffice_restore_rows", []), values.get("backoffice_restore_seconds", [])
    count, took = (sum(values.get(f"backoffice_transaction_seconds_{part}", ())) for part in ("count", "sum"))
    return Vital(source, len(rows), int(sum(rows)), max(seconds, default=0.0), int(count), 1000 * took / max(count, 1))


def _transaction(name: str, one: Any) -> Transaction:
    started = one.transaction_start_time_ms
    since = datetime.fromtimestamp(started / 1000, UTC) if started > 0 else None
    return Transaction(name, str(getattr(one.state, "value", one.state)), since)


def _sizes(cluster: KafkaAdminClient) -> dict[str, int]:
    """Bytes of each topic, of all copies; nothing where that must not be seen."""
    sizes: dict[str, int] = {}
    try:
        described = cluster.describe_log_dirs()
    except KafkaError:
        return sizes
    for broker in described:
        for folder in broker.get("log_dirs", broker.get("results", ())):
            for topic in folder.get("topics", ()):
                name = topic.get("name", topic.get("topic"))
                size = sum(part["partition_size"] for part in topic["partitions"])
                sizes[name] = sizes.get(name, 0) + size
    return sizes


def _kafka(cluster: KafkaAdminClient) -> str:
    broker = cluster.describe_cluster()["brokers"][0]["broker_id"]
    return ".".join(map(str, cluster.get_broker_version_data(broker).broker_version))


def _installed() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
