"""What goes in and out of a fold: records as they stand on the log, and records to be sent."""

from datetime import datetime
from typing import NamedTuple

from schemas.codec import Headers

DEAD_LETTERS = "dead-letters"
"""The topic, without its space, of records that could not be read or applied."""


class Record(NamedTuple):
    """One record of the inbox. `timestamp` in milliseconds since the epoch; the topic's name without its space."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    completes: bool = True
    """Whether everything up to it has been applied once it has; within a slice, so with its last only (`slices.py`)."""


class Output(NamedTuple):
    """One record to send. `partition` None: where its key belongs. The topic's name is without the space."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    at: datetime
    partition: int | None = None
