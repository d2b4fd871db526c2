"""What is told of an alert: the records of its story in their order, without those that changed nothing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from consumers.seen import Seen
from schemas.alerts import Alert, Group
from schemas.commands import AlertCommand, AlertsPosted
from schemas.envelope import Event
from schemas.notices import Notice, NoticeDelivered, NoticeFailed
from schemas.signals import ConditionFired, ConditionResolved

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


def tell(alert: Alert, seen: Iterable[Seen]) -> tuple[Moment, ...]:
    """The story of an alert, of which this is the last state, from the records that go under its names."""
    moments = sorted((Moment(_at(each), each) for each in seen), key=_place)
    return tuple(_Teller(_causes(moments) | _posts(alert)).told(moments))


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
