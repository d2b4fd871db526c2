"""A space as a whole: its topics made ready, its settings put on record, and, for a replay space, removed."""

from collections.abc import Mapping
from typing import Any

from backoffice.registry import inboxes, processors
from infra.admin import admin
from infra.topics import apply, plan
from infra.topics.removal import remove_space
from producers.feeder import Line
from producers.settings import SettingsTeller
from schemas.settings import Settings
from schemas.topics import Space, topics

PARTITIONS = 4
"""Partitions of each inbox, unless asked otherwise."""


def prepare(bootstrap: str, space: Space, partitions: int = PARTITIONS) -> None:
    """Creates the topics that are missing, and mends the configuration of the others. Raises TopicsError."""
    with admin(bootstrap) as cluster:
        planned = plan(cluster, topics(space, inboxes(), partitions))
        apply(cluster, planned, lambda line: None)


def remove(bootstrap: str, space: Space) -> int:
    """Removes a replay space with all its topics and groups; returns how many topics. Refuses a live one."""
    with admin(bootstrap) as cluster:
        return remove_space(cluster, space)


def line(*departments: str) -> Line:
    """The inboxes in the order in which records flow; of these departments' only, when any are named."""
    entrances = (p for p in processors() if p.inbox.startswith("events."))
    return Line(tuple(p.inbox for p in entrances if not departments or p.name in departments), ("facts", "alerting"))


def tell_settings(bootstrap: str, space: Space, settings: Mapping[str, Settings]) -> None:
    """Puts settings on record in every partition of the inboxes they concern, from now on."""
    with SettingsTeller(bootstrap, space) as teller:
        for name, values in settings.items():
            teller.tell(name, inboxes()[name], as_told(values))


def as_told(settings: Settings) -> dict[str, Any]:
    """Settings as they travel: what was set, no defaults."""
    return settings.model_dump(mode="json", exclude_unset=True)
