"""Events to and from Kafka records: CloudEvents structured mode out, structured or binary mode in."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Annotated, Any, Literal, NotRequired, Protocol, Union, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from schemas.envelope import SUBJECT_PATTERN, About, Event, Evidence, Instant
from schemas.tracing import brought

Headers = Sequence[tuple[str, bytes]]

CONTENT_TYPE = b"application/cloudevents+json; charset=UTF-8"
_OURS = ("content-type", CONTENT_TYPE)
HEADERS: Headers = (_OURS,)

_STRUCTURED = b"application/cloudevents"
_SUBJECT = re.compile(SUBJECT_PATTERN)


class Unreadable(ValueError):
    """A record that is not one of the events expected here. `stage` is Kafka Connect's name of where it failed."""

    def __init__(self, message: str, stage: str = "VALUE_CONVERTER") -> None:
        super().__init__(message)
        self.stage = stage


class _Envelope(TypedDict):
    """A dict and no model: it is taken apart at once, and every record has one."""

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=500)]
    source: Annotated[str, Field(min_length=1, max_length=500)]
    subject: Annotated[str, Field(max_length=1_000)]
    time: Instant
    causationid: NotRequired[str | None]
    correlationid: NotRequired[str | None]
    traceparent: NotRequired[str | None]


def encode(event: Event, about: About) -> bytes:
    """The event as CloudEvents JSON (structured mode), UTF-8.

    It begins as `json.dumps` would have it: `processors.causing` knows its own by that.
    """
    head = (
        f'{{"specversion": "1.0", "id": {quoted(about.id)}, "source": {quoted(about.source)}, '
        f'"type": "{event.type}", "subject": {quoted(about.subject)}, '
        f'"time": "{about.time.isoformat()}", "dataschema": "{event.dataschema()}"'
    )
    for name in ("causationid", "correlationid", "traceparent"):
        if value := getattr(about, name):
            head += f', "{name}": {quoted(value)}'
    data = event.__pydantic_serializer__.to_json(event, exclude_unset=event.sparse)
    return b'%b, "data": %b}' % (head.encode(), data)


class Standing(Protocol):
    """Where a record stands; `topic` is without its space."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...


class Decoder:
    """Reads the records of one inbox into the events that belong there."""

    def __init__(self, types: Iterable[type[Event]]) -> None:
        self.types = {t.type: t for t in types}
        envelopes = tuple(_envelope_of(t) for t in self.types.values())
        union: Any = Union[envelopes]  # noqa: UP007 - a union over a tuple known only now
        tagged: Any = Annotated[union, Field(discriminator="type")] if len(envelopes) > 1 else union
        self._adapter: TypeAdapter[Any] = TypeAdapter(tagged)
        self._validate = self._adapter.validator.validate_json

    def decode(self, value: bytes | None, headers: Headers = (), record: Standing | None = None) -> Event:
        """The event in a record, with its envelope. Raises Unreadable."""
        if value is None:
            raise Unreadable("the record has no value; events are never deleted, they are followed by other events")
        if not (headers and headers[0] == _OURS) and (binary := _binary_attributes(headers)):
            value = _structured(binary, value)
        try:
            said = self._validate(value)
        except ValidationError as error:
            raise Unreadable(explain(error)) from error
        event: Event = said["data"]
        id, subject, ties = said["id"], said["subject"], said.get
        kind = _kind(subject)
        if kind is None or ((kinds := event.kinds()) and kind not in kinds):
            raise Unreadable(f"subject: {subject!r} is not of the form {event.kind or '<kind>'}/<id>")
        trace = ties("traceparent")
        if trace is not None or len(headers) > 1:
            trace = brought(trace, headers)
        at = None if record is None else Evidence(record.topic, record.partition, record.offset, id, trace)
        caused = (ties("causationid"), ties("correlationid"), trace)
        about = tuple.__new__(About, (id, said["source"], subject, said["time"], at, *caused))  # half of its cost
        return event.with_about(about)

    def parse(self, attributes: Mapping[str, Any]) -> Event:
        """An event from an upstream's dict, refusing fields that are not in its schema. Raises Unreadable."""
        try:
            envelope = self._adapter.validate_python(dict(attributes))
            cls = self.types[envelope["type"]]
            cls.model_validate(attributes["data"], extra="forbid")
        except ValidationError as error:
            raise Unreadable(explain(error)) from error
        return self.decode(json.dumps(dict(attributes), default=_plain).encode())


@lru_cache(maxsize=100_000)
def _kind(subject: str) -> str | None:
    """The first half of a subject; None for what is no subject."""
    return subject.partition("/")[0] if _SUBJECT.fullmatch(subject) else None


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _envelope_of(cls: type[Event]) -> Any:
    fields = {**get_type_hints(_Envelope, include_extras=True), "type": Literal[cls.type], "data": cls}
    return TypedDict(f"{cls.__name__}Envelope", fields)  # type: ignore[operator]


def _binary_attributes(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """The `ce_` headers of binary mode; none when the content type says structured mode."""
    for name, value in headers:
        if name.lower() == "content-type" and (value or b"").lower().startswith(_STRUCTURED):  # Kafka lets it be null
            return {}
    attributes = [(n[3:].lower(), v) for n, v in headers if n.lower().startswith("ce_")]
    if null := [n for n, v in attributes if v is None]:
        raise Unreadable(f"the header ce_{null[0]} has no value", stage="HEADER_CONVERTER")
    try:
        return {n: v.decode() for n, v in attributes if v is not None}
    except UnicodeDecodeError as error:
        raise Unreadable(f"a ce_ header is not UTF-8: {error}", stage="HEADER_CONVERTER") from error


def _structured(attributes: Mapping[str, str], data: bytes) -> bytes:
    data = data or b"null"
    try:
        json.loads(data)  # what is more than one value would be read as part of the envelope
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"event: the data is not JSON: {error}") from error
    return json.dumps(dict(attributes)).encode()[:-1] + b', "data": ' + data + b"}"


def explain(error: ValidationError) -> str:
    """Each problem as `field: what is wrong`, the first three, without the input (it may be personal)."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [f"{'.'.join(str(p) for p in e['loc'] if p != 'data') or 'event'}: {e['msg']}" for e in problems[:3]]
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    return "; ".join(lines) + more
