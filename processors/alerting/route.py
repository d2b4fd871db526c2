"""The route tree's walk: which receivers an alert goes to, and by which policy it climbs."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from processors.alerting.defaults import NO_ESCALATION
from processors.alerting.settings import AlertingSettings, Route
from processors.matchers import matches_all


class Destination(NamedTuple):
    """A receiver to tell first, and the escalation policy from there; None: it climbs nowhere."""

    receiver: str
    escalation: str | None


def destinations(settings: AlertingSettings, labels: Mapping[str, str]) -> tuple[Destination, ...]:
    """Where an alert with these labels goes, in the order of the tree, each once."""
    found = (_with_receivers_policy(settings, d) for d in _walk(settings.route, labels, None, None))
    return tuple(dict.fromkeys(found))


def _walk(
    route: Route, labels: Mapping[str, str], receiver: str | None, escalation: str | None
) -> Iterator[Destination]:
    """The deepest matching routes (Alertmanager's `Route.Match`); `receiver` and `escalation` are inherited."""
    receiver = route.receiver or receiver
    escalation = route.escalation or escalation
    matched = False
    for child in route.routes:
        if matches_all(child.matchers, labels):
            matched = True
            yield from _walk(child, labels, receiver, escalation)
            if not child.continue_:
                break
    if not matched and receiver is not None:
        yield Destination(receiver, escalation)


def _with_receivers_policy(settings: AlertingSettings, destination: Destination) -> Destination:
    if destination.escalation is None and (receiver := settings.receiver(destination.receiver)):
        destination = destination._replace(escalation=receiver.escalation)
    return destination._replace(escalation=None) if destination.escalation == NO_ESCALATION else destination
