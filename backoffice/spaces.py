"""A space as a whole: its topics made ready, its settings put on record, and, for a replay space, removed."""

from collections.abc import Iterable, Mapping
from typing import Any

from kafka.admin import KafkaAdminClient

from backoffice.registry import inboxes, processors
from infra.admin import admin
from infra.topics import apply, plan
from infra.topics.cluster import existing
from infra.topics.removal import remove_space
from producers.feeder import Line
from producers.settings import SettingsTeller
from schemas.settings import Settings
from schemas.topics import Space, changelog, topics

PARTITIONS = 4
"""Partitions of each inbox of a new space, unless asked otherwise."""


def names(existing_topics: Iterable[str]) -> list[str]:
    """The spaces that these topics make up. Alerting has its inbox in each; its changelog only ends the same way."""
    inbox, state = ".alerting", f".{changelog('alerting')}"
    return sorted(t.removesuffix(inbox) for t in existing_topics if t.endswith(inbox) and not t.endswith(state))


def partitions(cluster: KafkaAdminClient, space: Space, new: int = PARTITIONS) -> int:
    """Partitions of the space's inboxes; `new` where there is no such space yet.

    A department that comes later gets as many as the others: a space has one number, chosen once.
    """
    facts = space.topic("facts")
    there = existing(cluster, [facts]).get(facts)
    return there.partitions if there else new


def prepare(bootstrap: str, space: Space, new: int = PARTITIONS, replication: int | None = None) -> None:
    """Creates the topics that are missing, with `new` partitions if all are; mends the configuration of the others.

    `replication`: copies of those created; as many as suit the cluster when not given. Raises TopicsError.
    """
    with admin(bootstrap) as cluster:
        planned = plan(cluster, topics(space, inboxes(), partitions(cluster, space, new)), replication)
        apply(cluster, planned, lambda line: None)


def remove(bootstrap: str, space: Space) -> int:
    """Removes a replay space with all its topics and groups; returns how many topics. Refuses a live one."""
    with admin(bootstrap) as cluster:
        return remove_space(cluster, space)


def line(*departments: str) -> Line:
    """The inboxes in the order in which records flow; of these departments' only, when any are named."""
    entrances = (p for p in processors() if p.inbox.startswith("events."))
    return Line(tuple(p.inbox for p in entrances if not departments or p.name in departments), ("facts", "alerting"))


def tell_settings(bootstrap: str, space: Space, settings: Mapping[str, Settings]) -> list[str]:
    """Puts settings on record in every partition of the inboxes they concern, from now on; returns whose.

    A department that has no inbox in the space yet is passed over: `backoffice run` makes one, and tells it then.
    """
    with admin(bootstrap) as cluster:
        there = existing(cluster, [space.topic(inbox) for inbox in inboxes().values()])
    told = sorted(name for name in settings if space.topic(inboxes()[name]) in there)
    with SettingsTeller(bootstrap, space) as teller:
        for name in told:
            teller.tell(name, inboxes()[name], as_told(settings[name]))
    return told


def as_told(settings: Settings) -> dict[str, Any]:
    """Settings as they travel: what was set, no defaults."""
    return settings.model_dump(mode="json", exclude_unset=True)
