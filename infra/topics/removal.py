"""Removing a replay space: a trial, an import or a demo leaves nothing behind. A live space is never removed."""

from kafka.admin import KafkaAdminClient

from infra.topics.cluster import TopicsError, configs, existing
from schemas.topics import Space


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
    groups = [g["group_id"] for g in admin.list_groups() if g["group_id"].startswith(prefix)]
    if groups:
        admin.delete_groups(groups)
    return len(names)
