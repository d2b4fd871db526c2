"""Records written in transactions, under a name that one program at a time holds.

Whoever opens the name fences whoever had it: what that had under way is aborted, and it can write nothing more.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, NamedTuple

from kafka import errors as kafka_errors

from producers.connection import Connection, close
from producers.errors import NotSent, Refused, Unconfirmed
from schemas.codec import Headers

_FENCED = (kafka_errors.ProducerFencedError, kafka_errors.InvalidProducerEpochError)
_TOO_LARGE = (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError)


class Fenced(NotSent):
    """Somebody else has opened the name since. Nothing of this transaction is on the log."""


class Raw(NamedTuple):
    """A record as it is to stand on the log. The topic's name is whole; `partition` None: where its key belongs."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None
    timestamp_ms: int | None = None


class Transactions(AbstractContextManager["Transactions"]):
    """Use it as a context manager: entering connects and fences. Raises NotSent."""

    def __init__(self, bootstrap_servers: str, name: str, *, delivery_timeout: float = 30.0) -> None:
        self._connection = Connection(bootstrap_servers, name, delivery_timeout=delivery_timeout)
        self._name = name
        self._timeout = delivery_timeout
        self._producer: Any = None

    def __enter__(self) -> "Transactions":
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def write(self, records: Sequence[Raw]) -> None:
        """All of them, or none. Raises Refused for one that no topic takes, Fenced, Unconfirmed.

        After Refused and Unconfirmed it can be written on: whatever was under way is aborted first.
        """
        if self._producer is None:
            self._open()
        try:
            self._transact(records)
        except (kafka_errors.KafkaError, ValueError) as error:
            self._close()
            if _is_fenced(error):
                raise Fenced(f"somebody else writes as {self._name} now") from error
            if isinstance(error, (*_TOO_LARGE, kafka_errors.AuthorizationError, ValueError)):
                raise Refused(f"{type(error).__name__}: {error}") from error
            raise Unconfirmed(
                f"the transaction may or may not be on the log: {type(error).__name__}: {error}"
            ) from error

    def _transact(self, records: Sequence[Raw]) -> None:
        self._producer.begin_transaction()
        sent = [
            self._producer.send(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=record.partition,
                timestamp_ms=record.timestamp_ms,
            )
            for record in records
        ]
        self._producer.flush(timeout=self._timeout)
        for future in sent:
            future.get(timeout=0)
        self._producer.commit_transaction()

    def _open(self) -> None:
        producer = self._connection.transactional(self._name)
        try:
            producer.init_transactions()
        except kafka_errors.KafkaError as error:
            close(producer, timeout=1)
            raise self._connection.away(error) from error
        self._producer = producer

    def _close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            close(producer, timeout=5)


def _is_fenced(error: BaseException) -> bool:
    """kafka-python says it outright, or of a later call as a reason among others."""
    return isinstance(error, _FENCED) or any(isinstance(each, _FENCED) for each in getattr(error, "args", ()))
