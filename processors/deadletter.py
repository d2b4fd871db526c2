"""Dead letters: a record that could not be read or applied, whole, with why, under Kafka Connect's header names."""

import traceback

from processors.records import DEAD_LETTERS, Output, Record
from processors.store import from_ms
from schemas.codec import Headers, Unreadable
from schemas.processing import DeadLetterHeaders as H

MAX_STACKTRACE = 8_000
"""Characters of the stack trace kept; the innermost frames are at its end."""


def dead_letter(error: BaseException, record: Record, processor: str, carried: Record | None = None) -> Output:
    """The record, whole, with why. `carried`: what is buried in its place, which it only let happen (a deadline)."""
    stage = error.stage if isinstance(error, Unreadable) else "TRANSFORMATION"
    why = reasons(
        error,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        stage=stage,
        processor=processor,
    )
    buried = carried or record
    return Output(DEAD_LETTERS, buried.key, buried.value, [*buried.headers, *why], from_ms(record.timestamp))


def reasons(error: BaseException, *, topic: str, partition: int, offset: int, stage: str, processor: str) -> Headers:
    """The headers that say where a record stood and why it could not be applied, all UTF-8 text."""
    trace = "".join(traceback.format_exception(error))[-MAX_STACKTRACE:]
    texts = {
        H.TOPIC: topic,
        H.PARTITION: str(partition),
        H.OFFSET: str(offset),
        H.STAGE: stage,
        H.CLASS: processor,
        H.EXCEPTION: f"{type(error).__module__}.{type(error).__qualname__}",
        H.MESSAGE: str(error)[:MAX_STACKTRACE],
        H.STACKTRACE: trace,
    }
    return [(name, text.encode("utf-8", "replace")) for name, text in texts.items()]
