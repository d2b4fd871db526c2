"""Bodies of API v2, read and checked as Alertmanager does: what its schema wants first, then its own checks."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import (
    AfterValidator,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from consumers.api.errors import Problem
from schemas.alerts import SilenceMatcher

T = TypeVar("T")
Labels = dict[str, str]


async def _json_body(request: Request) -> bytes:
    """The body of a request that says it is JSON. Raises Problem."""
    given = request.headers.get("content-type", "application/octet-stream")
    if given.partition(";")[0].strip().lower() != "application/json":
        raise Problem(f'unsupported media type "{given}", only [application/json] are allowed', 415)
    return await request.body()


Body = Annotated[bytes, Depends(_json_body)]


def _instant(value: Any) -> Any:
    """Nothing, an empty text and Go's zero time are no time."""
    if value in (None, ""):
        return None
    if not isinstance(value, str) or ":" not in value:
        raise ValueError("a date and time is wanted, such as 2026-01-05T08:00:00Z")
    return None if value.startswith("0001-01-01T") else value


def _utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("it lies outside the years 1 to 9999 of UTC") from error


def _required(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("missing", "null is nothing")
    return value


def _said(labels: Labels) -> Labels:
    return labels if all(labels.values()) else {name: value for name, value in labels.items() if value}


def _uri(value: str) -> str:
    if value and not _URI.fullmatch(value):
        raise PydanticCustomError("uri", "{value}", {"value": json.dumps(value, ensure_ascii=False)})
    return value


_URI = re.compile(r"(/|[A-Za-z][A-Za-z0-9+.-]*:)[^\x00-\x1f]*")
"""What Go takes for the URI of a request: a path, or something with a scheme."""

Time = Annotated[datetime | None, BeforeValidator(_instant), AfterValidator(_utc)]


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(alias=to_camel), extra="ignore", frozen=True)


class PostableAlert(_Wire):
    """An alert as a program posts it."""

    labels: Annotated[Labels, BeforeValidator(_required), AfterValidator(_said)]
    """Without those that are empty: they are as good as none."""
    annotations: Annotated[Labels, BeforeValidator(lambda value: {} if value is None else value)] = {}
    starts_at: Time = None
    ends_at: Time = None
    generator_url: Annotated[str, AfterValidator(_uri)] = Field(default="", alias="generatorURL")

    def problem(self, most_label_characters: int) -> str | None:
        """What Alertmanager's `Alert.Validate` has against it, or that its labels are too long; None: nothing."""
        if self.ends_at is not None and self.ends_at < (self.starts_at or self.ends_at):
            return "start time must be before end time"
        if not self.labels:
            return "at least one label pair required"
        if sum(len(name) + len(value) for name, value in self.labels.items()) > most_label_characters:
            return f"labels of more than {most_label_characters:,} characters"
        for what, names in (("label set", self.labels), ("annotations", self.annotations)):
            if "" in names:
                return f'invalid {what}: invalid name ""'
        return None


class PostableMatcher(_Wire):
    """One condition of a silence."""

    name: str
    value: str
    is_regex: bool
    is_equal: bool | None = None

    def of_ours(self) -> SilenceMatcher:
        return SilenceMatcher(
            name=self.name, value=self.value, is_regex=self.is_regex, is_equal=self.is_equal is not False
        )


class PostableSilence(_Wire):
    """A silence as somebody wants it: a new one, or, with an id, another that there is already."""

    id: Annotated[str, BeforeValidator(lambda value: value or "")] = ""
    comment: str
    created_by: str
    ends_at: Time
    matchers: Annotated[Sequence[PostableMatcher], Field(min_length=1)]
    starts_at: Time


_ALERTS: TypeAdapter[list[PostableAlert]] = TypeAdapter(list[PostableAlert])
_SILENCE: TypeAdapter[PostableSilence] = TypeAdapter(PostableSilence)


def postable_alerts(body: bytes) -> list[PostableAlert]:
    """`null` is none. Raises Problem."""
    return [] if body.strip() == b"null" else _read(_ALERTS, body, "alerts")


def postable_silence(body: bytes) -> PostableSilence:
    """Raises Problem."""
    return _read(_SILENCE, body, "silence")


_WRONG_FORM, _REQUIRED, _TOO_FEW = 601, 602, 612
"""go-openapi's own codes, said in the body of a 422."""


def _read(adapter: TypeAdapter[T], body: bytes, what: str) -> T:
    """What a body says; its first problem as go-openapi would say it."""
    if not body.strip():
        raise Problem(f"{what} in body is required", 422, _REQUIRED)
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    match first["type"]:
        case "missing":
            raise Problem(f"{where} in body is required", 422, _REQUIRED)
        case "uri":
            raise Problem(f"{where} in body must be of type uri: {first['msg']}", 422, _WRONG_FORM)
        case "too_short":
            raise Problem(f"{where} in body should have at least 1 items", 422, _TOO_FEW)
    said = re.sub(r"^Value error, ", "", first["msg"])
    raise Problem(f'parsing {what} body from "" failed, because {where + ": " if where else ""}{said}', 400)
