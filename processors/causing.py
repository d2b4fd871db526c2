"""What one record causes: outputs with ids that are the same for the same log, whatever crashed in between."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from processors.records import Output, Record
from processors.step import Emission, Tombstone
from schemas.codec import HEADERS, Headers, encode
from schemas.envelope import About
from schemas.topics import INBOX_MAX_BYTES
from schemas.tracing import child

MAX_OUTPUT_BYTES = INBOX_MAX_BYTES - 2_048
"""The most an output's key and value may take together, so that a topic takes it with its headers."""

SOURCE = "/backoffice/processors/"
"""The source of what a processor emits, before its name."""

_OURS = re.compile(rb'\{"specversion": "1\.0", "id": "(\d+)-(\d+)-\d+", "source": "' + SOURCE.encode() + rb'([^"]+)"')
"""How `encode` begins what `Causing` names."""


class OutputTooLarge(ValueError):
    """An output that no topic takes: the step that wants it is not applied."""


def fits(what: str, key: bytes, value: bytes) -> None:
    """Raises OutputTooLarge."""
    if (size := len(key) + len(value)) > MAX_OUTPUT_BYTES:
        raise OutputTooLarge(
            f"{what} for {key[:80].decode(errors='replace')} would take {size:,} bytes; there is room for "
            f"{MAX_OUTPUT_BYTES:,}"
        )


class Cause(NamedTuple):
    """The record that a processor had before it when it emitted something: in its inbox, at this place."""

    processor: str
    partition: int
    offset: int


def cause_of(value: bytes | None) -> Cause | None:
    """What let a processor emit a record; None for what came from outside."""
    if value is None or (found := _OURS.match(value)) is None:
        return None
    return Cause(found[3].decode(errors="replace"), int(found[1]), int(found[2]))


def cause_of_tombstone(headers: Headers) -> Cause | None:
    """What let a processor emit a record without a value."""
    said = dict(headers)
    try:
        partition, offset, _ = said["ce_id"].decode().split("-")
        source = said["ce_source"].decode()
        return Cause(source.removeprefix(SOURCE), int(partition), int(offset)) if source.startswith(SOURCE) else None
    except (KeyError, ValueError):
        return None


def origin_of(value: bytes | None) -> tuple[str, int]:
    """Which lane emitted a record: its processor and partition; ("", 0) for what came from outside."""
    cause = cause_of(value)
    return ("", 0) if cause is None else (cause.processor, cause.partition)


class Causing:
    """Numbers what a record causes, deadlines that it lets pass among it, and makes it into records to send."""

    __slots__ = ("_n", "_processor", "_record")

    def __init__(self, processor: str, record: Record) -> None:
        self._processor = processor
        self._record = record
        self._n = 0

    def about(self, subject: str, at: datetime, cause: About | None = None, trace: str | None = None) -> About:
        """The envelope of the next thing caused; with `cause`, what that carried along goes on.

        `trace`: whose trace it belongs to where its cause has none, because time alone has led to it.
        """
        self._n += 1
        id, source = f"{self._record.partition}-{self._record.offset}-{self._n}", f"{SOURCE}{self._processor}"
        if cause is None:
            return About(id, source, subject, at)
        trace = child(cause.traceparent or trace, source, id)
        return About(id, source, subject, at, None, cause.id, cause.correlationid, trace)

    def outputs(self, emissions: Iterable[Emission | Tombstone], cause: About, at: datetime) -> list[Output]:
        """What a step emits, each to the topic of its event, keyed by its subject, with the time of its cause."""
        return [self._output(e, cause, at) for e in emissions]

    def _output(self, emission: Emission | Tombstone, cause: About, at: datetime) -> Output:
        key = emission.subject.encode()
        if isinstance(emission, Tombstone):
            about = self.about(emission.subject, at, cause)
            return Output(
                emission.topic, key, None, (("ce_id", about.id.encode()), ("ce_source", about.source.encode())), at
            )
        event = emission.event
        value = encode(event, self.about(emission.subject, at, cause, emission.trace))
        fits(event.type, key, value)
        return Output(event.topic, key, value, HEADERS, at)
