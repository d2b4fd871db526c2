"""Alerting's rules as the API asks them: pure functions over the settings, and over the alerts it shows."""

import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ruamel.yaml import YAML

from consumers.api.ports import Inhibitors, operator
from processors.alerting.route import destinations, routing
from processors.alerting.settings import AlertingSettings, InhibitRule, Route
from processors.alerting.times import closed_by
from processors.matchers import Matcher, matches_all, parse
from processors.matchers import matcher as read
from schemas.alerts import Alert, Group, SilenceMatcher

_OURS_ALONE = ("escalation",)
"""What a route may say and Alertmanager's may not."""

_NEVER_ZERO = ("group_interval", "repeat_interval")
"""Where no time at all means at once with us, and is a mistake with Alertmanager."""


class Judgement:
    """What alerting makes of alerts, groups and silences under these settings. See `consumers.api.ports.Rules`."""

    def __init__(self, settings: AlertingSettings) -> None:
        self._settings = settings

    @property
    def receivers(self) -> Sequence[str]:
        return [receiver.name for receiver in self._settings.receivers]

    @property
    def resolve_timeout(self) -> timedelta:
        return self._settings.resolve_timeout

    @cached_property
    def configuration(self) -> str:
        return as_alertmanager(self._settings)

    def routed_to(self, labels: Mapping[str, str]) -> Sequence[str]:
        return list(dict.fromkeys(found.receiver for found in destinations(self._settings, labels)))

    def matcher(self, text: str) -> Matcher:
        return parse(text)

    def silence_matcher(self, matcher: SilenceMatcher) -> Matcher:
        return read(matcher.name, operator(matcher), matcher.value)

    def inhibitors(self, firing: Iterable[Alert]) -> Inhibitors:
        if not self._settings.inhibit_rules:
            return lambda alert: ()
        sources = [_Sources(rule) for rule in self._settings.inhibit_rules]
        for alert in firing:
            for source in sources:
                source.add(alert)
        return lambda alert: sorted({fingerprint for source in sources for fingerprint in source.inhibiting(alert)})

    def muted_by(self, group: Group, at: datetime) -> Sequence[str]:
        route = routing(self._settings).find(route_key(group), group.receiver)
        return () if route is None else closed_by(self._settings, route, at)


class _Sources:
    """The alerts that may inhibit others by one rule, by the values that both must have alike."""

    def __init__(self, rule: InhibitRule) -> None:
        self._rule = rule
        self._alike: dict[tuple[str, ...], list[tuple[str, bool]]] = defaultdict(list)

    def add(self, alert: Alert) -> None:
        if matches_all(self._rule.source_matchers, alert.labels):
            two_sided = matches_all(self._rule.target_matchers, alert.labels)
            self._alike[self._equal(alert)].append((alert.fingerprint, two_sided))

    def inhibiting(self, alert: Alert) -> Iterable[str]:
        """One that matches both sides is inhibited only by those that do not."""
        if not self._alike or not matches_all(self._rule.target_matchers, alert.labels):
            return ()
        both = matches_all(self._rule.source_matchers, alert.labels)
        return (by for by, two_sided in self._alike.get(self._equal(alert), ()) if not (both and two_sided))

    def _equal(self, alert: Alert) -> tuple[str, ...]:
        return tuple(alert.labels.get(name, "") for name in self._rule.equal)


def as_alertmanager(settings: AlertingSettings) -> str:
    """The configuration as Alertmanager's own file would say it, so that its tools read it; ours alone is left out."""
    written = settings.model_dump(mode="json", by_alias=True)
    values = {
        "global": {"resolve_timeout": written["resolve_timeout"]},
        "route": _route(settings.route),
        "receivers": [{"name": receiver.name} for receiver in settings.receivers],
        "inhibit_rules": written["inhibit_rules"],
        "time_intervals": [_without_defaults(interval) for interval in settings.time_intervals],
    }
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.representer.sort_base_mapping_type_on_output = False
    yaml.dump({name: value for name, value in values.items() if value}, text)
    return text.getvalue()


def _route(route: Route) -> dict[str, Any]:
    said: dict[str, Any] = route.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude={"routes", *_OURS_ALONE}
    )
    for name in _NEVER_ZERO:
        if said.get(name) == "0s":
            del said[name]
    return {**said, "routes": [_route(child) for child in route.routes]} if route.routes else said


def _without_defaults(value: Any) -> Any:
    return value.model_dump(mode="json", exclude_defaults=True)


def route_key(group: Group) -> str:
    """The matchers on the way to the route of a group: its key, without the group's labels."""
    said = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(group.labels.items()))
    return group.key.removesuffix(f":{{{said}}}")
