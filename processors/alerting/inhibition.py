"""Inhibition: while a source alert fires, targets with equal labels tell nobody (Alertmanager's `inhibit_rules`).

Sources are found by the values of the labels that must be equal, so that asking for a target never looks at all alerts.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from processors.alerting import index
from processors.alerting.once import once
from processors.alerting.settings import AlertingSettings, InhibitRule
from processors.alerting.state import Alerting
from processors.matchers import Matcher, parse
from schemas.alerts import Alert

Labels = Mapping[str, str]
Inhibited = Callable[[Labels], bool]


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    sources: tuple[Matcher, ...]
    targets: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def is_source(self, labels: Labels) -> bool:
        return all(matcher.matches(labels) for matcher in self.sources)

    def is_target(self, labels: Labels) -> bool:
        return all(matcher.matches(labels) for matcher in self.targets)

    def owner(self, labels: Labels, both: bool) -> str:
        """Where sources with these labels stand in the index. `both`: those that match the target side, too."""
        return index.owner(self.name, "both" if both else "source", *(labels.get(name, "") for name in self.equal))

    def owners(self, labels: Labels) -> Iterator[str]:
        """Where the sources stand that inhibit an alert with these labels. One that matches both sides is inhibited
        only by those that do not."""
        if self.is_target(labels):
            yield self.owner(labels, both=False)
            if not self.is_source(labels):
                yield self.owner(labels, both=True)


@once
def _rules(settings: AlertingSettings) -> tuple[_Rule, ...]:
    return tuple(map(_read, settings.inhibit_rules))


def _read(rule: InhibitRule) -> _Rule:
    equal = tuple(sorted(rule.equal))
    name = json.dumps([sorted(rule.source_matchers), sorted(rule.target_matchers), equal], ensure_ascii=False)
    return _Rule(name, tuple(map(parse, rule.source_matchers)), tuple(map(parse, rule.target_matchers)), equal)


def moved(state: Alerting, fingerprint: str, before: Labels | None, now: Labels | None) -> Alerting:
    """A firing alert's labels were these and are those; None: it did not fire, or does not any more."""
    sources = state.sources
    for rule in _rules(state.settings):
        if before is not None and rule.is_source(before):
            sources = index.discard(sources, rule.owner(before, rule.is_target(before)), fingerprint)
        if now is not None and rule.is_source(now):
            sources = index.add(sources, rule.owner(now, rule.is_target(now)), fingerprint)
    return state if sources is state.sources else state.evolve(sources=sources, noise=state.noise + 1)


def inhibited(state: Alerting, at: datetime) -> Inhibited:
    """Who is inhibited at this instant."""
    rules = _rules(state.settings)

    def fires(fingerprint: str) -> bool:
        row = state.alerts.get(fingerprint)
        return row is not None and row.fires_at(at)

    def is_inhibited(labels: Labels) -> bool:
        return any(
            fires(one) for rule in rules for name in rule.owners(labels) for one in index.members(state.sources, name)
        )

    return is_inhibited


def inhibited_by(rules: Sequence[InhibitRule], alerts: Sequence[Alert], labels: Labels) -> tuple[str, ...]:
    """The fingerprints of those among these alerts that fire and inhibit an alert with these labels, sorted."""
    found = set()
    for rule in map(_read, rules):
        owners = set(rule.owners(labels))
        found |= {
            alert.fingerprint
            for alert in alerts
            if owners
            and alert.status == "firing"
            and rule.is_source(alert.labels)
            and rule.owner(alert.labels, rule.is_target(alert.labels)) in owners
        }
    return tuple(sorted(found))
