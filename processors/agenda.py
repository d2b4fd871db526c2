"""What time will do to the keys of a partition: deadlines pass, entries expire, in the order in which that counts."""

import heapq
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

EVERYTHING = sys.maxsize
"""As many as there are."""

_NEVER = datetime.max.replace(tzinfo=UTC)


class Due(NamedTuple):
    """Something that time will do to a key: a deadline passes, or (`expiry`) an entry drops out. Sorts as it fires."""

    at: datetime
    key: str
    expiry: bool
    name: str
    entry: str


def deadline_in(key: str, name: str, value: bytes) -> Due:
    """The deadline that a row says. Raises ValueError for a row that says none."""
    try:
        at = datetime.fromisoformat(value[1:-1].decode()).astimezone(UTC)
    except ValueError as error:
        raise ValueError(f"deadline {name!r} of {key} does not fit its state: {error}") from error
    return Due(at, key, False, name, "")


class Timetable(Protocol):
    """Where everything is written down that time will do to the rows as they lie on the shelf."""

    @property
    def look_ahead(self) -> int:
        """How much of it is worth holding in memory, of deadlines and of expiries each."""

    @property
    def deadlines(self) -> int:
        """How many deadlines are waited for."""

    def ahead(self, expiries: bool, after: Due | None, most: int) -> Sequence[Due]:
        """The first `most` deadlines, or expiries, behind `after` (None: of all), in any order."""


class _Nearest:
    """Deadlines, or expiries: a heap of the nearest. What lies further off is read from the timetable in its time.

    What a batch adds is on the timetable only once the batch is (`settle`): until then all of it is here.
    """

    def __init__(self, timetable: Timetable, expiries: bool) -> None:
        self._timetable = timetable
        self._expiries = expiries
        self._heap: list[Due] = []
        self._until: Due | None = None
        """The heap holds everything up to this; None: everything there is."""
        self._beyond: list[Due] = []
        """Added behind `_until`, and not on the timetable yet."""

    def begin(self) -> None:
        """Takes from the timetable what there is, in the place of what there was."""
        self._heap, self._beyond = [], []
        self._read_on(None)

    def _read_on(self, after: Due | None) -> None:
        most = self._timetable.look_ahead
        found = self._timetable.ahead(self._expiries, after, most)
        self._until = max(found) if len(found) >= most else None
        self._heap = list(found)
        heapq.heapify(self._heap)
        beyond, self._beyond = self._beyond, []
        for due in beyond:
            self.push(due)

    def push(self, due: Due) -> None:
        if self._until is None or due <= self._until:
            heapq.heappush(self._heap, due)
        else:
            self._beyond.append(due)

    @property
    def first(self) -> Due | None:
        while not self._heap and self._until is not None:
            self._read_on(self._until)
        return self._heap[0] if self._heap else None

    def pop(self) -> Due:
        return heapq.heappop(self._heap)

    def settle(self) -> None:
        """All that was added is on the timetable now: forgets what lies far off."""
        self._beyond.clear()
        most = self._timetable.look_ahead
        if len(self._heap) // 2 > most:  # half of it must have come since the last time: a push costs the same
            self._heap = heapq.nsmallest(most, self._heap)  # sorted, and so a heap
            self._until = self._heap[-1]

    @property
    def waiting(self) -> int | None:
        """How many are waited for, at most: moved ones count until their old instant comes. None: not all are here."""
        return len(self._heap) if self._until is None else None


class Agenda:
    """What comes next. What was moved or dropped may stay in it until its old instant comes: `wanted` tells whether
    something still holds."""

    def __init__(self, wanted: Callable[[Due], bool], timetable: Timetable) -> None:
        self._wanted = wanted
        self._timetable = timetable
        self._deadlines = _Nearest(timetable, expiries=False)
        self._expiries = _Nearest(timetable, expiries=True)
        self._popped: list[Due] = []
        self.next_at = _NEVER
        """Nothing is due before this instant. Every record asks."""

    def begin(self) -> None:
        """Everything is on the timetable; what was here counts no more."""
        self._deadlines.begin()
        self._expiries.begin()
        self._popped.clear()
        self._look_ahead()

    def wait(self, key: str, name: str, at: datetime) -> None:
        self._push(Due(at, key, False, name, ""))

    def expire(self, key: str, collection: str, entry: str, at: datetime) -> None:
        self._push(Due(at, key, True, collection, entry))

    def _push(self, due: Due) -> None:
        (self._expiries if due.expiry else self._deadlines).push(due)
        self.next_at = min(self.next_at, due.at)

    @property
    def next_deadline(self) -> datetime | None:
        """No deadline passes before this instant; None: none is waited for."""
        first = self._deadlines.first
        return first and first.at

    def _look_ahead(self) -> None:
        firsts = (self._deadlines.first, self._expiries.first)
        self.next_at = min((due.at for due in firsts if due is not None), default=_NEVER)

    def _take(self, nearest: _Nearest) -> Due:
        due = nearest.pop()
        self._popped.append(due)
        return due

    def keep(self) -> None:
        """The batch is on the timetable: what has passed, or no longer holds, has gone for good."""
        self._popped.clear()
        self._deadlines.settle()
        self._expiries.settle()

    def rollback(self) -> None:
        """Takes back everything since the last `keep`. What was added meanwhile is no longer wanted."""
        for due in self._popped:
            self._push(due)
        self._popped.clear()

    def pop(self, before: datetime) -> Due | None:
        """The next thing due before an instant."""
        while nearest := self._next(before):
            due = self._take(nearest)
            if self._wanted(due):
                break
        else:
            due = None
        self._look_ahead()
        return due

    def _next(self, before: datetime) -> _Nearest | None:
        """Where the next thing due before an instant is."""
        deadline, expiry = self._deadlines.first, self._expiries.first
        if expiry is not None and expiry.at < before and (deadline is None or expiry < deadline):
            return self._expiries
        return self._deadlines if deadline is not None and deadline.at < before else None

    @property
    def earliest(self) -> datetime | None:
        """The instant of the first deadline waiting. Expiries alone wake nobody."""
        while (due := self._deadlines.first) is not None and not self._wanted(due):
            self._take(self._deadlines)
        return None if due is None else due.at

    @property
    def waiting(self) -> int:
        """How many deadlines are waited for, at most: some of those moved may count until their old instant comes."""
        here = self._deadlines.waiting
        return self._timetable.deadlines if here is None else here
