"""An alert's story: what was heard of it, what alerting made of that, whom it told, and what became of the telling.

Whatever changes an alert is a record of alerting's inbox, and what alerting says names the record it follows from. So
the story can be read back to its first event: `alerting` and `notices` have all of it, `alerts` the states that have
not been compacted away yet, and the topics that the conditions' evidence names the events they rest on.

`story` reads the topics for one alert. Who follows them for all alerts keeps each record under its `names`, and has
those of an alert's names told.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from consumers.log import Record
from consumers.seen import Reader, Seen
from consumers.telling import Moment, tell
from schemas.alerts import Alert, Group
from schemas.commands import AlertCommand, AlertsPosted
from schemas.envelope import Event
from schemas.notices import Notice, NoticeDelivered, NoticeFailed
from schemas.signals import (
    ConditionFired,
    ConditionResolved,
    LinkMade,
    LinkWithdrawn,
    fingerprint,
    labels_fingerprint,
)

TOPICS = ("alerts", "notices", "alerting")
"""Where a story stands, but for its evidence."""

Records = Callable[[], Iterable[Record]]
"""Every record of TOPICS, each partition in its order; anew at each call."""


def story(wanted: str, records: Records, reader: Reader) -> tuple[Moment, ...]:
    """Everything that happened to the alert with this fingerprint, first to last; nothing when there is no such alert.

    The records are gone through twice: in which groups it was told is known after the first time only. Of a sender that
    posts its alert again and again, only those posts are told that changed something.
    """
    found = _Alert.among(wanted, records(), reader)
    if found is None:
        return ()
    chosen = [seen for record in records() if (seen := found.read(record, reader)) is not None]
    return tell(found.last, chosen)


def names(event: Event | None) -> Iterator[str]:
    """What a record is about, as far as stories go: `alert/<fingerprint>`, `group/<id>`, `subject/<subject>`."""
    match event:
        case Alert():
            yield f"alert/{event.fingerprint}"
        case ConditionFired() | ConditionResolved():
            yield f"alert/{fingerprint(event.rule, event.about.subject, event.identity)}"
        case AlertsPosted():
            yield from (f"alert/{labels_fingerprint(posted.labels)}" for posted in event.alerts)
        case LinkMade() | LinkWithdrawn():
            yield f"subject/{event.explained}"
        case AlertCommand():
            yield event.about.subject
        case Notice():
            yield from (f"alert/{each}" for each in event.fingerprints)
            if event.truncated:
                yield f"group/{event.group}"
        case Group() | NoticeDelivered() | NoticeFailed():
            yield f"group/{event.group}"


def groups_in(events: Iterable[Event | None]) -> frozenset[str]:
    """All groups that an alert was ever told in, by its states and the notices that name it."""
    found: set[str] = set()
    for event in events:
        match event:
            case Alert():
                found.update(event.groups)
            case Notice():
                found.add(event.group)
    return frozenset(found)


def names_of(alert: Alert, groups: Iterable[str]) -> frozenset[str]:
    """Under which names the records of an alert's story go. `groups`: all that it was ever told in."""
    return frozenset((f"alert/{alert.fingerprint}", f"subject/{alert.subject}", *(f"group/{id}" for id in groups)))


@dataclass
class _Alert:
    """What a first look finds out about the alert."""

    last: Alert
    groups: frozenset[str]

    def __post_init__(self) -> None:
        self._names = names_of(self.last, self.groups)
        self._subject = self.last.subject.encode()
        self._marks = [each.encode() for each in (self.last.fingerprint, AlertsPosted.type, *self.groups)]

    @classmethod
    def among(cls, wanted: str, records: Iterable[Record], reader: Reader) -> "_Alert | None":
        name, said = f"alert/{wanted}", wanted.encode()
        naming = (record for record in records if record.value is not None and said in record.value)
        found = [event for record in naming if name in names(event := reader.read(record).event)]
        states = [event for event in found if isinstance(event, Alert)]
        return cls(states[-1], groups_in(found)) if states else None

    def read(self, record: Record, reader: Reader) -> Seen | None:
        """The record, if it is one of this story."""
        if record.value is None or not self._may_concern(record.key or b"", record.value):
            return None
        seen = reader.read(record)
        return None if self._names.isdisjoint(names(seen.event)) else seen

    def _may_concern(self, key: bytes, value: bytes) -> bool:
        """A first sieve. Most records are of others, and reading one costs."""
        return key == self._subject or any(mark in value for mark in self._marks)
