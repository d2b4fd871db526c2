"""Which alerts people have called false alarms: the last word on each, from the topic `audit`."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from consumers.follower import Follower
from consumers.log import Record
from schemas.audit import AlertJudged
from schemas.codec import Decoder, Unreadable
from schemas.topics import Space


class Verdict(NamedTuple):
    """A false alarm."""

    fingerprint: str
    rule: str
    by: str
    note: str
    at: datetime


class Verdicts:
    """Follows the audit in a thread of its own."""

    def __init__(self, bootstrap_servers: str, space: Space, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._decoder = Decoder((AlertJudged,))
        self._lock = threading.Lock()
        self._false: dict[str, Verdict] = {}
        follower = Follower("what people say of alerts", bootstrap_servers, [space.topic("audit")], self._taken)
        self.start, self.stop = follower.start, follower.stop

    def counts(self) -> Mapping[str, int]:
        """How many alerts of each rule were false alarms."""
        with self._lock:
            return Counter(one.rule for one in self._false.values())

    def of(self, rule: str) -> Sequence[Verdict]:
        """Those of a rule, the latest first."""
        with self._lock:
            found = [one for one in self._false.values() if one.rule == rule]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def about(self, fingerprint: str) -> Verdict | None:
        with self._lock:
            return self._false.get(fingerprint)

    def take(self, batch: Iterable[Record]) -> bool:
        """Takes in what is on the log; returns whether any of it is a verdict."""
        found = [pair for record in batch if (pair := self._judged(record)) is not None]
        with self._lock:
            for event, at in found:
                fingerprint = event.about.subject.removeprefix("alert/")
                self._false.pop(fingerprint, None)
                if event.false_alarm:
                    self._false[fingerprint] = Verdict(fingerprint, event.rule, event.by, event.note, at)
        return bool(found)

    def _judged(self, record: Record) -> tuple[AlertJudged, datetime] | None:
        try:
            event = self._decoder.decode(record.value or b"", record.headers)
        except Unreadable:
            return None  # another kind of audit
        return (event, record.timestamp) if isinstance(event, AlertJudged) else None

    def _taken(self, batch: Iterable[Record]) -> None:
        if self.take(batch):
            self._changed()
