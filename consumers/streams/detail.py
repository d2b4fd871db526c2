"""One record in full: where it stands, what it carries, what it says, its schema, and which records it rests on."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from consumers.seen import Seen
from consumers.streams.look import Look
from schemas.envelope import Evidence
from schemas.export import document
from schemas.processing import DeadLetterHeaders as Dead
from schemas.processing import RedriveHeaders as Redrive

PROCESSORS = "/backoffice/processors/"
_CAUSED = re.compile(r"(\d+)-(\d+)-\d+", re.ASCII)
"""The id of what a processor says: partition and offset of the record of its inbox it follows from, and a number."""


@dataclass(frozen=True, slots=True)
class Link:
    """Another record, and what it is to this one. The topic is without its space."""

    why: str
    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


@dataclass(frozen=True, slots=True)
class Detail:
    """`envelope` is all of the CloudEvent but its data; `document` what the value is as JSON, None if it is none."""

    seen: Seen
    headers: tuple[tuple[str, str], ...]
    envelope: Mapping[str, Any]
    data: Any
    text: str
    """The value as it is; what is not UTF-8 is marked."""
    size: int
    """Bytes of the value."""
    schema: Mapping[str, Any] | None
    links: tuple[Link, ...]


def detail(look: Look, inboxes: Mapping[str, str]) -> Detail:
    """`inboxes`: the topic that each processor reads."""
    record, seen, said = look.record, look.seen, look.document
    is_event = isinstance(said, dict) and "specversion" in said
    return Detail(
        seen=seen,
        headers=tuple((name, _text(value)) for name, value in record.headers),
        envelope={name: value for name, value in said.items() if name != "data"} if is_event else {},
        data=said.get("data") if is_event else said,
        text=_text(record.value),
        size=len(record.value or b""),
        schema=document(type(seen.event)) if seen.event else None,
        links=tuple(_links(seen, said if is_event else {}, inboxes)),
    )


def _links(seen: Seen, said: Mapping[str, Any], inboxes: Mapping[str, str]) -> Iterator[Link]:
    source, id = said.get("source"), said.get("id")
    if isinstance(source, str) and source.startswith(PROCESSORS) and isinstance(id, str):
        inbox, found = inboxes.get(source.removeprefix(PROCESSORS)), _CAUSED.fullmatch(id)
        if inbox and found:
            yield Link("caused by", inbox, int(found[1]), int(found[2]))
    evidence: Iterable[object] = getattr(seen.event, "evidence", ())
    for each in evidence:
        if isinstance(each, Evidence):
            yield Link("rests on", each.topic, each.partition, each.offset)
    headers = {name: _text(value) for name, value in seen.record.headers}
    if (topic := headers.get(Dead.TOPIC)) and (at := _whole(headers.get(Dead.PARTITION), headers.get(Dead.OFFSET))):
        yield Link("was", topic, *at)
    if at := _whole("0", headers.get(Redrive.LETTER)):
        yield Link("sent again from", "dead-letters", *at)


def _whole(*texts: str | None) -> tuple[int, int] | None:
    numbers = [int(text) for text in texts if text and text.isascii() and text.isdigit() and len(text) < 19]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode(errors="replace")


def pretty(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)
