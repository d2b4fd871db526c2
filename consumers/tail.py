"""Watching a space: what was said of late, and what is said now, filtered."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from consumers.log import Log, Record
from consumers.seen import Reader, Seen
from schemas.processing import SettingsChanged, Tick

QUIET = (Tick.type, SettingsChanged.type)
"""What inboxes hold besides events of their own: shown only when it is asked for by its type."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. Empty fields let everything through; bad records pass unless a type or severity is asked for."""

    departments: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    """Globs over CloudEvents types, such as `hr.employee.*`."""
    severities: tuple[str, ...] = ()

    def passes(self, seen: Seen) -> bool:
        if self.types:
            if not any(fnmatchcase(seen.type, glob) for glob in self.types):
                return False
        elif seen.type in QUIET:
            return False
        if self.departments and seen.department not in self.departments:
            return False
        return not self.severities or seen.severity in self.severities


@dataclass(frozen=True, slots=True)
class Tail:
    """One look at a space. `limit` None shows everything since `since`; both None show nothing but what follows."""

    log: Log
    reader: Reader
    filter: Filter

    def since(self, start: datetime, limit: int | None = None) -> Iterator[Seen]:
        """What was said from `start` on; with a limit, the newest of it, in order of time."""
        everything = self._shown(self.log.since(start))
        return everything if limit is None else iter(_newest(everything, limit))

    def latest(self, limit: int) -> list[Seen]:
        """The newest `limit`, in order of time; looks further back until there are so many, or no more."""
        span = 2 * limit + 50
        while True:
            batches, complete = self.log.latest(span)
            found = _newest(self._shown(batches), limit)
            if complete or len(found) == limit:
                return found
            span *= 8

    def follow(self, stop: Callable[[], bool] = lambda: False) -> Iterator[Seen]:
        """What is said from now on, until `stop` says so."""
        for batch in self.log.follow():
            yield from self._shown([batch])
            if stop():
                return

    def _shown(self, batches: Iterable[list[Record]]) -> Iterator[Seen]:
        for batch in batches:
            for record in batch:
                seen = self.reader.read(record)
                if self.filter.passes(seen):
                    yield seen


def _newest(seen: Iterable[Seen], limit: int) -> list[Seen]:
    """Reads to the end even for a limit of 0, so that what follows begins there."""
    newest = heapq.nlargest(max(limit, 1), seen, key=lambda s: s.record.place)[:limit]
    return newest[::-1]
