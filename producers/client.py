"""The client that upstream systems send events with: idempotent, confirmed, bounded.

What holds:

- Each event is written once and, per key, in the order sent, for as long as none fails.
- What cannot be sent at all (too large, wrong kind of subject, unknown topic) is refused before it leaves.
- When a record fails, its producer is made to send nothing more, and takes nothing more. After a refusal
  kafka-python's does so by itself, and fails what was in flight to other partitions too; after other failures it would
  go on, and later records would overtake. What was neither confirmed nor given up is then sent again, one record at a
  time and in the order sent, which tells the refused ones from the rest. Only then does sending go on, with a new
  producer. Nothing is lost. A record that the broker had taken, but not yet confirmed, stands on the log twice, with
  the same `source` and `id`: processors drop the second. Per partition the first copies of all that is confirmed
  stand in the order sent.
- A record that is not confirmed within `delivery_timeout` is given up: Unconfirmed, which says so. Nothing is promised
  of its place among the others. Its producer is replaced in the same way, because kafka-python's may not find back to
  a broker that was away.
"""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import count
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from kafka import errors as kafka_errors

from producers import tracing
from producers.addressing import address
from producers.connection import Connection, close, given_up, late, stop
from producers.delivery import OnDelivery, Outgoing, Receipt
from producers.errors import BufferFull, NotSent, Refused, Unconfirmed, Undelivered
from producers.outstanding import Outstanding, Pending
from producers.repeating import GIVING_ERRORS, give, repeat, verdict
from schemas.codec import encode
from schemas.envelope import About, Event
from schemas.topics import INBOX_MAX_BYTES, Space
from schemas.tracing import read

_PAUSE = 0.5
_GRACE = 1.0
"""Seconds that kafka-python has to give up a record itself, which it does with a reason."""


class Client:
    """Sends events to the topics of one space. Safe for several threads; connects when first used.

    `max_records` and `max_bytes` bound what waits for the broker's confirmation; when they are reached, `send`
    waits up to `send_timeout` seconds. `delivery_timeout` (seconds, 2 or more) bounds how long a record may take.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        space: Space | None = None,
        *,
        max_records: int = 10_000,
        max_bytes: int = 32 * 1024 * 1024,
        max_record_bytes: int = INBOX_MAX_BYTES,
        send_timeout: float = 60.0,
        delivery_timeout: float = 60.0,
        connect_timeout: float = 5.0,
        begins_traces: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """`begins_traces`: an event that would belong to no trace begins one."""
        self.space = space or Space()
        self.max_record_bytes = max_record_bytes
        self.send_timeout = send_timeout
        self._connection = Connection(
            bootstrap_servers, f"{self.space.name}-producer", connect_timeout, delivery_timeout, options or {}
        )
        self._outstanding = Outstanding(max_records, max_bytes)
        self._sending = threading.Condition()  # held while handing over a record
        self._failing = threading.Lock()  # held for a moment only: a producer's own thread takes it
        self._repairing = False  # from the failure of the producer in use until nothing of it is left to repeat
        self._producer: Any = None
        self._topics: set[str] = set()
        self._ids = uuid4().hex  # random once: a new UUID an event would cost as much as all the rest of sending
        self._serial = count(1)
        self._trace = tracing.current_or_new if begins_traces else tracing.current

    def __enter__(self) -> Self:
        with self._sending:
            self._connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except NotSent:
            if error is None:  # else the block's own error says more
                raise

    def send(
        self,
        event: Event,
        subject: str,
        *,
        source: str,
        id: str | None = None,
        time: datetime | None = None,
        key: bytes | None = None,
        topic: str | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        causationid: str | None = None,
        correlationid: str | None = None,
        traceparent: str | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> Receipt:
        """Hands one event over and returns at once, unless too much is outstanding already.

        `id` defaults to a new one, `time` to now. `topic` is without the space; it, `partition` and `key` follow
        from the event and its subject unless given. In a replay space a record is stamped with the event's time.
        `traceparent` defaults to OpenTelemetry's current span, see `producers.tracing`.

        Raises Refused, BrokerAway, BufferFull. What becomes known later is in the receipt, goes to `on_delivery`
        if given, and else is raised by flush.
        """
        about = About(
            id or f"{self._ids}-{next(self._serial)}",
            source,
            subject,
            time or datetime.now(UTC),
            causationid=causationid,
            correlationid=correlationid,
            traceparent=read(traceparent) or self._trace(),
        )
        if timestamp_ms is None and self.space.replay:
            timestamp_ms = int(about.time.timestamp() * 1000)
        name, default_key = address(event, about, topic)
        value = encode(event, about)
        return self.write(
            Outgoing(
                about.id,
                self.space.topic(name),
                default_key if key is None else key,
                value,
                timestamp_ms=timestamp_ms,
                partition=partition,
            ),
            on_delivery,
        )

    def write(self, record: Outgoing, on_delivery: OnDelivery | None = None) -> Receipt:
        """Hands over a record that is already encoded, its topic with the space. Raises as `send` does."""
        size = record.size
        if size > self.max_record_bytes:
            raise Refused(
                f"{record}: {size:,} bytes are more than the {self.max_record_bytes:,} bytes a record may have. "
                "Send a reference to large content instead of the content."
            )
        self._make_room(size)
        try:
            return self._hand_over(record, on_delivery).receipt
        except BaseException:
            self._outstanding.room.release(size)
            raise

    def flush(self, timeout: float | None = None) -> None:
        """Returns when everything sent so far is confirmed, refused or given up; `timeout` in seconds.

        Raises Undelivered with what did not arrive since the last flush and was not looked at otherwise;
        Unconfirmed when records are still outstanding at the end of `timeout`.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not self._outstanding.room.wait_empty(_PAUSE if until is None else min(_PAUSE, until - time.monotonic())):
            self._give_up_overdue()
            if until is not None and time.monotonic() >= until:
                raise Unconfirmed(
                    f"{len(self._outstanding)} records are still not confirmed by {self._connection.bootstrap_servers} "
                    f"after {timeout:g} s; they may or may not be on the log"
                )
        if problems := self._outstanding.take_problems():
            raise Undelivered(problems)

    def close(self, timeout: float | None = None) -> None:
        """Flushes and disconnects. Raises as flush does; is disconnected in any case."""
        try:
            self.flush(timeout)
        finally:
            with self._sending:
                self._sending.wait_for(lambda: not self._repairing)
                self._disconnect()
            for pending in self._outstanding.left():
                self._outstanding.settle(pending, given_up(pending.record, TimeoutError("the client was closed")))

    # Handing over

    def _make_room(self, size: int) -> None:
        room = self._outstanding.room
        try:
            room.acquire(size, self.send_timeout)
        except BufferFull:
            if not self._give_up_overdue():
                raise
            room.acquire(size, 0)

    def _hand_over(self, record: Outgoing, on_delivery: OnDelivery | None) -> Pending:
        with self._sending:
            if not self._sending.wait_for(lambda: not self._repairing, self.send_timeout):
                raise BufferFull(f"{record}: what was sent before is still being repeated after a failure")
            producer = self._connected()
            self._require_topic(producer, record.topic)
            try:
                future = give(producer, record)
            except GIVING_ERRORS as error:
                raise verdict(record, error) from error
            pending = self._outstanding.add(record, on_delivery, future)
        # Not while holding the lock: of a future that is done these call `on_delivery` at once.
        future.add_callback(partial(self._outstanding.confirmed, pending))
        future.add_errback(partial(self._failed, producer, pending))
        return pending

    def _connected(self) -> Any:
        if self._producer is None:
            self._producer = self._connection.idempotent()
        return self._producer

    def _require_topic(self, producer: Any, topic: str) -> None:
        if topic in self._topics:
            return
        try:
            producer.partitions_for(topic)
        except (kafka_errors.KafkaError, ValueError) as error:
            raise self._connection.no_such_topic(topic, error) from error
        self._topics.add(topic)

    def _disconnect(self) -> None:
        with self._sending:  # who is handing over has done so by then
            producer, self._producer = self._producer, None
        if producer is not None:
            close(producer, timeout=5)

    # Outcomes, on the producer's thread

    def _failed(self, producer: Any, pending: Pending, error: Exception) -> None:
        if late(error):
            self._outstanding.settle(pending, given_up(pending.record, error))
        self._replace(producer)

    def _give_up_overdue(self) -> bool:
        """Gives up what is not confirmed in time; kafka-python does not while it waits for a broker that is away."""
        limit = time.monotonic() - self._connection.delivery_timeout - _GRACE
        overdue = [pending for pending in self._outstanding.left() if pending.since < limit]
        for pending in overdue:
            self._outstanding.settle(pending, given_up(pending.record, TimeoutError()))
        if overdue:
            self._replace(self._producer)
        return bool(overdue)

    # After a refusal, or a broker that was away

    def _replace(self, producer: Any) -> None:
        """Starts a repair, unless the producer is replaced already or about to be. Waits for nothing."""
        with self._failing:
            if self._repairing or producer is None or producer is not self._producer:
                return
            self._repairing = True
            stop(producer)  # before another failure may be taken for one that is seen to
        threading.Thread(target=self._repair, name="backoffice-producer-repair", daemon=True).start()

    def _repair(self) -> None:
        try:
            self._disconnect()
            repeat(self._outstanding, self._connection)
        finally:
            with self._sending:
                self._repairing = False
                self._sending.notify_all()
