"""The route tree's walk: which routes take an alert, and what each of them says or inherits (Alertmanager's)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from processors.alerting.defaults import NO_ESCALATION
from processors.alerting.once import once
from processors.alerting.settings import AlertingSettings, Route
from processors.alerting.settings.routes import ALL_LABELS
from processors.matchers import Matcher, parse


@dataclass(frozen=True, slots=True)
class Destination:
    """A route by which somebody is told, with all that it inherits. Alertmanager's `RouteOpts`."""

    key: str
    """The matchers on the way to it, as Alertmanager writes them: `{}/{department="it"}`."""
    receiver: str
    escalation: str | None = None
    """The policy by which its groups climb; None: they climb nowhere."""
    group_by: tuple[str, ...] = ()
    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=5)
    repeat_interval: timedelta = timedelta(hours=4)
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    send_resolved: bool = True

    @property
    def by_alert(self) -> bool:
        """Whether each alert is a group of its own."""
        return ALL_LABELS in self.group_by

    @property
    def at_once(self) -> bool:
        """Whether its groups are looked at whenever something in them changes, and not by a clock."""
        return not self.group_interval


@dataclass(frozen=True, slots=True)
class _Node:
    """A route whose matchers are read, its children below it. `destination` None: it tells nobody."""

    matchers: tuple[Matcher, ...]
    destination: Destination | None
    last: bool
    children: tuple["_Node", ...]

    def takes(self, labels: Mapping[str, str]) -> bool:
        return all(matcher.matches(labels) for matcher in self.matchers)

    def walk(self, labels: Mapping[str, str]) -> Iterator[Destination]:
        """The deepest routes that match (Alertmanager's `Route.Match`)."""
        matched = False
        for child in self.children:
            if child.takes(labels):
                matched = True
                yield from child.walk(labels)
                if child.last:
                    break
        if not matched and self.destination is not None:
            yield self.destination

    def all(self) -> Iterator[Destination]:
        if self.destination is not None:
            yield self.destination
        for child in self.children:
            yield from child.all()


class Routing:
    """A route tree, ready to be walked."""

    def __init__(self, settings: AlertingSettings) -> None:
        self._settings = settings
        self._root = self._node(settings.route, "{}", Destination("{}", ""))
        self._by_name = {(one.key, one.receiver): one for one in reversed([*self._root.all()])}

    def destinations(self, labels: Mapping[str, str]) -> tuple[Destination, ...]:
        """Where an alert with these labels goes, in the order of the tree, each once."""
        return tuple(dict.fromkeys(self._root.walk(labels)))

    def find(self, key: str, receiver: str) -> Destination | None:
        """The route of this key and receiver, if there is one still."""
        return self._by_name.get((key, receiver))

    def _node(self, route: Route, key: str, parent: Destination) -> _Node:
        receiver = route.receiver or parent.receiver
        told = self._settings.receiver(receiver)
        escalation = route.escalation or parent.escalation
        own = Destination(
            key,
            receiver,
            escalation,
            parent.group_by if route.group_by is None else route.group_by,
            parent.group_wait if route.group_wait is None else route.group_wait,
            parent.group_interval if route.group_interval is None else route.group_interval,
            parent.repeat_interval if route.repeat_interval is None else route.repeat_interval,
            route.mute_time_intervals,
            route.active_time_intervals,
            told.send_resolved if told else True,
        )
        children = tuple(self._node(child, f"{key}/{_written(child)}", own) for child in route.routes)
        matchers = tuple(map(parse, route.matchers))
        return _Node(matchers, self._climbing(own), not route.continue_, children)

    def _climbing(self, own: Destination) -> Destination | None:
        """With the policy that counts: the route's, else its receiver's."""
        if not own.receiver:
            return None
        escalation = own.escalation
        if escalation is None and (receiver := self._settings.receiver(own.receiver)):
            escalation = receiver.escalation
        values = {name: getattr(own, name) for name in Destination.__slots__}
        return Destination(**{**values, "escalation": None if escalation == NO_ESCALATION else escalation})


@once
def routing(settings: AlertingSettings) -> Routing:
    """The route tree of these settings."""
    return Routing(settings)


def destinations(settings: AlertingSettings, labels: Mapping[str, str]) -> tuple[Destination, ...]:
    """Where an alert with these labels goes, in the order of the tree, each once."""
    return routing(settings).destinations(labels)


def _written(route: Route) -> str:
    """A route's matchers as Alertmanager writes them in a group's key."""
    matchers = sorted(map(parse, route.matchers), key=lambda m: (m.name, m.value, _OPERATORS.index(m.operator)))
    return "{" + ",".join(map(str, matchers)) + "}"


_OPERATORS = ("=", "!=", "=~", "!~")
