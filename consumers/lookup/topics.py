"""Events and alerts of a subject straight from the topics, where there is no archive.

It reads whole topics, so it takes as long as they are: seconds for a million records. The archive is for more.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consumers.log import Log, Record
from consumers.lookup.archived import States
from consumers.lookup.found import Page, Remembered, Said
from consumers.seen import Reader
from schemas.alerts import Alert
from schemas.envelope import Evidence
from schemas.topics import Space

OpenLog = Callable[[Sequence[str]], AbstractContextManager[Log]]
"""Some topics, by their full names. Raises Unreachable."""


@dataclass(frozen=True, slots=True)
class Topics:
    """A look-up's sources: the inboxes that are about each kind of subject, and the topic of alerts."""

    space: Space
    open: OpenLog
    inboxes: Mapping[str, Sequence[str]]
    """By kind of subject, without the space."""
    remembered: States

    def states(self, subjects: Sequence[str]) -> Sequence[Remembered]:
        return self.remembered(subjects)

    def events(self, subjects: Sequence[str], limit: int, before: datetime | None) -> Page:
        wanted = {subject.encode() for subject in subjects}
        kinds = {subject.partition("/")[0] for subject in subjects}
        names = sorted({self.space.topic(inbox) for kind in kinds for inbox in self.inboxes.get(kind, ())})
        if not names:
            return Page((), False)
        found: list[Said] = []
        with self.open(names) as log:
            for batch in log.since():
                for record in batch:
                    if record.key in wanted and (before is None or record.timestamp < before):
                        said = _said(self.space, record)
                        found += [said] if said else []
        found.sort(key=lambda said: (said.at, said.record.topic, said.record.partition, said.record.offset))
        newest = found[::-1]
        return Page(newest[:limit], len(newest) > limit)

    def alerts(self, subjects: Sequence[str], limit: int) -> Sequence[Alert]:
        latest: dict[tuple[str, datetime], Alert] = {}
        reader = Reader(self.space, {Alert.type: Alert})
        with self.open([self.space.topic("alerts")]) as log:
            for batch in log.since():
                for record in batch:
                    if not (record.key or b"").startswith(b"alert/") or record.value is None:
                        continue
                    alert = reader.read(record).event
                    if isinstance(alert, Alert) and alert.subject in subjects:
                        latest[alert.fingerprint, alert.starts_at] = alert
        newest = sorted(latest.values(), key=lambda alert: (alert.starts_at, alert.fingerprint), reverse=True)
        return newest[:limit]


def _said(space: Space, record: Record) -> Said | None:
    """None for what is no event in CloudEvents' structured mode, or not that of its key."""
    try:
        event: Any = json.loads(record.value or b"")
        time = datetime.fromisoformat(event["time"])
        type, subject, data, id = str(event["type"]), str(event["subject"]), event["data"], str(event["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(data, dict) or type.startswith("processing.") or time.tzinfo is None:
        return None
    place = Evidence(space.short(record.topic), record.partition, record.offset, id)
    return Said(subject, type, record.timestamp, time, place, data)
