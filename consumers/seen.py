"""A record as somebody who watches sees it: an event, or why it is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.log import Record
from schemas.alerts import Alert
from schemas.codec import Decoder, Headers, Unreadable
from schemas.envelope import Event, Evidence
from schemas.notices import Notice
from schemas.signals import ConditionFired, ConditionResolved
from schemas.topics import Space

RAW = ("feeds", "dead-letters")
"""Topics that hold something other than events of the catalogue, as the changelogs do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`topic` is without its space. Exactly one of `event` and `problem` is there, except for raw topics: neither."""

    record: Record
    topic: str
    type: str = ""
    event: Event | None = None
    problem: str = ""

    @property
    def subject(self) -> str:
        return self.event.about.subject if self.event else (self.record.key or b"").decode(errors="replace")

    @property
    def severity(self) -> str:
        """The severity of an alert, notice or signal; empty for anything else."""
        match self.event:
            case Alert():
                return self.event.labels.get("severity", "")
            case Notice():
                return self.event.severity
            case ConditionFired():
                return self.event.severity
        return ""

    @property
    def department(self) -> str:
        match self.event:
            case Alert():
                return self.event.labels.get("department", "")
            case Notice():
                return self.event.common_labels.get("department", "")
            case ConditionFired() | ConditionResolved():
                return self.event.rule.partition(".")[0]
        if self.topic.startswith("events."):
            return self.topic.removeprefix("events.")
        return self.type.partition(".")[0]


class Reader:
    """Makes records of one space into what people see."""

    def __init__(self, space: Space, types: Mapping[str, type[Event]]) -> None:
        self._space = space
        self._types = types
        self._decoders: dict[str, Decoder] = {}

    def read(self, record: Record) -> Seen:
        topic = self._space.short(record.topic)
        if topic in RAW or topic.startswith("changelog."):
            return Seen(record, topic)
        name = type_of(record.value, record.headers)
        if name not in self._types:
            problem = f"no event type is called {name!r}" if name else "not a CloudEvent"
            return Seen(record, topic, name, problem=problem)
        try:
            place = Evidence(topic, record.partition, record.offset, "")
            event = self._decoder(name).decode(record.value, record.headers, place)
        except Unreadable as error:
            return Seen(record, topic, name, problem=str(error))
        return Seen(record, topic, name, event)

    def _decoder(self, name: str) -> Decoder:
        if name not in self._decoders:
            self._decoders[name] = Decoder((self._types[name],))
        return self._decoders[name]


def type_of(value: bytes | None, headers: Headers) -> str:
    """The CloudEvents type a record claims, in binary or structured mode; empty when it claims none."""
    for name, content in headers:
        if name.lower() == "ce_type":
            return (content or b"").decode(errors="replace")  # Kafka lets it be null
    try:
        return type_in(json.loads(value or b""))
    except (ValueError, RecursionError):
        return ""


def type_in(attributes: Any) -> str:
    """The type that a CloudEvent's attributes claim."""
    claimed = attributes.get("type") if isinstance(attributes, dict) else None
    return claimed if isinstance(claimed, str) else ""
