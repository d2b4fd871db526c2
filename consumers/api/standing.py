"""What stands on the topic `alerts`: alerts, groups, silences, who stands in and who is away; and which alerts have
which labels."""

import sys
from collections.abc import Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from consumers.api.ports import Matcher
from consumers.oncall import Duties
from schemas.alerts import Alert, Group, Silence
from schemas.envelope import Event
from schemas.oncall import Absence, Override

E = TypeVar("E", bound=Event)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Held(Generic[E]):
    """A state, and when it was written: the timestamp of its record."""

    event: E
    updated_at: datetime


class Standing:
    """The current state of everything on the topic. Not safe for several threads: see `consumers.api.view`.

    Alerts that fire are all held. Of those that are resolved the latest are: as many as make up `most` with the firing.
    """

    def __init__(self, most: int) -> None:
        self.alerts: dict[str, Held[Alert]] = {}
        self.groups: dict[str, Held[Group]] = {}
        self.silences: dict[str, Held[Silence]] = {}
        self.duties = Duties()
        """Replaced by another when somebody stands in, goes away or comes back: two that are equal are one."""
        self._overrides: dict[str, Override] = {}
        self._absences: dict[str, Absence] = {}
        self._most = most
        self._resolved: dict[str, None] = {}  # in the order in which they were
        self._labelled: _Index[tuple[str, str]] = _Index()
        self._grouped: _Index[str] = _Index()

    def apply(self, key: bytes | None, event: Event | None, at: datetime) -> None:
        """Takes a record in; without an event it is a tombstone, and says that its key is no more."""
        match event:
            case None:
                self._remove((key or b"").decode(errors="replace"))
            case Alert():
                self._put(Held(event, at))
            case Group():
                self.groups[event.group] = Held(event, at)
            case Silence():
                self.silences[event.silence] = Held(event, at)
            case Override():
                self._overrides[event.override] = event
                self._on_duty()
            case Absence():
                self._absences[event.employee] = event
                self._on_duty()

    @property
    def firing(self) -> Iterator[Held[Alert]]:
        return (held for fingerprint, held in self.alerts.items() if fingerprint not in self._resolved)

    def in_group(self, group: str) -> list[Held[Alert]]:
        """The alerts of a group that fire, by fingerprint."""
        return [self.alerts[fingerprint] for fingerprint in sorted(self._grouped.of(group))]

    def matching(self, matchers: Sequence[Matcher]) -> Iterator[Held[Alert]]:
        """The firing alerts for which all matchers hold. Looks only at those that have the rarest label asked for."""
        rarest = min((self._labelled.of(label) for label in _asked_for(matchers)), key=len, default=None)
        candidates = self.firing if rarest is None else (self.alerts[fingerprint] for fingerprint in rarest)
        for held in candidates:
            if all(matcher.matches(held.event.labels) for matcher in matchers):
                yield held

    def _put(self, held: Held[Alert]) -> None:
        alert = held.event
        alert.model_fields_set.clear()  # which fields were written is asked by nobody, and half of what an alert takes
        self._forget(alert.fingerprint)
        self.alerts[alert.fingerprint] = held
        if alert.status == "firing":
            self._labelled.add(_labels(alert), alert.fingerprint)
            self._grouped.add(alert.groups, alert.fingerprint)
        else:
            self._resolved[alert.fingerprint] = None
        while len(self.alerts) > self._most and self._resolved:
            self._forget(next(iter(self._resolved)))

    def _forget(self, fingerprint: str) -> None:
        held = self.alerts.pop(fingerprint, None)
        if held is None:
            return
        if fingerprint in self._resolved:
            del self._resolved[fingerprint]
        else:
            self._labelled.discard(_labels(held.event), fingerprint)
            self._grouped.discard(held.event.groups, fingerprint)

    def _remove(self, key: str) -> None:
        kind, _, id = key.partition("/")
        if kind == "alert":
            self._forget(id)
        elif kind == "group":
            self.groups.pop(id, None)
        elif kind == "silence":
            self.silences.pop(id, None)
        elif kind == "override":
            self._overrides.pop(id, None)
            self._on_duty()
        elif kind == "absence":
            self._absences.pop(id, None)
            self._on_duty()

    def _on_duty(self) -> None:
        overrides = sorted(self._overrides.values(), key=lambda one: (one.updated_at, one.override))
        self.duties = Duties(tuple(overrides), tuple(self._absences.values()))


class _Index(Generic[K]):
    """Which alerts, by fingerprint, have something in common."""

    def __init__(self) -> None:
        self._members: dict[K, set[str]] = {}

    def of(self, entry: K) -> AbstractSet[str]:
        return self._members.get(entry, frozenset())

    def add(self, entries: Iterable[K], fingerprint: str) -> None:
        for entry in entries:
            self._members.setdefault(entry, set()).add(fingerprint)

    def discard(self, entries: Iterable[K], fingerprint: str) -> None:
        for entry in entries:
            members = self._members[entry]
            members.discard(fingerprint)
            if not members:
                del self._members[entry]


def _labels(alert: Alert) -> Iterator[tuple[str, str]]:
    return ((sys.intern(name), value) for name, value in alert.labels.items())


def _asked_for(matchers: Iterable[Matcher]) -> Iterator[tuple[str, str]]:
    """The labels that an alert must have to match."""
    return ((matcher.name, matcher.value) for matcher in matchers if matcher.operator == "=" and matcher.value)
