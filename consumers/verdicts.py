"""Which alerts people have called false alarms: the last word on each, from the topic `audit`."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from kafka.errors import KafkaError

from consumers.log import Log, Record, Unreachable
from schemas.audit import AlertJudged
from schemas.codec import Decoder, Unreadable
from schemas.topics import Space

log = logging.getLogger(__name__)

PAUSE = 5.0
"""Seconds before a broker that was away is asked again."""


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
        self._bootstrap_servers = bootstrap_servers
        self._topic = space.topic("audit")
        self._changed = changed
        self._decoder = Decoder((AlertJudged,))
        self._lock = threading.Lock()
        self._false: dict[str, Verdict] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="verdicts", daemon=True)

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

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

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

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with Log(self._bootstrap_servers, [self._topic]) as topic:
                    self._follow(topic)
            except (Unreachable, KafkaError) as error:
                log.warning("%s cannot be read; it is tried again in %.0f s: %s", self._topic, PAUSE, error)
                self._stop.wait(PAUSE)

    def _follow(self, topic: Log) -> None:
        for batches in (topic.since(), topic.follow()):
            for batch in batches:
                if self._stop.is_set():
                    return
                if batch and self.take(batch):
                    self._changed()
