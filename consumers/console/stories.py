"""The records of each alert's story, held in memory as far back as set; told as `backoffice story` does."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from consumers.follower import Follower
from consumers.log import Record
from consumers.seen import Reader, Seen
from consumers.story import TOPICS, groups_in, names, names_of
from consumers.telling import Moment, tell
from schemas.alerts import Alert, Group
from schemas.codec import encode
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertMerge,
    AlertNote,
    AlertResolve,
    AlertSnooze,
    AlertsPosted,
    AlertUnacknowledge,
)
from schemas.envelope import Event
from schemas.notices import Notice, NoticeDelivered, NoticeFailed
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn
from schemas.topics import Space

TYPES: tuple[type[Event], ...] = (
    Alert,
    Group,
    ConditionFired,
    ConditionResolved,
    LinkMade,
    LinkWithdrawn,
    AlertsPosted,
    AlertAcknowledge,
    AlertUnacknowledge,
    AlertAssign,
    AlertResolve,
    AlertSnooze,
    AlertNote,
    AlertMerge,
    Notice,
    NoticeDelivered,
    NoticeFailed,
)
"""What stories are made of."""

MOST_OF_ONE = 200
"""Records kept under one name; and posts, of which there are many alike: the first, and the latest."""

MOST = 200_000
"""Records kept in all. Beyond, the names of which nothing was said for longest are forgotten."""

MOST_TOLD = 64
"""Stories that are kept as they were told."""


@dataclass(slots=True)
class _Kept:
    """What is kept under one name. `count`: how many records were ever taken in."""

    records: deque[Record] = field(default_factory=lambda: deque(maxlen=MOST_OF_ONE))
    posts: deque[Seen] = field(default_factory=deque)
    count: int = 0

    def add(self, one: Record | Seen) -> None:
        self.count += 1
        if isinstance(one, Record):
            self.records.append(one)
            return
        self.posts.append(one)
        if len(self.posts) > MOST_OF_ONE:
            del self.posts[1]

    @property
    def size(self) -> int:
        return len(self.records) + len(self.posts)


class Stories:
    """Follows the topics in a thread of its own, from `since` on."""

    def __init__(
        self, bootstrap_servers: str, space: Space, since: datetime, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._changed = changed
        self._reader = Reader(space, {each.type: each for each in TYPES})
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0
        self._told: OrderedDict[str, tuple[object, tuple[Moment, ...]]] = OrderedDict()
        topics = [space.topic(name) for name in TOPICS]
        follower = Follower("the stories of alerts", bootstrap_servers, topics, self._taken, self._forget, since)
        self.start, self.stop = follower.start, follower.stop

    def of(self, alert: Alert) -> tuple[Moment, ...]:
        """What is known of an alert, first to last; the same object as before while nothing was added."""
        own = names_of(alert, alert.groups)
        with self._lock:
            counts = [(name, self._kept[name].count) for name in sorted(own) if name in self._kept]
        mark = (alert, counts)
        known = self._told.pop(alert.fingerprint, None)
        if known is None or known[0] != mark:
            every = own | names_of(alert, groups_in(each.event for each in self._under([f"alert/{alert.fingerprint}"])))
            known = mark, tell(alert, self._under(every))
        self._told[alert.fingerprint] = known
        if len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)
        return known[1]

    def _under(self, wanted: Iterable[str]) -> list[Seen]:
        """What goes under any of these names, each record once."""
        with self._lock:
            kept = [self._kept[name] for name in wanted if name in self._kept]
            records = {_place(record): record for one in kept for record in one.records}
            posts = {_place(seen.record): seen for one in kept for seen in one.posts}
        return [*map(self._reader.read, records.values()), *posts.values()]

    def _forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0

    def _taken(self, batch: Iterable[Record]) -> None:
        self.take(batch)
        self._changed()

    def take(self, batch: Iterable[Record]) -> None:
        """Takes in what is on the log."""
        found = [(name, one) for record in batch if record.value for name, one in self._named(record)]
        with self._lock:
            for name, one in found:
                kept = self._kept.setdefault(name, _Kept())
                before = kept.size
                kept.add(one)
                self._size += kept.size - before
                self._kept.move_to_end(name)
            while self._size > MOST:
                _, kept = self._kept.popitem(last=False)
                self._size -= kept.size

    def _named(self, record: Record) -> Iterator[tuple[str, Record | Seen]]:
        """Under which names a record goes, without what it says of the alerts: they may be thousands."""
        seen = self._reader.read(record)
        one: Record | Seen = record
        if isinstance(seen.event, AlertsPosted):
            bare = AlertsPosted.model_construct(alerts=()).with_about(seen.event.about)
            one = replace(seen, record=replace(record, value=None), event=bare)
        elif isinstance(seen.event, Notice):
            said = seen.event.model_copy(update={"alerts": seen.event.alerts[:1]})
            one = replace(record, value=encode(said, seen.event.about))
        return ((name, one) for name in names(seen.event))


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset
