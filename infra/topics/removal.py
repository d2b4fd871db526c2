"""Removing a replay space: a trial, an import or a demo leaves nothing behind. A live space is never removed."""

import time

from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorLoadInProgressError, GroupIdNotFoundError, NonEmptyGroupError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from infra.topics.cluster import TopicsError, configs, existing
from schemas.topics import Space

GONE_WITHIN = 30.0
"""Seconds that the brokers have to forget deleted topics."""

GONE = ("OK", GroupIdNotFoundError.__name__)
"""What a group's deletion may come to."""


def remove_space(admin: KafkaAdminClient, space: Space) -> int:
    """Deletes the topics and consumer groups of a replay space; returns how many topics there were.

    Raises TopicsError, before anything is deleted, when the broker, not the sender, stamps its records (then it is
    live), and when somebody still works in it.
    """
    prefix = f"{space.name}."
    names = [topic for topic in admin.list_topics() if topic.startswith(prefix)]
    inbox = space.topic("alerting")
    if inbox in existing(admin, [inbox]):
        stamps = configs(admin, [inbox])[inbox]["message.timestamp.type"]
        if stamps != "CreateTime":
            raise TopicsError(f"space {space.name} is live; only replay spaces can be removed")
    _remove_groups(admin, space)
    if names:
        admin.delete_topics(names)
        _wait_until_gone(admin, prefix)
    return len(names)


@retry(
    retry=retry_if_exception_type(CoordinatorLoadInProgressError),
    wait=wait_fixed(0.2),
    stop=stop_after_delay(GONE_WITHIN),
    reraise=True,
)
def _remove_groups(admin: KafkaAdminClient, space: Space) -> None:
    """A coordinator that has just moved or started answers nothing until it has read its groups."""
    groups = [g["group_id"] for g in admin.list_groups() if g["group_id"].startswith(f"{space.name}.")]
    refused = {group: why for group, why in admin.delete_groups(groups).items() if why not in GONE} if groups else {}
    if refused:
        said = "; ".join(_why(group, error) for group, error in sorted(refused.items()))
        raise TopicsError(f"space {space.name} stays as it is: {said}")


def _why(group: str, error: str) -> str:
    if error == NonEmptyGroupError.__name__:
        return (
            f"consumer group {group} has members. Stop the workers of the space, and remove it again; "
            "one that was killed leaves the group after a minute"
        )
    return f"consumer group {group} cannot be deleted: {error}"


def _wait_until_gone(admin: KafkaAdminClient, prefix: str) -> None:
    """The broker answers before its metadata forget a topic; who makes the space anew must not find the old one."""
    deadline = time.monotonic() + GONE_WITHIN
    while any(topic.startswith(prefix) for topic in admin.list_topics()):
        if time.monotonic() > deadline:
            raise TopicsError(f"some topics of {prefix}* are still there after {GONE_WITHIN:.0f} s; remove them again")
        time.sleep(0.05)
