"""A processor as a value: one inbox, the events that belong there, and the rules that read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processors.rule import Rule
from processors.step import State, StepFunction
from schemas.envelope import Event
from schemas.settings import Settings


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One kind of key (`vendor`): the empty state of such a key and the step that changes it."""

    state: type[State]
    step: StepFunction[Any]


@dataclass(frozen=True, slots=True)
class Processor:
    """A department, the correlation rules, or alerting.

    `aggregates` maps the kind of an event (the first half of its subject) to its aggregate.
    With `single` set, all events of the inbox share one aggregate and one key, which is what alerting needs.
    """

    name: str
    inbox: str
    events: tuple[type[Event], ...]
    aggregates: Mapping[str, Aggregate]
    settings: type[Settings] = Settings
    rules: tuple[Rule, ...] = ()
    single: bool = False
    version: int = 1
    measures: Mapping[str, Any] = field(default_factory=dict)
    streams: tuple[type[Event], ...] = ()
    """Events that come every day, so that silence is news: the first of each in a partition on a day is published."""

    def locate(self, subject: str) -> tuple[str, Aggregate]:
        """The state key of a subject and its aggregate. Raises KeyError for a kind that does not belong here."""
        if self.single:
            (key, aggregate), *_ = self.aggregates.items()
            return key, aggregate
        kind = subject.partition("/")[0]
        if kind not in self.aggregates:
            raise KeyError(f"{self.name} keeps nothing of kind {kind!r}, only {', '.join(sorted(self.aggregates))}")
        return subject, self.aggregates[kind]
