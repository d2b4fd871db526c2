"""What no single field can tell: names that must exist, names that must differ, addresses that must be known."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from backoffice.config import oncall
from backoffice.config.explain import suggestion
from backoffice.config.model import AlertingConfiguration
from backoffice.config.problems import Location
from consumers.api.settings import ApiSettings
from consumers.notify.channels.config import AppriseChannel
from consumers.notify.secrets import placeholders
from processors.alerting.defaults import NO_ESCALATION
from processors.alerting.settings import EscalationPolicy, Route
from processors.settings import RuleSettings
from schemas.settings import Settings

Found = tuple[Location, str]


def problems(alerting: AlertingConfiguration) -> Iterator[Found]:
    """Every problem of `alerting:` with its place below it."""
    receivers = [receiver.name for receiver in alerting.all_receivers()]
    policies = [*(policy.name for policy in alerting.settings().escalation_policies), NO_ESCALATION]
    intervals = [interval.name for interval in alerting.time_intervals]
    yield from _duplicates("time_intervals", intervals, "time interval")
    yield from _duplicates("receivers", [r.name for r in alerting.receivers], "receiver")
    yield from _duplicates("escalation_policies", [p.name for p in alerting.escalation_policies], "policy")
    if alerting.route is not None:
        yield from _root(alerting.route)
        yield from _routes(alerting.route, ("route",), receivers, policies)
    for i, receiver in enumerate(alerting.receivers):
        yield from _known(receiver.escalation, policies, ("receivers", i, "escalation"), "escalation policy")
        for field, channels in (("channels", receiver.channels), ("fallback", receiver.fallback)):
            for j, channel in enumerate(channels):
                if isinstance(channel, AppriseChannel):
                    yield from _addresses(channel, ("receivers", i, field, j))
        for j, name in enumerate(receiver.quiet_hours.time_intervals if receiver.quiet_hours else ()):
            here = ("receivers", i, "quiet_hours", "time_intervals", j)
            yield from _known(name, intervals, here, "time interval")
    for i, policy in enumerate(alerting.escalation_policies):
        yield from _targets(policy, ("escalation_policies", i), [*receivers, *(s.name for s in alerting.schedules)])
    yield from oncall.problems(alerting)


def tokens(api: ApiSettings) -> Iterator[Found]:
    """Tokens are told apart by their names."""
    for (_, *where), what in _duplicates("tokens", [token.name for token in api.tokens], "token"):
        yield ("api", "tokens", *where), what


def unknown_labels(rules: Mapping[str, Settings], labels: Mapping[str, Collection[str]]) -> Iterator[Found]:
    """Each matcher of an override that looks at a label which no subject of its department has."""
    for name, settings in rules.items():
        if not isinstance(settings, RuleSettings) or name not in labels:
            continue
        for i, override in enumerate(settings.overrides):
            for j, label in enumerate(override.labels):
                if label not in labels[name]:
                    here = ("rules", name, "overrides", i, "matchers", j)
                    yield here, f"{name} knows no label {label!r} ({suggestion(label, sorted(labels[name]))})"


def _duplicates(field: str, names: list[str], what: str) -> Iterator[Found]:
    counts = Counter(names)
    for i, name in enumerate(names):
        if counts[name] > 1 and names.index(name) != i:
            yield (field, i, "name"), f"a second {what} named {name!r} (rename one of them, or merge them)"


def _root(root: Route) -> Iterator[Found]:
    if root.receiver is None:
        yield ("route",), "has no receiver (name one: the root route takes whatever no other route does)"
    if root.matchers:
        yield ("route", "matchers"), "the root route takes every alert (move the matchers to a route below it)"
    if root.continue_:
        yield ("route", "continue"), "the root route has no route beside it (remove it)"


def _routes(route: Route, here: Location, receivers: list[str], policies: list[str]) -> Iterator[Found]:
    yield from _known(route.receiver, receivers, (*here, "receiver"), "receiver")
    yield from _known(route.escalation, policies, (*here, "escalation"), "escalation policy")
    for i, child in enumerate(route.routes):
        yield from _routes(child, (*here, "routes", i), receivers, policies)


def _targets(policy: EscalationPolicy, here: Location, receivers: list[str]) -> Iterator[Found]:
    for i, step in enumerate(policy.steps):
        for j, target in enumerate(step.targets):
            yield from _known(target, receivers, (*here, "steps", i, "targets", j), "receiver")


def _known(name: str | None, known: list[str], here: Location, what: str) -> Iterator[Found]:
    if name is not None and name not in known:
        yield here, f"there is no {what} {name!r} ({suggestion(name, known)} or add it under alerting.{_FIELDS[what]})"


_FIELDS = {
    "receiver": "receivers",
    "escalation policy": "escalation_policies",
    "time interval": "time_intervals",
}


def _addresses(channel: AppriseChannel, here: Location) -> Iterator[Found]:
    """Apprise addresses that are written out. The library is loaded only where somebody uses it."""
    from consumers.notify.channels.apprise import is_address

    given: Iterable[tuple[Location, str]] = [
        *([(("url",), channel.url)] if channel.url is not None else []),
        *((("urls", i), url) for i, url in enumerate(channel.urls)),
    ]
    for place, url in given:
        if not placeholders(url) and not is_address(url):
            yield (*here, *place), "not an address that Apprise knows (see its list of services for how to write it)"
