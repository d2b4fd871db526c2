"""What time will do to the keys of a partition: deadlines pass, entries expire, in the order in which that counts."""

import heapq
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple


class Due(NamedTuple):
    """Something that time will do to a key: a deadline passes, or (`expiry`) an entry drops out. Sorts as it fires."""

    at: datetime
    key: str
    expiry: bool
    name: str
    entry: str


_NEVER = datetime.max.replace(tzinfo=UTC)


class Agenda:
    """Two heaps, of deadlines and of expiries. What was moved or dropped stays in them until its old instant comes:
    `wanted` tells whether something still holds."""

    def __init__(self, wanted: Callable[[Due], bool]) -> None:
        self._wanted = wanted
        self._deadlines: list[Due] = []
        self._expiring: list[Due] = []
        self._popped: list[Due] = []
        self.next_at = _NEVER
        """Nothing is due before this instant. Every record asks."""

    def wait(self, key: str, name: str, at: datetime) -> None:
        self._push(Due(at, key, False, name, ""))

    def expire(self, key: str, collection: str, entry: str, at: datetime) -> None:
        self._push(Due(at, key, True, collection, entry))

    def _push(self, due: Due) -> None:
        heapq.heappush(self._expiring if due.expiry else self._deadlines, due)
        self.next_at = min(self.next_at, due.at)

    def fill(self, deadlines: Iterable[Due], expiring: Iterable[Due]) -> None:
        """Takes the place of everything there was, at once."""
        self._deadlines, self._expiring = list(deadlines), list(expiring)
        heapq.heapify(self._deadlines)
        heapq.heapify(self._expiring)
        self._popped.clear()
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.next_at = min((heap[0].at for heap in (self._deadlines, self._expiring) if heap), default=_NEVER)

    def _take(self, heap: list[Due]) -> Due:
        due = heapq.heappop(heap)
        self._popped.append(due)
        return due

    def keep(self) -> None:
        """What has passed, or no longer holds, has gone for good."""
        self._popped.clear()

    def rollback(self) -> None:
        """Takes back everything since the last `keep`. What was added meanwhile is no longer wanted."""
        for due in self._popped:
            self._push(due)
        self._popped.clear()

    def pop(self, before: datetime) -> Due | None:
        """The next thing due before an instant."""
        while tops := [heap for heap in (self._deadlines, self._expiring) if heap and heap[0].at < before]:
            due = self._take(min(tops, key=lambda heap: heap[0]))
            if self._wanted(due):
                break
        else:
            due = None
        self._look_ahead()
        return due

    @property
    def earliest(self) -> datetime | None:
        """The instant of the first deadline waiting. Expiries alone wake nobody."""
        while self._deadlines and not self._wanted(self._deadlines[0]):
            self._take(self._deadlines)
        return self._deadlines[0].at if self._deadlines else None

    @property
    def waiting(self) -> int:
        """How many deadlines are waited for, at most: moved ones count until their old instant comes."""
        return len(self._deadlines)
