"""Where a replay's partitions stand, as their feeder knows: which have something to do by the end of a slice."""

from collections.abc import Mapping
from datetime import datetime

from kafka import TopicPartition

from schemas.waits import Waits


class Standing:
    """Where each partition stood when it was ticked last, and what it has waited for since."""

    def __init__(self) -> None:
        self._ends: dict[TopicPartition, int] = {}
        self._waits: dict[TopicPartition, Waits | None] = {}

    def forget(self) -> None:
        """Every partition has to be ticked."""
        self._ends.clear()

    def ticked(self, ticks: Mapping[TopicPartition, int], notes: Mapping[TopicPartition, str]) -> None:
        """A tick at this offset was passed: it is followed by its transaction's marker, no more."""
        self._ends |= {where: tick + 2 for where, tick in ticks.items()}
        self._waits |= {where: Waits.read(notes.get(where, "")) for where in ticks}

    def has_grown(self, where: TopicPartition, end: int) -> bool:
        """Whether something stands behind the last tick."""
        return where not in self._ends or end > self._ends[where]

    def has_to_do(self, where: TopicPartition, end: int, until: datetime) -> bool:
        """Whether something came, or a deadline may pass before then."""
        if self.has_grown(where, end) or (waits := self._waits.get(where)) is None:
            return True
        return waits.until is not None and waits.until < until
