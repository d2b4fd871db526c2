"""Dead letters: a record that could not be read or applied, whole, with why, under Kafka Connect's header names."""

import traceback

from schemas.codec import Headers
from schemas.processing import DeadLetterHeaders as H

MAX_STACKTRACE = 8_000
"""Characters of the stack trace kept; the innermost frames are at its end."""


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
