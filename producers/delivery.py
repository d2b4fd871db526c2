"""A record on its way: what was handed over, and the receipt that says where it arrived."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka.record.default_records import DefaultRecordBatchBuilder

from schemas.codec import HEADERS, Headers


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where a record stands on the log. `timestamp` is the log's: the broker's clock or the sender's, by topic."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime


class Receipt(Future[Delivered]):
    """The outcome of one `send`, once it is known: `result(timeout)` waits for it.

    `result` raises what went wrong: Refused, Unconfirmed or BrokerAway. A problem that was looked at through its
    receipt, or through `on_delivery`, is not raised again by flush.
    """

    def __init__(self, id: str) -> None:
        super().__init__()
        self.id = id
        self.looked_at = False
        self.set_running_or_notify_cancel()  # what was sent cannot be called back

    def result(self, timeout: float | None = None) -> Delivered:
        self.looked_at = True
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self.looked_at = True
        return super().exception(timeout)


OnDelivery = Callable[[Receipt], None]
"""Called once, on the producer's own thread: it must be quick, and must not send."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A Kafka record to write. `id` is the event's, for messages; `timestamp_ms` None leaves the stamp to the clock."""

    id: str
    topic: str
    key: bytes
    value: bytes
    headers: Headers = HEADERS
    timestamp_ms: int | None = None
    partition: int | None = None

    @property
    def size(self) -> int:
        """Upper bound in bytes of what it takes on the log when it stands in a batch of its own."""
        size: int = DefaultRecordBatchBuilder.estimate_size_in_bytes(self.key, self.value, list(self.headers))
        return size

    def __str__(self) -> str:
        return f"event {self.id!r} ({self.key.decode(errors='replace')}) for {self.topic}"


def delivered(metadata: Any) -> Delivered:
    """kafka-python's RecordMetadata as ours."""
    stamp = datetime.fromtimestamp(metadata.timestamp / 1000, UTC)
    return Delivered(metadata.topic, metadata.partition, metadata.offset, stamp)
