"""Ids of events applied, remembered for a window of the partition's clock, so that a second one changes nothing.

Ids are kept in minutes: all that were seen in one minute of the clock are forgotten together. On the
changelog they lie in chunks, one row for all ids of a transaction, which is what makes them cheap.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

SEEN = "seen"
"""The collection, of the partition itself, of chunks of ids."""

MINUTE = 60_000
"""Milliseconds."""

_CHUNK_CHARACTERS = 80_000
"""As JSON a character takes up to twelve bytes, and a chunk must fit a row."""


class Seen(Protocol):
    """What was seen in each minute. Minutes only grow: the clock of a partition never goes back."""

    def __contains__(self, event: str, /) -> bool: ...

    def add(self, event: str, minute: int) -> None: ...

    def expire(self, before: int) -> None:
        """Forgets what was seen in the minutes before this one."""

    def forget_new(self) -> None:
        """Takes back every `add` and `expire` since the last `take`."""

    def take(self, stamp: int) -> list[tuple[str, bytes | None]]:
        """Chunks that are new or gone since the last call (entry, JSON or None). `stamp` makes the names new."""

    def load(self, entry: str, value: bytes | None) -> None:
        """One chunk from the changelog. Raises ValueError for what is none."""


class MemorySeen:
    """Everything in one set, and in lists by minute for forgetting."""

    def __init__(self) -> None:
        self._events: set[str] = set()
        self._minutes: dict[int, list[str]] = {}
        self._chunks: dict[int, list[str]] = {}
        self._new: dict[int, list[str]] = {}
        self._gone: list[int] = []
        self._order: deque[int] = deque()
        """Minutes in which something was seen and that are not gone, growing."""

    def __contains__(self, event: str) -> bool:
        return event in self._events

    def __iter__(self) -> Iterator[str]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def add(self, event: str, minute: int) -> None:
        self._events.add(event)
        if minute in self._new:
            self._new[minute].append(event)
            return
        self._new[minute] = [event]
        self._remember(minute)

    def _remember(self, minute: int) -> None:
        if not self._order or self._order[-1] < minute:
            self._order.append(minute)
        elif minute not in self._minutes and minute not in self._order:  # only a changelog could have it so
            self._order = deque(sorted([*self._order, minute]))

    def expire(self, before: int) -> None:
        while self._order and self._order[0] < before:
            minute = self._order.popleft()
            self._events.difference_update(self._minutes.get(minute, ()), self._new.get(minute, ()))
            self._gone.append(minute)

    def forget_new(self) -> None:
        for events in self._new.values():
            self._events.difference_update(events)
        while self._order and self._order[-1] not in self._minutes:
            self._order.pop()
        for minute in reversed(self._gone):  # after that: what was forgotten may have been seen anew
            if minute in self._minutes:
                self._events.update(self._minutes[minute])
                self._order.appendleft(minute)
        self._new.clear()
        self._gone.clear()

    def take(self, stamp: int) -> list[tuple[str, bytes | None]]:
        chunks: list[tuple[str, bytes | None]] = []
        for minute in self._gone:
            self._new.pop(minute, None)
            self._minutes.pop(minute, None)
            chunks += [(entry, None) for entry in self._chunks.pop(minute, ())]
        self._gone.clear()
        for minute, events in self._new.items():
            self._minutes.setdefault(minute, []).extend(events)
            for n, part in enumerate(parts(events)):
                entry = f"{minute}.{stamp}.{n}"
                self._chunks.setdefault(minute, []).append(entry)
                chunks.append((entry, json.dumps(part, separators=(",", ":")).encode()))
        self._new.clear()
        return chunks

    def load(self, entry: str, value: bytes | None) -> None:
        minute = int(entry.partition(".")[0])
        if value is None:
            self._events.difference_update(self._minutes.pop(minute, ()))
            self._chunks.pop(minute, None)
        else:
            events = read_chunk(value)
            self._events.update(events)
            if minute not in self._minutes:
                self._remember(minute)
            self._minutes.setdefault(minute, []).extend(events)
            self._chunks.setdefault(minute, []).append(entry)


def read_chunk(value: bytes) -> list[str]:
    events = json.loads(value)
    if not (isinstance(events, list) and all(isinstance(event, str) for event in events)):
        raise ValueError("not a chunk of seen ids")
    return events


def parts(events: Iterable[str]) -> Iterator[list[str]]:
    """In lists that fit a row."""
    part: list[str] = []
    size = 0
    for event in events:
        if part and size + len(event) + 3 > _CHUNK_CHARACTERS:
            yield part
            part, size = [], 0
        part.append(event)
        size += len(event) + 3
    if part:
        yield part
