"""The CloudEvents 1.0 envelope: what every message carries besides what it says."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import not_
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass as _ModelType
else:
    _ModelType = type(BaseModel)


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("it lies outside the years 1 to 9999 of UTC") from error


def _rfc3339(value: object) -> object:
    """pydantic reads a number, also one in a string, as seconds since the epoch; nobody who writes one means it."""
    if isinstance(value, int | float) or (isinstance(value, str) and ":" not in value):
        raise ValueError("a date and time with an offset is wanted, such as 2026-01-05T08:00:00Z")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_utc)]
"""A point in time: RFC 3339 with an offset outside, UTC inside."""

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso_date(value: object) -> object:
    """As above: pydantic reads numbers as seconds, or days, since the epoch, and an instant at midnight as its date."""
    if isinstance(value, str):
        right = _ISO_DATE.fullmatch(value) is not None
    else:
        right = isinstance(value, date) and not isinstance(value, datetime)
    if not right:
        raise ValueError("a date is wanted, such as 2026-01-05")
    return value


Day = Annotated[date, BeforeValidator(_iso_date)]
"""A date of the calendar, ISO 8601 outside. Which instants it covers, the reader's time zone says."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s/\x00-\x1f][^\x00-\x1f]*$")]
"""An opaque identifier. It becomes part of a Kafka key, so it has no control characters and no leading blank."""

SUBJECT_PATTERN = r"^[a-z][a-z_]*/[^\x00-\x1f]+$"


class Frozen(BaseModel):
    """A value: immutable, compared by content, lenient about fields it does not know when read."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True, ser_json_timedelta="iso8601")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a record stands on the log. `topic` is without its space, so that a rebuild elsewhere compares equal.

    `traceparent`: the trace context that it brought, for what follows from it later; left out where it brought none.
    """

    topic: str
    partition: int
    offset: int
    id: str
    traceparent: Annotated[str | None, Field(exclude_if=not_)] = field(default=None, compare=False)


def trace_of(evidence: Iterable[Evidence]) -> str | None:
    """The trace that what rests on these records belongs to: that of the latest that has one."""
    return next((one.traceparent for one in reversed(tuple(evidence)) if one.traceparent), None)


class About(NamedTuple):
    """The envelope of an event: who said it, about what, when; and where it was read, once it was."""

    id: str
    source: str
    subject: str
    time: datetime
    record: Evidence | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None


class _EventType(_ModelType):
    """pydantic's asks about instances in Python, for virtual subclasses; events have none, and rules ask often."""

    __instancecheck__ = type.__instancecheck__


class Event(Frozen, metaclass=_EventType):
    """What happened. A subclass declares its CloudEvents type, the kind of its aggregate and its topic once:

        class InvoiceReceived(AccountingEvent, type="accounting.invoice.received", kind="vendor"): ...

    `kind` is the first half of the subject (`vendor/acme`), which is also the Kafka key; some may be about other kinds
    also, such as a command about an alert or a whole group.
    `topic` is the topic's name without the space; a department's base class declares it for all its events.
    """

    __slots__ = ("_about",)
    if TYPE_CHECKING:
        _about: About

    type: ClassVar[str] = ""
    kind: ClassVar[str] = ""
    other_kinds: ClassVar[tuple[str, ...]] = ()
    topic: ClassVar[str] = ""
    version: ClassVar[int] = 1
    sparse: ClassVar[bool] = False
    """Whether its JSON leaves out what was not said: for events of many fields, of which most say little."""

    def __init_subclass__(
        cls,
        type: str = "",
        kind: str = "",
        topic: str = "",
        version: int = 0,
        other_kinds: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if type:
            cls.type = type
        if kind:
            cls.kind = kind
        if other_kinds:
            cls.other_kinds = other_kinds
        if topic:
            cls.topic = topic
        if version:
            cls.version = version

    @property
    def about(self) -> About:
        """The envelope. Raises AttributeError for an event that was neither read nor sent."""
        return self._about

    def with_about(self, about: About) -> "Event":
        """The same event carrying its envelope. Meant for the one who just made or decoded it."""
        object.__setattr__(self, "_about", about)
        return self

    @classmethod
    def kinds(cls) -> tuple[str, ...]:
        """What its subject may be: the first halves; none: anything."""
        return (cls.kind, *cls.other_kinds) if cls.kind else ()

    @classmethod
    def dataschema(cls) -> str:
        return f"urn:backoffice:{cls.type}:{cls.version}"


def concrete_events(base: type[Event]) -> Iterator[type[Event]]:
    """Every event type below `base`, in the order of definition."""
    for sub in base.__subclasses__():
        if "type" in vars(sub):
            yield sub
        yield from concrete_events(sub)
