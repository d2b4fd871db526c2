"""Sending again, one record at a time, what the failure of one record took with it; see `producers.client`."""

import time
from functools import partial
from typing import Any

from kafka import errors as kafka_errors

from producers.connection import Connection, close, given_up, may_have_arrived, refusal
from producers.delivery import Outgoing
from producers.errors import BrokerAway, NotSent, Unconfirmed
from producers.outstanding import Outstanding, Pending

GIVING_ERRORS = (kafka_errors.KafkaError, ValueError)
"""What kafka-python raises when it does not even take a record."""


def repeat(outstanding: Outstanding, connection: Connection) -> None:
    """Everything that is neither confirmed nor given up, in the order sent. Returns once each is settled."""
    left = outstanding.unconfirmed()
    if not left:
        return
    try:
        producer = connection.one_by_one()
    except BrokerAway as away:
        for pending in left:
            outstanding.settle(pending, Unconfirmed(f"not known to be on the log: {away}"))
        return
    for pending in left:
        _repeat(outstanding, producer, pending)
    close(producer, timeout=connection.delivery_timeout + 5)


def _repeat(outstanding: Outstanding, producer: Any, pending: Pending) -> None:
    pending.since = time.monotonic()
    try:
        pending.future = future = give(producer, pending.record)
    except GIVING_ERRORS as error:
        outstanding.settle(pending, given_up(pending.record, error))
        return
    future.add_callback(partial(outstanding.confirmed, pending))
    future.add_errback(lambda error: outstanding.settle(pending, verdict(pending.record, error)))


def give(producer: Any, record: Outgoing) -> Any:
    """Hands a record to kafka-python; its future. Raises GIVING_ERRORS."""
    return producer.send(
        record.topic,
        value=record.value,
        key=record.key,
        headers=list(record.headers),
        partition=record.partition,
        timestamp_ms=record.timestamp_ms,
    )


def verdict(record: Outgoing, error: Exception) -> NotSent:
    """What a failure means for a record: refused, or perhaps on the log."""
    return given_up(record, error) if may_have_arrived(error) else refusal(record, error)
