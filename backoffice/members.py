"""Who works in a space: the members of its consumer groups, and the partitions each has."""

from collections.abc import Iterator
from dataclasses import dataclass

from kafka.admin import KafkaAdminClient
from kafka.errors import GroupIdNotFoundError, KafkaError

from backoffice.lag import notifier_group
from infra.admin import admin
from schemas.topics import Space


@dataclass(frozen=True, slots=True)
class Member:
    """One process. `does`: `worker` or `notifier`."""

    does: str
    member: str
    """Its id, as the broker names it."""
    client: str
    host: str
    group_state: str
    """Kafka's word for how the group is: `Stable`, or that it is sharing out its partitions anew."""
    partitions: tuple[str, ...]
    """Topic, without its space, and partition."""


def members(bootstrap: str, space: Space, timeout: float = 10.0) -> list[Member]:
    """Everybody who works in a space, workers first. Raises kafka.errors.KafkaError."""
    with admin(bootstrap, timeout=timeout) as cluster:
        return [
            *_of(cluster, space, space.group, "worker"),
            *_of(cluster, space, notifier_group(space), "notifier"),
        ]


def _of(cluster: KafkaAdminClient, space: Space, group: str, does: str) -> Iterator[Member]:
    """The members of a group; none of one that there never was."""
    try:
        found = cluster.describe_groups([group])[group]
    except GroupIdNotFoundError:
        return
    except KafkaError as problem:
        if problem.retriable:  # a fresh broker makes its coordinators at the first question
            return
        raise
    for member in found.get("members") or ():
        yield Member(
            does,
            member["member_id"],
            member["client_id"],
            str(member["client_host"]).lstrip("/"),
            str(found.get("group_state", "")),
            tuple(_partitions(space, member.get("member_assignment"))),
        )


def _partitions(space: Space, assignment: object) -> Iterator[str]:
    """What a member was given. Bytes are an assignment that kafka-python cannot read."""
    if isinstance(assignment, dict):
        for part in assignment.get("assigned_partitions") or ():
            for number in sorted(part["partitions"]):
                yield f"{space.short(part['topic'])}/{number}"
