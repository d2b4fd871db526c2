"""An alert's story: what was heard of it, what alerting made of that, whom it told, and what became of the telling.

Whatever changes an alert is a record of alerting's inbox, and what alerting says names the record it follows from. So
the story can be read back to its first event: `alerting` and `notices` have all of it, `alerts` the states that have
not been compacted away yet, and the topics that the conditions' evidence names the events they rest on.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from consumers.log import Record
from consumers.seen import Reader, Seen
from schemas.alerts import Alert, Group
from schemas.commands import AlertCommand, AlertsPosted
from schemas.envelope import Event
from schemas.notices import Notice, NoticeDelivered, NoticeFailed
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn, fingerprint

TOPICS = ("alerts", "notices", "alerting")
"""Where a story stands, but for its evidence."""

Records = Callable[[], Iterable[Record]]
"""Every record of TOPICS, each partition in its order; anew at each call."""

_OURS = re.compile(r"^\d+-(\d+)-(\d+)$")
"""The id of what alerting says: partition and offset of the record of its inbox that it follows from, and a number."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened."""

    at: datetime
    """Alerting's clock: when a record came, or when the deadline was due that passed."""
    seen: Seen
    before: Event | None = None
    """Of a state, that of the same alert or group before it, when that is still on the log."""


def story(wanted: str, records: Records, reader: Reader) -> tuple[Moment, ...]:
    """Everything that happened to the alert with this fingerprint, first to last; nothing when there is no such alert.

    The records are gone through twice: in which groups it was told is known after the first time only. Of a sender that
    posts its alert again and again, only those posts are told that changed something.
    """
    found = _Alert.among(wanted, records(), reader)
    if found is None:
        return ()
    chosen = [seen for record in records() if (seen := found.read(record, reader)) is not None]
    moments = sorted((Moment(_at(seen), seen) for seen in chosen), key=_place)
    return tuple(_Teller(_causes(moments) | _posts(found.last)).told(moments))


@dataclass
class _Alert:
    """What a first look finds out about the alert."""

    last: Alert
    groups: set[str] = field(default_factory=set)

    @classmethod
    def among(cls, wanted: str, records: Iterable[Record], reader: Reader) -> "_Alert | None":
        last, name = None, wanted.encode()
        groups: set[str] = set()
        for record in records:
            if record.value is None or name not in record.value:
                continue
            match reader.read(record).event:
                case Alert() as alert if alert.fingerprint == wanted:
                    last = alert
                    groups.update(alert.groups)
                case Notice() as notice if wanted in notice.fingerprints:
                    groups.add(notice.group)
        return None if last is None else cls(last, groups)

    def read(self, record: Record, reader: Reader) -> Seen | None:
        """The record, if it may be one of this story."""
        if record.value is None or not self._may_concern(record.key or b"", record.value):
            return None
        seen = reader.read(record)
        return seen if self._concerned_by(seen.event) else None

    def _may_concern(self, key: bytes, value: bytes) -> bool:
        """A first sieve. Most records are of others, and reading one costs."""
        if key == self.last.subject.encode() or self.last.fingerprint.encode() in value:
            return True
        return AlertsPosted.type.encode() in value or any(g.encode() in value or g.encode() in key for g in self.groups)

    def _concerned_by(self, event: Event | None) -> bool:
        match event:
            case Alert():
                return event.fingerprint == self.last.fingerprint
            case ConditionFired() | ConditionResolved():
                return fingerprint(event.rule, event.about.subject, event.identity) == self.last.fingerprint
            case AlertsPosted():
                return any(posted.labels == self.last.labels for posted in event.alerts)
            case LinkMade() | LinkWithdrawn():
                return event.explained == self.last.subject
            case AlertCommand():
                kind, _, id = event.about.subject.partition("/")
                return id == self.last.fingerprint if kind == "alert" else id in self.groups
            case Notice():
                named = self.last.fingerprint in event.fingerprints
                return named or (event.truncated > 0 and event.group in self.groups)
            case Group() | NoticeDelivered() | NoticeFailed():
                return event.group in self.groups
        return False


class _Teller:
    """Leaves out what happened to the alert's groups without it, and what changed nothing."""

    def __init__(self, causes: set[int]) -> None:
        """`causes`: offsets of posts that changed something."""
        self._causes = causes
        self._fires = False
        self._told: set[str] = set()
        self._knowing: set[str] = set()
        """Groups whose last notice was told while the alert fired."""
        self._states: dict[str, Alert | Group] = {}

    def told(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        for moment in moments:
            event = moment.seen.event
            if isinstance(event, Alert | Group):
                before = self._states.get(event.about.subject)
                if self._changed(before, event):
                    yield Moment(moment.at, moment.seen, before)
                    self._states[event.about.subject] = event
            elif event is not None and self._keeps(event, moment.seen.record.offset):
                yield moment

    def _keeps(self, event: Event, offset: int) -> bool:
        match event:
            case ConditionFired():
                self._fires = True
            case ConditionResolved():
                self._fires = False
            case AlertsPosted():
                return offset in self._causes
            case AlertCommand() if event.about.subject.startswith("group/"):
                return self._fires
            case Notice():
                return self._is_told(event)
            case NoticeDelivered() | NoticeFailed():
                return event.notice in self._told
        return True

    def _is_told(self, notice: Notice) -> bool:
        """One that does not name the alert tells of it while it fires, and once more."""
        if notice.truncated and not (self._fires or notice.group in self._knowing):
            return False
        (self._knowing.add if self._fires else self._knowing.discard)(notice.group)
        self._told.add(notice.about.id)
        return True

    def _changed(self, before: Alert | Group | None, now: Alert | Group) -> bool:
        if isinstance(now, Alert):
            self._fires = now.status == "firing"
            return now != before
        climbs = (now.escalation_step, now.escalates_at, now.policy, now.told, now.delivery_failed)
        if not isinstance(before, Group):
            return self._fires
        was = (before.escalation_step, before.escalates_at, before.policy, before.told, before.delivery_failed)
        return self._fires and climbs != was


def _at(seen: Seen) -> datetime:
    said = seen.event is not None and seen.topic != "alerting"
    return seen.event.about.time if said and seen.event is not None else seen.record.timestamp


def _place(moment: Moment) -> tuple[datetime, int, int]:
    """By alerting's clock, then by the record of the inbox, which comes before what follows from it."""
    offset, number = _follows(moment.seen)
    return moment.at, offset, number


def _follows(seen: Seen) -> tuple[int, int]:
    """The offset in alerting's inbox that a record is, or follows from; and the how-manieth of these it is, from 1."""
    if seen.topic == "alerting" or seen.event is None:
        return seen.record.offset, 0
    ours = _OURS.match(seen.event.about.id)
    return (int(ours[1]), int(ours[2])) if ours else (seen.record.offset, 0)


def _causes(moments: Iterable[Moment]) -> set[int]:
    """Offsets of the inbox that something follows from."""
    return {offset for offset, number in (_follows(moment.seen) for moment in moments) if number}


def _posts(alert: Alert) -> set[int]:
    """Those that an alert rests on."""
    return {one.offset for one in alert.evidence if one.topic == AlertsPosted.topic}
