"""What no single field can tell: names that must exist, names that must differ, addresses that must be known."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from backoffice.config import oncall, tree
from backoffice.config.explain import suggestion
from backoffice.config.model import AlertingConfiguration, ReceiverConfiguration
from backoffice.config.problems import Location
from consumers.api.settings import ApiSettings
from consumers.console.settings import ConsoleSettings
from consumers.notify.channels.config import AppriseChannel
from consumers.notify.secrets import placeholders
from processors.alerting.defaults import NO_ESCALATION
from processors.alerting.settings import EscalationPolicy
from processors.correlation.settings import Silence, StreamSettings
from processors.settings import RuleSettings
from schemas.settings import Settings

Found = tuple[Location, str]


def problems(alerting: AlertingConfiguration) -> Iterator[Found]:
    """Every problem of `alerting:` with its place below it. An Alertmanager's file was checked when it was read."""
    receivers = [receiver.name for receiver in alerting.all_receivers()]
    policies = [*(policy.name for policy in alerting.settings().escalation_policies), NO_ESCALATION]
    intervals = [interval.name for interval in alerting.time_intervals]
    yield from tree.duplicates("receivers", [r.name for r in alerting.receivers], "receiver")
    yield from tree.duplicates("escalation_policies", [p.name for p in alerting.escalation_policies], "policy")
    yield from tree.duplicates("time_intervals", intervals, "time interval")
    if alerting.route is not None and alerting.alertmanager is None:
        yield from tree.problems(alerting.route, receivers, intervals, policies)
    for i, receiver in enumerate(alerting.receivers):
        yield from _receiver(receiver, ("receivers", i), policies, intervals)
    for i, climbs in enumerate(alerting.escalation_policies):
        yield from _targets(climbs, ("escalation_policies", i), [*receivers, *(s.name for s in alerting.schedules)])
    yield from oncall.problems(alerting)


def _receiver(
    receiver: ReceiverConfiguration, here: Location, policies: list[str], intervals: list[str]
) -> Iterator[Found]:
    yield from tree.known(receiver.escalation, policies, (*here, "escalation"), "escalation policy")
    for field, channels in (("channels", receiver.channels), ("fallback", receiver.fallback)):
        for i, channel in enumerate(channels):
            if isinstance(channel, AppriseChannel):
                yield from _addresses(channel, (*here, field, i))
    for i, name in enumerate(receiver.quiet_hours.time_intervals if receiver.quiet_hours else ()):
        yield from tree.known(name, intervals, (*here, "quiet_hours", "time_intervals", i), "time interval")


def tokens(api: ApiSettings) -> Iterator[Found]:
    """Tokens are told apart by their names."""
    for where, what in tree.duplicates("tokens", [token.name for token in api.tokens], "token"):
        yield ("api", *where), what


def users(console: ConsoleSettings) -> Iterator[Found]:
    """Users of the console are told apart by their names."""
    for where, what in tree.duplicates("users", [user.name for user in console.users], "user"):
        yield ("console", *where), what


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


def unknown_streams(rules: Mapping[str, Settings], streams: Collection[str]) -> Iterator[Found]:
    """Each silence of a stream that no department declares: nobody would tell when it is heard."""
    for name, settings in rules.items():
        if isinstance(settings, StreamSettings):
            for here, silences in _silences(settings):
                for i, silence in enumerate(silences):
                    if silence.event not in streams:
                        hint = suggestion(silence.event, sorted(streams))
                        what = f"no department declares {silence.event!r} as a stream ({hint})"
                        yield ("rules", name, *here, "silences", i, "event"), what


def _silences(settings: StreamSettings) -> Iterator[tuple[Location, Iterable[Silence]]]:
    """Those that hold for every stream, then those of each override, with where they stand."""
    yield (), settings.silences
    if isinstance(settings, RuleSettings):
        for i, override in enumerate(settings.overrides):
            given = override.set.get("silences", ())
            yield ("overrides", i, "set"), [Silence.model_validate(each) for each in given]


def _targets(policy: EscalationPolicy, here: Location, receivers: list[str]) -> Iterator[Found]:
    for i, step in enumerate(policy.steps):
        for j, target in enumerate(step.targets):
            yield from tree.known(target, receivers, (*here, "steps", i, "targets", j), "receiver")


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
