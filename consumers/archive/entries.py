"""What the archive gives: entries, pages, times; and how they are made of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, Self, TypeVar

from sqlalchemy import RowMapping

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEGINNING, END = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """A time: from `start`, which is in it, to `end`, which is not."""

    start: datetime = BEGINNING
    end: datetime = END

    @property
    def milliseconds(self) -> tuple[int, int]:
        return ms(self.start), ms(self.end)


ALWAYS = Span()


class Cursor(NamedTuple):
    """Where a page ends, and the next one goes on. As text it may be part of an address."""

    at: int
    number: int

    def __str__(self) -> str:
        return f"{self.at}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for what no page gave."""
        at, _, number = text.rpartition("-")
        return cls(int(at), int(number))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Newest first. `after`: where the next page goes on; None: this is the last."""

    entries: Sequence[T]
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the archive has it. `topic` is its name without the space."""

    number: int
    timestamp: datetime
    topic: str
    partition: int
    offset: int
    key: str | None
    type: str | None
    source: str | None
    id: str | None
    subject: str | None
    time: datetime | None
    department: str | None
    rule: str | None
    about: str | None
    body: Mapping[str, Any] | None
    """The whole CloudEvent; None for a tombstone, and for what could not be read."""
    headers: Sequence[Sequence[str | None]]
    """Name and text; name, None and base64 where it is no text. Those that all of ours have are left out."""
    raw: bytes | None
    raw_key: bytes | None
    problem: str | None
    """Why it could not be read; of a dead letter, why it is one."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's own fields; none where it is no event."""
        data = self.body.get("data") if isinstance(self.body, dict) else None
        return data if isinstance(data, dict) else {}


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """One time that an alert fired, as it stood last; its number is that of the record that said so."""

    fingerprint: str
    starts_at: datetime
    number: int
    timestamp: datetime
    status: str
    rule: str
    department: str
    severity: str
    priority: str
    subject: str
    summary: str
    ends_at: datetime | None
    due: datetime | None
    suppressed: bool
    """Whether another alert ever explained it."""
    acknowledged_at: datetime | None
    """The first time."""
    acknowledged_by: str | None
    highest_step: int
    labels: Mapping[str, str]
    body: Mapping[str, Any]
    """The fields of `schemas.alerts.Alert`."""
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one notice, by the notifier."""

    number: int
    timestamp: datetime
    notice: str
    receiver: str
    outcome: str
    channel: str
    attempts: int
    escalation_step: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many records there were. What was not asked to be told apart is None."""

    records: int
    hour: datetime | None = None
    kind: str | None = None
    department: str | None = None
    type: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the archive is in one partition. `topic` is without its space, `at` when it was written last."""

    topic: str
    incarnation: int
    partition: int
    next: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """Records that the log had dropped before they were archived."""

    topic: str
    partition: int
    first: int
    end: int
    at: datetime


COUNTED = ("hour", "kind", "department", "type", "rule")


def ms(at: datetime) -> int:
    """Milliseconds since the epoch, as the archive's columns have them. `at` is aware."""
    return int((at - EPOCH).total_seconds() * 1000)


def instant(at: int) -> datetime:
    """The other way; what lies outside the years of `datetime` is its beginning or end."""
    try:
        return datetime.fromtimestamp(at / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return BEGINNING if at < 0 else END


def _instant(at: int | None) -> datetime | None:
    return None if at is None else instant(at)


def entry(row: RowMapping) -> Entry:
    """An entry of a row of a log table, with its topic's name as `topic_name`."""
    return Entry(
        row["number"],
        instant(row["timestamp"]),
        row["topic_name"],
        row["partition"],
        row["offset"],
        row["key"],
        row["type"],
        row["source"],
        row["id"],
        row["subject"],
        _instant(row["time"]),
        row["department"],
        row["rule"],
        row["about"],
        row["body"],
        row["headers"] or (),
        row["raw"],
        row["raw_key"],
        row["problem"],
    )


def alert_entry(row: RowMapping) -> AlertEntry:
    times = ("starts_at", "timestamp", "ends_at", "due", "acknowledged_at", "gone_at")
    return AlertEntry(**{**dict(row), **{name: _instant(row[name]) for name in times}})


def delivery(row: RowMapping) -> Delivery:
    return Delivery(**{**dict(row), "timestamp": instant(row["timestamp"])})


def count(row: RowMapping) -> Count:
    values = dict(row)
    if "hour" in values:
        values["hour"] = instant(values["hour"])
    return Count(**{**values, "records": int(values["records"])})
