"""What a shell offers for a word that has been begun: alerts, receivers, spaces, topics.

A shell that waits is worse than one that offers nothing. So whoever looks has a second, no broker is ever started,
and whatever goes wrong nothing is offered.
"""

import os
import threading
from collections.abc import Callable, Iterable

WITHIN = 1.0
"""Seconds."""

SERVERS = "BACKOFFICE_BOOTSTRAP_SERVERS"


def offered(look: Callable[[], Iterable[str]], incomplete: str, within: float = WITHIN) -> list[str]:
    """What is found that begins so; nothing when it is not found in time."""
    found: list[str] = []

    def run() -> None:
        try:
            found.extend(word for word in look() if word.startswith(incomplete))
        except (Exception, SystemExit):  # noqa: BLE001 - a message would be written into the line that is typed
            found.clear()

    looking = threading.Thread(target=run, daemon=True, name="completion")
    looking.start()
    looking.join(within)
    return [] if looking.is_alive() else sorted(found)


def alert_ids(incomplete: str) -> list[str]:
    """The alerts that fire."""
    return offered(_alerts, incomplete)


def receivers(incomplete: str) -> list[str]:
    """Everybody whom the configuration names."""
    return offered(_receivers, incomplete)


def space_names(incomplete: str) -> list[str]:
    """The spaces at the broker."""
    return offered(_spaces, incomplete)


def topic_names(incomplete: str) -> list[str]:
    """The topics of a space, without its name."""
    return offered(_topics, incomplete)


def servers() -> str | None:
    """The broker that there is: the environment's, the configuration's, or ours if it was started. None: none is."""
    from backoffice.config.whereabouts import whereabouts
    from infra.admin import listens
    from infra.broker.home import BrokerHome
    from infra.broker.state import recall

    named = os.environ.get(SERVERS) or whereabouts().broker.bootstrap_servers
    if named is None and (ours := recall(BrokerHome())):
        named = ours.bootstrap_servers
    return named if named and listens(named) else None


def _alerts() -> list[str]:
    from backoffice.config.whereabouts import whereabouts
    from consumers.alerts import current_alerts
    from consumers.log import Log
    from consumers.seen import Reader
    from schemas.alerts import Alert
    from schemas.topics import Space

    if (bootstrap := servers()) is None:
        return []
    space = Space(os.environ.get("BACKOFFICE_SPACE") or whereabouts().space)
    with Log(bootstrap, [space.topic("alerts")], patience=WITHIN) as log:
        known = current_alerts(log, Reader(space, {Alert.type: Alert}))
    return [alert.fingerprint for alert in known.alerts.values() if alert.status == "firing"]


def _receivers() -> list[str]:
    from backoffice.config.whereabouts import routing

    return [receiver.name for receiver in routing().alerting.all_receivers()]


def _spaces() -> list[str]:
    from backoffice.spaces import names
    from infra.admin import admin

    if (bootstrap := servers()) is None:
        return []
    with admin(bootstrap, timeout=WITHIN) as cluster:
        return list(names(cluster.list_topics()))


def _topics() -> list[str]:
    """As the topic table has them, without loading the departments: their inboxes are called after them."""
    from importlib.metadata import entry_points

    from schemas.topics import Space, topics

    departments = {point.name: f"events.{point.name}" for point in entry_points(group="backoffice.departments")}
    space = Space()
    return [space.short(spec.name) for spec in topics(space, departments)]
