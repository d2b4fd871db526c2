"""Watching a space: what was said of late, and what is said now, filtered."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from consumers.log import Log, Record
from consumers.seen import Reader, Seen
from consumers.streams.filters import Filter
from consumers.streams.look import Look
from consumers.streams.start import Start


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

    def beginning(self, start: Start, limit: int | None = None) -> Iterator[Seen]:
        """What stands on the log from a place on; with a limit, the newest of it."""
        everything = self._shown(self.log.beginning(start))
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
                look = Look(record, self.reader)
                if self.filter.passes(look):
                    yield look.seen


def _newest(seen: Iterable[Seen], limit: int) -> list[Seen]:
    """Reads to the end even for a limit of 0, so that what follows begins there."""
    newest = heapq.nlargest(max(limit, 1), seen, key=lambda s: s.record.place)[:limit]
    return newest[::-1]
