"""Carrying out a plan: creating and configuring topics, and waiting until they can be used."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import InvalidReplicationFactorError, KafkaError, NoError, TopicAlreadyExistsError, for_code
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from infra.topics.cluster import TopicsError, resource
from infra.topics.compare import ConfigChange, Creation, Plan, Refusal
from infra.topics.compare import plan as compare
from schemas.topics import TopicSpec

_READY_WITHIN = 30.0
_BETWEEN_LOOKS = 0.1


def apply(admin: KafkaAdminClient, plan: Plan, report: Callable[[str], None]) -> tuple[Refusal, ...]:
    """Carry out the plan, wait until the cluster shows it, and return what still differs.

    Applying twice is applying once, also when somebody else applies at the same time. Raises TopicsError.
    """
    overtaken = _create(admin, plan.create, report)
    _alter(admin, plan.change, report)
    _wait_for_leaders(admin, [spec.name for spec in plan.specs])
    if overtaken:  # somebody else created them meanwhile, perhaps otherwise
        _alter(admin, compare(admin, overtaken).change, report)
    return _settled(admin, plan.specs)


def _create(admin: KafkaAdminClient, creations: Sequence[Creation], report: Callable[[str], None]) -> list[TopicSpec]:
    """Returns the ones that somebody else had created meanwhile."""
    if not creations:
        return []
    wanted = {
        creation.spec.name: {
            "num_partitions": creation.spec.partitions,
            "replication_factor": creation.replication,
            "configs": dict(creation.config),
        }
        for creation in creations
    }
    failed: list[str] = []
    overtaken: list[str] = []
    for row in _answers(admin, wanted):
        error = for_code(row["error_code"])
        if error is NoError:
            report(f"Created {row['name']}.")
        elif error is TopicAlreadyExistsError:
            overtaken.append(row["name"])
        else:
            failed.append(f"{row['name']}: {row['error_message'] or error.__name__}")
    if failed:
        raise TopicsError("The cluster did not create " + "; ".join(failed))
    return [creation.spec for creation in creations if creation.spec.name in overtaken]


@retry(
    retry=retry_if_result(
        lambda rows: all(for_code(row["error_code"]) is InvalidReplicationFactorError for row in rows)
    ),
    wait=wait_fixed(0.5),
    stop=stop_after_delay(15),
    retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
)
def _answers(admin: KafkaAdminClient, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cluster's answer per topic. Brokers that are too busy to report for a moment leave it without any to use."""
    rows: list[dict[str, Any]] = admin.create_topics(wanted, raise_errors=False)["topics"]
    return rows


def _alter(admin: KafkaAdminClient, changes: Sequence[ConfigChange], report: Callable[[str], None]) -> None:
    if not changes:
        return
    wanted: dict[str, dict[str, str]] = {}
    for change in changes:
        wanted.setdefault(change.topic, {})[change.key] = change.new
    resources = [resource(topic, values) for topic, values in wanted.items()]
    results = admin.alter_configs(resources, raise_on_unknown=False, incremental=True)["topic"]
    failed = [f"{topic}: {result}" for topic, result in results.items() if result != "OK"]
    if failed:
        raise TopicsError("The cluster did not change the configuration of " + "; ".join(failed))
    for change in changes:
        report(f"Changed {change.topic}: {change.key} {change.old} -> {change.new}.")


def _wait_for_leaders(admin: KafkaAdminClient, names: list[str]) -> None:
    try:
        admin.wait_for_topics(names, timeout_ms=int(_READY_WITHIN * 1000))
    except KafkaError as error:
        raise TopicsError(f"Topics without a leader: {error}") from error


def _settled(admin: KafkaAdminClient, specs: Sequence[TopicSpec]) -> tuple[Refusal, ...]:
    """A broker shows a changed setting a moment after the controller has taken it."""
    deadline = time.monotonic() + _READY_WITHIN
    while not (now := compare(admin, specs)).does_nothing:
        if time.monotonic() > deadline:
            topics = sorted({change.topic for change in now.change} | {new.spec.name for new in now.create})
            raise TopicsError(f"Somebody else changes these topics at the same time: {', '.join(topics)}.")
        time.sleep(_BETWEEN_LOOKS)
    return now.refused
