"""What the log says of each alert: signals, what people decided, who was told. Held in memory, as far back as set."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from consumers.console.telling import TYPES, Told, told_of
from consumers.follower import Follower
from consumers.log import Record
from schemas.codec import Decoder, Unreadable
from schemas.topics import Space

TOPICS = ("alerting", "notices")

MOST_OF_ONE = 100
MOST_SUBJECTS = 50_000
"""Beyond, what was said longest ago is forgotten."""


class Entry(NamedTuple):
    """One record that says something of an alert. `topic` is without its space."""

    at: datetime
    what: str
    who: str
    note: str
    topic: str
    partition: int
    offset: int


class Stories:
    """Follows the topics in a thread of its own, from `since` on."""

    def __init__(
        self, bootstrap_servers: str, space: Space, since: datetime, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._space = space
        self._changed = changed
        self._decoder = Decoder(TYPES)
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, deque[Entry]] = OrderedDict()
        topics = [space.topic(name) for name in TOPICS]
        follower = Follower("the stories of alerts", bootstrap_servers, topics, self._taken, self._forget, since)
        self.start, self.stop = follower.start, follower.stop

    def of(self, fingerprint: str, groups: Iterable[str] = (), since: datetime | None = None) -> Sequence[Entry]:
        """What is known of an alert and of the groups it is told in, oldest first."""
        with self._lock:
            found = list(self._entries.get(f"alert/{fingerprint}", ()))
            for group in groups:
                found += [e for e in self._entries.get(f"group/{group}", ()) if since is None or e.at >= since]
        return sorted(found)

    def _forget(self) -> None:
        with self._lock:
            self._entries.clear()

    def _taken(self, batch: Iterable[Record]) -> None:
        self.take(batch)
        self._changed()

    def take(self, batch: Iterable[Record]) -> None:
        """Takes in what is on the log."""
        found = [(told, record) for record in batch for told in self._told(record)]
        with self._lock:
            for told, record in found:
                topic = self._space.short(record.topic)
                entry = Entry(record.timestamp, told.what, told.who, told.note, topic, record.partition, record.offset)
                self._entries.setdefault(told.subject, deque(maxlen=MOST_OF_ONE)).append(entry)
                self._entries.move_to_end(told.subject)
            while len(self._entries) > MOST_SUBJECTS:
                self._entries.popitem(last=False)

    def _told(self, record: Record) -> Iterator[Told]:
        if record.value is None:
            return
        try:
            event = self._decoder.decode(record.value, record.headers)
        except Unreadable:
            return  # of another kind, or not readable: alerting has put it among the dead letters
        yield from told_of(event)
