"""Holding: notices that wait, because it is quiet hours or their receiver has had enough for now.

What waits is not lost: its offset is not committed, so after a crash it comes again, and waits again. What waits is
bounded in number and in time, because the log keeps our place only so exactly (`consumers/notify/marks.py`).
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from consumers.notify.notices import Place, Taken
from consumers.notify.receivers import Quiet, Receiver
from consumers.notify.settings import RateLimit
from schemas.notices import Notice
from schemas.signals import SEVERITIES

MOST_OF_ONE = 200
"""Notices that wait for one receiver. With one more all of them go, as one."""

MOST_IN_ALL = 1000
"""Notices that wait. With one more, those of the receiver who has most go."""

LONGEST_SECONDS = 24 * 3600
"""After which a notice goes even in quiet hours: an interval that never ends is a mistake."""

Batch = tuple[Taken, ...]
"""Notices to one receiver that are told together, in the order of the log."""


class Held(NamedTuple):
    """A notice that waits, and since when, in seconds of the clock."""

    taken: Taken
    since: float

    @property
    def notice(self) -> Notice:
        assert self.taken.notice is not None
        return self.taken.notice


class Bucket:
    """A token bucket: full at first, one token for each message, refilled evenly."""

    def __init__(self, limit: RateLimit, now: float) -> None:
        self._size = float(limit.notices)
        self._per_second = limit.notices / (limit.per_minutes * 60)
        self._tokens = self._size
        self._at = now

    def take(self, now: float) -> bool:
        """Whether there was a token."""
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(slots=True)
class _Desk:
    """What waits for one receiver."""

    quiet: Quiet | None
    bucket: Bucket | None
    held: list[Held] = field(default_factory=list)

    def is_quiet_for(self, notice: Notice) -> bool:
        return self.quiet is not None and _less_severe(notice.severity, self.quiet.below) and self.quiet.now()

    def may_go(self, held: Held, now: float) -> bool:
        return now - held.since >= LONGEST_SECONDS or not self.is_quiet_for(held.notice)

    def leave(self, groups: Collection[str]) -> Batch:
        """Takes what waits of these groups: a later notice of a group is never told before an earlier one."""
        going = tuple(held.taken for held in self.held if held.notice.group in groups)
        self.held = [held for held in self.held if held.notice.group not in groups]
        return going


class Holding:
    """All that waits. Used by one thread."""

    def __init__(self, receivers: Mapping[str, Receiver], now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds."""
        self._now = now
        self._desks = {
            name: _Desk(receiver.quiet, Bucket(receiver.limit, now()) if receiver.limit else None)
            for name, receiver in receivers.items()
            if receiver.quiet or receiver.limit
        }
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def admit(self, taken: Taken) -> list[Batch]:
        """What goes now that this has come: it, with what waits of its group; nothing; or what was too much."""
        assert taken.notice is not None
        desk = self._desks.get(taken.notice.receiver)
        if desk is None:
            return [(taken,)]
        now = self._now()
        waits_for_a_token = desk.bucket is not None and any(desk.may_go(held, now) for held in desk.held)
        if desk.is_quiet_for(taken.notice) or waits_for_a_token or not _token(desk, now):
            desk.held.append(Held(taken, now))
            self._count += 1
            return self._too_many(desk)
        return [(*self._going(desk.leave({taken.notice.group})), taken)]

    def due(self) -> list[Batch]:
        """What has waited long enough: for each receiver one batch."""
        if not self._count:
            return []
        now = self._now()
        batches = []
        for desk in self._desks.values():
            ready = {held.notice.group for held in desk.held if desk.may_go(held, now)}
            if ready and _token(desk, now):
                batches.append(self._going(desk.leave(ready)))
        return batches

    def drop(self, places: Iterable[Place]) -> None:
        """Forgets what is another notifier's to tell now."""
        gone = set(places)
        for desk in self._desks.values() if gone else ():
            desk.held = [held for held in desk.held if held.taken.place not in gone]
        self._count = sum(len(desk.held) for desk in self._desks.values())

    def _too_many(self, desk: _Desk) -> list[Batch]:
        if len(desk.held) <= MOST_OF_ONE:
            if self._count <= MOST_IN_ALL:
                return []
            desk = max(self._desks.values(), key=lambda one: len(one.held))
        return [self._going(desk.leave({held.notice.group for held in desk.held}))]

    def _going(self, batch: Sequence[Taken]) -> Batch:
        self._count -= len(batch)
        return tuple(batch)


def _token(desk: _Desk, now: float) -> bool:
    return desk.bucket is None or desk.bucket.take(now)


def _less_severe(severity: str, than: str) -> bool:
    return SEVERITIES.index(severity) > SEVERITIES.index(than)
