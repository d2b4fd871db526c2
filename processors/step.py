"""The pure step: what every rule module takes and gives back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring as quoted
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar

from processors.evolving import Evolving
from processors.rows import Rows
from processors.rule import Rule, Severity
from processors.settings import RuleSettings
from schemas.envelope import Event, Evidence, trace_of
from schemas.settings import Settings
from schemas.signals import ConditionFired, ConditionResolved


@dataclass(frozen=True, slots=True)
class Firing:
    """A condition of this key that holds now: what was last said of it."""

    rule: str
    severity: str
    summary: str
    labels: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    since: datetime


MEASURED = "measured"
"""The annotation that holds the figure of an alert which rests on more records than it names (`Rule.measure`)."""

_GIVEN = frozenset(("key", "settings", "told_settings"))
"""Fields that only the engine changes, and settings with them."""


@dataclass(frozen=True, kw_only=True)
class State(Evolving):
    """What is remembered under one key. Subclasses add a small root row and collections (`Rows`).

    `key` and a field called `settings` are given by the engine and not stored; everything else is. `settings` are
    those that hold for this subject, by its `labels`: what is set by label needs no word in a rule.
    `deadlines` is the full set of instants this key waits for: each that passes comes back as
    `DeadlinePassed(name, due)`, once, and one that is dropped or moved does not.
    """

    label_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that settings, besides by kind and id, can be told by: `priority`, `vendor_class`, `site`."""

    key: str = ""
    told_settings: RuleSettings | None = field(default=None, compare=False, repr=False)
    """The settings on record, where they differ by label. Given by the engine."""
    deadlines: Rows[datetime] = field(default_factory=Rows)
    firing: Rows[Firing] = field(default_factory=Rows)

    @property
    def id(self) -> str:
        """The aggregate's own id: `acme` of `vendor/acme`."""
        return self.key.partition("/")[2]

    @property
    def labels(self) -> dict[str, str]:
        """What settings by label know this subject by: its kind with its id, and its `label_fields` that are known."""
        kind, _, id = self.key.partition("/")
        labels = {kind: id}
        for name in self.label_fields:
            value = getattr(self, name)
            if value is not None:
                labels[name] = str(value).lower() if isinstance(value, bool) else str(value)
        return labels

    def under(self, settings: Settings) -> Self:
        """Under these settings, from now on."""
        if isinstance(settings, RuleSettings) and settings.overrides:
            return self.evolve(told_settings=settings)
        return self.evolve(told_settings=None, settings=settings)

    def evolve(self, **changes: object) -> Self:
        """With these fields changed, and the settings that hold for it then. Raises TypeError for an unknown field."""
        new = super().evolve(**changes)
        told = new.told_settings
        if told is not None and not (told.watched.isdisjoint(changes) and _GIVEN.isdisjoint(changes)):
            new.__dict__["settings"] = told.holding_for(new.labels)
        return new

    def awaits(self, name: str, due: datetime | None) -> Self:
        """Waits for `due` under this name (None: no longer), whatever it waited for before."""
        if due is not None and due.tzinfo is None:
            raise ValueError(f"deadline {name!r}: {due} has no time zone")
        if self.deadlines.get(name) == due:
            return self
        deadlines = self.deadlines.drop(name) if due is None else self.deadlines.put(name, due)
        return self.evolve(deadlines=deadlines)


S = TypeVar("S", bound=State)
S_contra = TypeVar("S_contra", bound=State)


class Emission(NamedTuple):
    """An event to send, and its subject (the Kafka key)."""

    subject: str
    event: Event
    trace: str | None = None
    """The trace context of what it rests on, for when its cause has none: a deadline, say."""


class Tombstone(NamedTuple):
    """What a compacted topic holds of a subject ceases: a record without a value. The topic is without the space."""

    subject: str
    topic: str


class Step(NamedTuple, Generic[S]):
    """The outcome of one event: the new state (its deadlines among it) and what to emit, in order."""

    state: S
    emit: tuple[Emission | Tombstone, ...] = ()

    @property
    def events(self) -> tuple[Emission, ...]:
        """What of it are events."""
        return tuple(said for said in self.emit if isinstance(said, Emission))

    def evolve(self, **changes: object) -> "Step[S]":
        return Step(self.state.evolve(**changes), self.emit)

    def awaits(self, name: str, due: datetime | None) -> "Step[S]":
        """`State.awaits`, as part of the step."""
        return Step(self.state.awaits(name, due), self.emit)

    def emits(self, subject: str, event: Event, trace: str | None = None) -> "Step[S]":
        """`trace`: see `Emission`."""
        return Step(self.state, (*self.emit, Emission(subject, event, trace)))

    def fires(
        self,
        rule: Rule,
        at: datetime,
        summary: str,
        *,
        because: Iterable[Event | Evidence] = (),
        severity: Severity | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        due: datetime | None = None,
        measured: str | None = None,
    ) -> "Step[S]":
        """The rule's condition holds. Said once: again only when severity, summary or labels have changed.

        `because`: the records this rests on, oldest first; read only when something is said. `due`: the deadline that
        passed, if one did. `measured`: the figure, of a rule that has a `measure` (`Rule`).
        """
        labels = dict(labels or {})
        entry = firing_entry(rule, labels)
        before, severity = self.state.firing.get(entry), severity or rule.severity
        if before and (before.severity, before.summary, before.labels) == (severity, summary, labels):
            return self
        evidence = _evidence(because)
        now = Firing(rule.name, severity, summary, labels, evidence, before.since if before else at)
        told = {**(annotations or {}), **({MEASURED: measured} if measured is not None else {})}
        signal = ConditionFired(
            rule=rule.name,
            rule_version=rule.version,
            identity=_distinguishing(rule, labels),
            labels=labels,
            severity=now.severity,
            summary=summary,
            annotations=told,
            starts_at=now.since,
            due=due,
            evidence=evidence,
            settings=_settings_of(self.state, rule),
        )
        firing = self.state.firing.put(entry, now)
        return self.evolve(firing=firing).emits(self.state.key, signal, trace_of(evidence))

    def resolves(
        self, rule: Rule, at: datetime, because: str, *, by: Iterable[Event | Evidence] = (), **labels: str
    ) -> "Step[S]":
        """The condition no longer holds. Nothing is said when it did not hold.

        `because` is a sentence for people; `labels` are the rule's distinguishing ones.
        """
        entry = firing_entry(rule, labels)
        before = self.state.firing.get(entry)
        if before is None:
            return self
        evidence = _evidence(by)
        signal = ConditionResolved(
            rule=rule.name,
            identity=_distinguishing(rule, labels),
            because=because,
            ends_at=at,
            evidence=evidence,
        )
        trace = trace_of((*before.evidence, *evidence))
        return self.evolve(firing=self.state.firing.drop(entry)).emits(self.state.key, signal, trace)


class StepFunction(Protocol[S]):
    """`at` is the partition's clock: aware, UTC, never the machine's."""

    def __call__(self, state: S, event: Event, at: datetime, /) -> Step[S]: ...


def firing_entry(rule: Rule, labels: Mapping[str, str]) -> str:
    """The entry of `State.firing` for this rule and its distinguishing labels: a JSON list. Rules ask for it often."""
    return f"[{', '.join([quoted(rule.name), *[quoted(labels[name]) for name in rule.distinguish]])}]"


def firing_of(state: State, rule: Rule, **labels: str) -> Firing | None:
    """What was last said of a condition that holds now; `labels` are the rule's distinguishing ones."""
    return state.firing.get(firing_entry(rule, labels))


def is_firing(state: State, rule: Rule, **labels: str) -> bool:
    return firing_of(state, rule, **labels) is not None


def _distinguishing(rule: Rule, labels: Mapping[str, str]) -> dict[str, str]:
    return {name: labels[name] for name in rule.distinguish}


def _settings_of(state: State, rule: Rule) -> dict[str, Any]:
    """The settings that the rule reads, as they hold for this subject."""
    settings: Settings | None = getattr(state, "settings", None)
    return settings.excerpt(rule.settings) if settings is not None and rule.settings else {}


def _evidence(records: Iterable[Event | Evidence]) -> tuple[Evidence, ...]:
    """Each once."""
    refs = (r if isinstance(r, Evidence) else r.about.record for r in records)
    return tuple(dict.fromkeys(ref for ref in refs if ref is not None))
