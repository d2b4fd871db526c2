"""Slices of a replay: what an inbox holds until a tick closes it, then in an order that no race decides.

In a replay space several lanes write into one inbox with the times of their causes, and how their records come to
stand there is an accident. So nothing is applied before the tick that closes a slice of time has come; then its
records are, by time. Of one time, what the feeder wrote comes first, then what each lane emitted, lane by lane, each
in the order in which it did. The tick comes last: it moves the clock to the slice's end. What stands behind a tick
belongs to the next slice, whatever its time.
"""

import json
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from processors.causing import origin_of
from processors.records import Record
from schemas.processing import Tick

_TICK = b"processing.tick"
_MOST_TICK_BYTES = 4_096


class Hold:
    """What has come into one partition since its last tick. Records come in the order of the log."""

    def __init__(self, applied: int = 0) -> None:
        """`applied`: how many records of the first slice have been, in its order, before a restart."""
        self._held: list[Record] = []
        self._applied = applied

    def __len__(self) -> int:
        return len(self._held)

    def take(self, records: Iterable[Record]) -> list[Record]:
        """Holds these, and gives what may be applied now: each slice that they close, in its order."""
        ready: list[Record] = []
        for record in records:
            if closes(record):
                ready += self._closed_by(record)
            else:
                self._held.append(record)
        return ready

    def _closed_by(self, tick: Record) -> list[Record]:
        """Only the tick completes the slice: a restart reads all of it again, and knows how many were applied."""
        ordered = [record._replace(completes=False) for record in in_order(self._held)]
        left = [*ordered, tick][self._applied :]
        self._held.clear()
        self._applied = 0
        return left


def in_order(records: Iterable[Record]) -> list[Record]:
    """Records of one partition, given as they stand there, in the order of a slice."""
    ordered: list[Record] = []
    at = attrgetter("timestamp")
    for _, same in groupby(sorted(records, key=at), at):
        together = list(same)
        ordered += sorted(together, key=_origin) if len(together) > 1 else together
    return ordered


def _origin(record: Record) -> tuple[str, int]:
    return origin_of(record.value)


def closes(record: Record) -> bool:
    """Whether this is a tick."""
    value = record.value
    if value is None or _TICK not in value or len(value) > _MOST_TICK_BYTES:
        return False
    try:
        said = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("type") == Tick.type
