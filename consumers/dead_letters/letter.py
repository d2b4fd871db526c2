"""A dead letter: a record that could not be read or applied, whole, with where it stood and why."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from consumers.log import Record
from consumers.seen import type_of
from schemas.codec import Headers
from schemas.processing import DeadLetterHeaders as Dead
from schemas.processing import RedriveHeaders as Redrive
from schemas.topics import Space

TOPIC = "dead-letters"
"""The topic's name, without its space. It has one partition, so an offset names a letter."""

LONGEST_MESSAGE = 300
"""Characters of a message that a summary keeps."""

_ADDED = frozenset(
    (
        *(value for name, value in vars(Dead).items() if name.isupper()),
        *(value for name, value in vars(Redrive).items() if name.isupper()),
    )
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"\d[\d.,:]*")
_FIELD = re.compile(r"^([A-Za-z_][\w.]*): ")


class Reason(NamedTuple):
    """What letters have in common that failed alike: `pattern` is the message without its values."""

    topic: str
    stage: str
    exception: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A letter without its content: what a list shows. `number` is its offset."""

    number: int
    at: datetime
    key: str
    type: str
    topic: str
    partition: int
    offset: int
    stage: str
    exception: str
    message: str
    tries: int

    @property
    def reason(self) -> Reason:
        return Reason(self.topic, self.stage, self.exception, pattern(self.message))

    @property
    def came_from(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}" if self.topic else "nowhere that it says"


@dataclass(frozen=True, slots=True)
class Letter:
    """The whole of it. `headers` are the record's own; `partition` and `offset` are -1 where it does not say them."""

    number: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers
    topic: str
    partition: int
    offset: int
    stage: str
    processor: str
    exception: str
    message: str
    stacktrace: str
    tries: int

    @property
    def type(self) -> str:
        """The CloudEvents type that the record claims; empty when it claims none."""
        return type_of(self.value, self.headers)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the message complains of; those of the event, without its type."""
        found = (_FIELD.match(part) for part in self.message.split("; "))
        return tuple(each[1].removeprefix(f"{self.type}.") for each in found if each)

    def summary(self) -> Summary:
        key = "" if self.key is None else self.key[:LONGEST_MESSAGE].decode(errors="replace")
        message = self.message[:LONGEST_MESSAGE]
        place = (self.topic, self.partition, self.offset)
        return Summary(self.number, self.at, key, self.type, *place, self.stage, self.exception, message, self.tries)


def letter_of(record: Record, space: Space) -> Letter:
    """The letter in a record of the topic. Anything can be read: what a record does not say is empty."""
    said = {
        name: (value or b"").decode(errors="replace") for name, value in record.headers
    }  # the last of a name counts
    return Letter(
        number=record.offset,
        at=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple((name, value) for name, value in record.headers if name not in _ADDED),
        topic=space.short(said.get(Dead.TOPIC, "")),
        partition=_number(said.get(Dead.PARTITION), -1),
        offset=_number(said.get(Dead.OFFSET), -1),
        stage=said.get(Dead.STAGE, ""),
        processor=said.get(Dead.CLASS, ""),
        exception=said.get(Dead.EXCEPTION, "").removeprefix("builtins."),
        message=said.get(Dead.MESSAGE, ""),
        stacktrace=said.get(Dead.STACKTRACE, ""),
        tries=_number(said.get(Redrive.TRIES), 0),
    )


def pattern(message: str) -> str:
    """A message without the values in it, by which letters that failed alike are told together."""
    return _NUMBER.sub("…", _QUOTED.sub("…", message))[:LONGEST_MESSAGE]


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else otherwise
