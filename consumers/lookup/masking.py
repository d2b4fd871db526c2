"""What is not for everybody's eyes, taken out of events, states, alerts and sentences.

Two nets, one behind the other. A field is masked where its name is marked in `schemas.privacy`, for the events of that
topic and what is remembered of them. And what stood in such a field is masked wherever else it turns up: in a summary,
a label, the name of a row. What cannot be judged is not shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from schemas.alerts import Alert, Note
from schemas.envelope import Event, Evidence
from schemas.privacy import Kind, Marks, marks, marks_by_topic

CLINICAL_SUBJECTS = ("patient",)
"""Kinds of subjects of whom everything that is remembered is medical, whatever its name."""

_EVIDENCE = {field.name for field in fields(Evidence)}
_PLACE = {field.name for field in fields(Evidence) if field.default is MISSING}

_SHORTEST = 2
"""Characters. A single letter stands in too many words to be a name; where it is a field's value it is masked."""


def hidden_text(kind: Kind) -> str:
    """What stands where something was."""
    return f"[{kind.value}]"


@dataclass(frozen=True, slots=True)
class Privacy:
    """Which names are private in what is said on each topic, of every event type there is."""

    types: Mapping[str, type[Event]]
    by_topic: Mapping[str, Marks]

    @classmethod
    def of(cls, types: Mapping[str, type[Event]]) -> "Privacy":
        return cls(types, marks_by_topic(types.values()))

    def names(self, topic: str) -> Marks:
        """The names that are private in what is remembered, or alerted, of a topic.

        Those of facts as well: rules over several keys speak of them. `id` alone is too common a word.
        """
        facts = self.by_topic.get("facts", {})
        shared = facts if topic == "facts" else {name: kind for name, kind in facts.items() if name != "id"}
        return {**shared, **self.by_topic.get(topic, {})}

    def names_of(self, type: str) -> Marks:
        """The names that are private in an event of this type. A review names the alert's labels."""
        cls = self.types[type]
        return {**self.names(cls.topic), **marks(cls)} if "identity" in cls.model_fields else marks(cls)


@dataclass(slots=True)
class Mask:
    """Hides kinds of private fields, of one look-up. It learns what stood in them as it goes."""

    privacy: Privacy
    hidden: frozenset[Kind]
    own: frozenset[str] = frozenset()
    """The ids that were asked for: who asks knows them."""
    _learnt: dict[str, Kind] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None

    def learn(self, type: str, data: object) -> None:
        """Remembers what stands in the private fields of an event that is not shown itself."""
        self._learn(self._marks_of(type), data)

    def event(self, type: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an event of this type. Of a type that nobody knows, nothing is shown unless everything is."""
        if not self.hidden:
            return dict(data)
        if type not in self.privacy.types:
            return {name: hidden_text(max(self.hidden)) for name in data}
        names = self._marks_of(type)
        self._learn(names, data)
        return self._masked(data, names)

    def state(self, subject: str, inbox: str, state: Mapping[str, Any], *, rows: bool = True) -> dict[str, Any]:
        """What a processor remembers of a subject. `rows` False: only how much it is."""
        if not self.hidden:
            return dict(state)
        if subject.partition("/")[0] in CLINICAL_SUBJECTS and Kind.MEDICAL in self.hidden:
            return {name: _size(value, Kind.MEDICAL) for name, value in state.items()}
        if not rows:
            return {name: _size(value, max(self.hidden)) for name, value in state.items()}
        names = self.privacy.names(inbox)
        self._learn(names, state)
        return self._masked(state, names)

    def alert(self, alert: Alert, *, texts: bool = True) -> Alert:
        """An alert: labels and annotations by their names, then every sentence. `texts` False: no sentence at all."""
        if not self.hidden:
            return alert
        names = self.privacy.names(f"events.{alert.rule.partition('.')[0]}")
        for said in (alert.labels, alert.annotations):
            self._learn(names, said)
        annotations = self._masked(alert.annotations, names) if texts else dict.fromkeys(alert.annotations, UNJUDGED)
        notes = tuple(Note(note.by, note.at, self.text(note.text) if texts else UNJUDGED) for note in alert.notes)
        labels = self._masked({n: v for n, v in alert.labels.items() if n != "subject"}, names)
        if "subject" in alert.labels:
            labels["subject"] = alert.labels["subject"]
        changes = {"labels": labels, "annotations": annotations, "notes": notes, "settings": {}}
        return alert.model_copy(update=changes)

    def text(self, text: str) -> str:
        """A sentence without anything that stood in a private field."""
        if not self._learnt:
            return text
        if self._pattern is None:
            words = sorted(self._learnt, key=len, reverse=True)
            self._pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])", re.IGNORECASE)
        return self._pattern.sub(lambda found: hidden_text(self._learnt[found[0].casefold()]), text)

    def _marks_of(self, type: str) -> Marks:
        return self.privacy.names_of(type) if type in self.privacy.types else {}

    def _learn(self, names: Marks, value: object) -> None:
        for name, inner in _named(value):
            kind = names.get(name)
            if kind in self.hidden and kind is not None:
                for text in _texts(inner):
                    if len(text) >= _SHORTEST and text not in self.own:
                        self._learnt[text.casefold()] = kind
                        self._pattern = None

    def _masked(self, value: Mapping[str, Any], names: Marks) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, inner in value.items():
            kind = names.get(name)
            if kind in self.hidden and kind is not None:
                shown[name] = inner if _says_nothing(inner) else hidden_text(kind)
            else:
                shown[self._entry(name, shown)] = self._inner(inner, names)
        return shown

    def _inner(self, value: Any, names: Marks) -> Any:
        match value:
            case str():
                return self.text(value)
            case dict():
                return value if _is_place(value) else self._masked(value, names)
            case list() | tuple():
                return [self._inner(each, names) for each in value]
        return value

    def _entry(self, name: str, shown: Mapping[str, Any]) -> str:
        """The name of a row, which may be somebody's. Two that are masked stay two."""
        masked = self.text(name)
        if masked == name or masked not in shown:
            return masked
        return next(f"{masked} {n}" for n in range(2, len(shown) + 3) if f"{masked} {n}" not in shown)


UNJUDGED = "[not shown: there is too much on record to say whether it is private]"


def _size(value: object, kind: Kind) -> object:
    """How much there is of something, instead of it."""
    match value:
        case dict() | list() | tuple():
            return f"[{kind.value}: {len(value)}]" if value else value
        case None:
            return None
    return hidden_text(kind)


def _says_nothing(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _is_place(value: Mapping[str, object]) -> bool:
    """Whether it says where a record stands, and nothing else."""
    return _PLACE <= value.keys() <= _EVIDENCE


def _named(value: object) -> Iterator[tuple[str, object]]:
    """Every name in a JSON value, with what stands there. Where a record stands is no name of anything."""
    if isinstance(value, Mapping) and not _is_place(value):
        for name, inner in value.items():
            yield str(name), inner
            yield from _named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named(inner)


def _texts(value: object) -> Iterator[str]:
    """What stands in a private field, as it might be repeated elsewhere."""
    match value:
        case bool() | None:
            return
        case str():
            yield value
        case int() | float():
            yield str(value)
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)


Masking = Callable[[frozenset[str]], Mask]
"""A mask of one look-up, given the ids that were asked for."""


def masks(privacy: Privacy, hidden: Iterable[Kind]) -> Masking:
    """How masks for somebody who may not see these kinds are made."""
    kinds = frozenset(hidden)
    return lambda own: Mask(privacy, kinds, own)
