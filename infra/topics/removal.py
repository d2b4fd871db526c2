"""Removing a replay space: a trial, an import or a demo leaves nothing behind. A live space is never removed."""

import time

from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorLoadInProgressError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from infra.topics.cluster import TopicsError, configs, existing
from schemas.topics import Space

GONE_WITHIN = 30.0
"""Seconds that the brokers have to forget deleted topics."""


def remove_space(admin: KafkaAdminClient, space: Space) -> int:
    """Deletes the topics and consumer groups of a replay space; returns how many topics there were.

    Raises TopicsError when the broker, not the sender, stamps its records: then it is live.
    """
    prefix = f"{space.name}."
    names = [topic for topic in admin.list_topics() if topic.startswith(prefix)]
    inbox = space.topic("alerting")
    if inbox in existing(admin, [inbox]):
        stamps = configs(admin, [inbox])[inbox]["message.timestamp.type"]
        if stamps != "CreateTime":
            raise TopicsError(f"space {space.name} is live; only replay spaces can be removed")
    if names:
        admin.delete_topics(names)
        _wait_until_gone(admin, prefix)
    _remove_groups(admin, prefix)
    return len(names)


@retry(
    retry=retry_if_exception_type(CoordinatorLoadInProgressError),
    wait=wait_fixed(0.2),
    stop=stop_after_delay(GONE_WITHIN),
    reraise=True,
)
def _remove_groups(admin: KafkaAdminClient, prefix: str) -> None:
    """A coordinator that has just moved or started answers nothing until it has read its groups."""
    groups = [g["group_id"] for g in admin.list_groups() if g["group_id"].startswith(prefix)]
    if groups:
        admin.delete_groups(groups)


def _wait_until_gone(admin: KafkaAdminClient, prefix: str) -> None:
    """The broker answers before its metadata forget a topic; who makes the space anew must not find the old one."""
    deadline = time.monotonic() + GONE_WITHIN
    while any(topic.startswith(prefix) for topic in admin.list_topics()):
        if time.monotonic() > deadline:
            raise TopicsError(f"some topics of {prefix}* are still there after {GONE_WITHIN:.0f} s; remove them again")
        time.sleep(0.05)
