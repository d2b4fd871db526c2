"""Asked once, before a worker starts: is everything as it requires? Nothing is changed."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import (
    GroupAuthorizationFailedError,
    GroupIdNotFoundError,
    KafkaError,
    NoError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailedError,
    TransactionalIdNotFoundError,
    UnknownTopicOrPartitionError,
    for_code,
)

from backoffice.requirements import Found, allow, problems
from infra.admin import admin
from infra.broker.version import too_old, version_of
from infra.topics.cluster import configs
from processors.processor import Processor
from schemas.topics import Space, names, topics


class NotReady(Exception):
    """A worker cannot start here. One problem per line."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("\n".join(problems))


def check(bootstrap: str, space: Space, processors: Iterable[Processor]) -> None:
    """Raises NotReady with all that keeps a worker from starting, and KafkaError when no broker answers."""
    processors = tuple(processors)
    with admin(bootstrap) as cluster:
        if old := too_old(version_of(cluster)):
            raise NotReady([f"The broker at {bootstrap} is too old: {old}. Upgrade it, or name another cluster."])
        wanted = names(topics(space, {p.name: p.inbox for p in processors}))
        hidden, there = _topics(cluster, wanted)
        wrong = _hidden(space, hidden) or problems(space, processors, there)
        wrong += [*_group(cluster, space), *_transactions(cluster, space, processors)]
    if wrong:
        raise NotReady(wrong)


def _hidden(space: Space, hidden: Sequence[str]) -> list[str]:
    if not hidden:
        return []
    return [f"This client may not DESCRIBE {', '.join(sorted(hidden))}. {allow(space, 'DESCRIBE', 'topic')}"]


def _topics(cluster: KafkaAdminClient, wanted: Sequence[str]) -> tuple[list[str], dict[str, Found]]:
    """The topics that must not be seen, and those that are there. A topic that is not there is in neither."""
    hidden: list[str] = []
    seen: dict[str, dict[str, Any]] = {}
    for topic in cluster.describe_topics(list(wanted)):
        error = for_code(topic["error_code"])
        if error is TopicAuthorizationFailedError:
            hidden.append(topic["name"])
        elif error is NoError:
            seen[topic["name"]] = topic
        elif error is not UnknownTopicOrPartitionError:
            raise error(f"topic {topic['name']}")
    readable = [name for name, topic in seen.items() if "DESCRIBE_CONFIGS" in (topic["authorized_operations"] or ())]
    settings = configs(cluster, readable)
    return hidden, {name: _found(topic, settings.get(name, {})) for name, topic in seen.items()}


def _found(topic: dict[str, Any], config: dict[str, str]) -> Found:
    allowed = topic["authorized_operations"]
    return Found(len(topic["partitions"]), config, None if allowed is None else frozenset(allowed))


def _group(cluster: KafkaAdminClient, space: Space) -> Iterator[str]:
    """Whether the group may be joined: known once it exists; before, only whether it may be looked at."""
    try:
        group = cluster.describe_groups([space.group])[space.group]
    except GroupAuthorizationFailedError:
        yield f"This client may not READ the consumer group {space.group}. {allow(space, 'READ', 'group')}"
        return
    except KafkaError as error:
        if not error.retriable:
            raise
        return  # a fresh cluster makes its coordinators at the first question; that says nothing about rights
    allowed = group["authorized_operations"]
    if group["error"] and GroupIdNotFoundError.__name__ not in group["error"]:
        yield f"The consumer group {space.group} cannot be looked at: {group['error']}"
    elif allowed is not None and "READ" not in allowed and not group["error"]:
        yield f"This client may not READ the consumer group {space.group}. {allow(space, 'READ', 'group')}"


def _transactions(cluster: KafkaAdminClient, space: Space, processors: Sequence[Processor]) -> Iterator[str]:
    """Whether transactions may be written. To describe is part of to write; to try would fence a running worker."""
    denied = []
    for processor in processors:
        try:
            cluster.describe_transactions([f"{space.name}.{processor.name}.0"])
        except TransactionalIdAuthorizationFailedError:
            denied.append(f"{space.name}.{processor.name}.*")
        except KafkaError as error:
            if not (error.retriable or isinstance(error, TransactionalIdNotFoundError)):
                raise  # others say nothing about rights, as above
    if denied:
        yield f"This client may not WRITE transactions {', '.join(denied)}. {allow(space, 'WRITE', 'transactional-id')}"
