"""A record of alerting's inbox, or a notice, in the words of an alert's story."""

from collections.abc import Iterator
from typing import NamedTuple

from schemas.alerts import SilenceMatcher
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertCommand,
    AlertMerge,
    AlertNote,
    AlertResolve,
    AlertSnooze,
    AlertsPosted,
    AlertUnacknowledge,
)
from schemas.envelope import Event
from schemas.notices import Notice, NoticeFailed
from schemas.signals import ConditionFired, ConditionResolved, fingerprint, labels_fingerprint

TYPES: tuple[type[Event], ...] = (
    ConditionFired,
    ConditionResolved,
    AlertsPosted,
    AlertAcknowledge,
    AlertUnacknowledge,
    AlertAssign,
    AlertResolve,
    AlertSnooze,
    AlertNote,
    AlertMerge,
    Notice,
    NoticeFailed,
)
"""What stories are made of."""


class Told(NamedTuple):
    """What a record says of a `subject`, which is `alert/<fingerprint>` or `group/<id>`."""

    subject: str
    what: str
    who: str = ""
    note: str = ""


def told_of(event: Event) -> Iterator[Told]:
    """What an event says of alerts and groups; nothing, when it is about something else."""
    match event:
        case ConditionFired():
            id = fingerprint(event.rule, event.about.subject, event.identity)
            yield Told(f"alert/{id}", f"{event.rule} says {event.severity}", note=event.summary)
        case ConditionResolved():
            id = fingerprint(event.rule, event.about.subject, event.identity)
            yield Told(f"alert/{id}", f"{event.rule} says it has ended", note=event.because)
        case AlertsPosted():
            sender = event.about.subject.partition("/")[2]
            for posted in event.alerts:
                yield Told(f"alert/{labels_fingerprint(posted.labels)}", "raised over the API", sender)
        case AlertCommand():
            yield Told(event.about.subject, command_in_words(event), event.by, event.note)
        case Notice():
            for alert in event.alerts:
                yield Told(f"alert/{alert.fingerprint}", f"told {event.receiver}", note=event.reason)
        case NoticeFailed():
            whom = event.about.subject.partition("/")[2]
            yield Told(f"group/{event.group}", f"{whom} could not be told", note=event.error)


def command_in_words(command: AlertCommand) -> str:
    """What somebody decided, as a part of a sentence."""
    match command:
        case AlertAcknowledge(until=None):
            return "acknowledged"
        case AlertAcknowledge():
            return f"acknowledged until {command.until:%Y-%m-%d %H:%M} UTC"
        case AlertUnacknowledge():
            return "gave it back"
        case AlertAssign(to=()):
            return "assigned to nobody"
        case AlertAssign():
            return f"assigned to {', '.join(command.to)}"
        case AlertResolve():
            return "resolved by hand"
        case AlertSnooze():
            return f"snoozed until {command.until:%Y-%m-%d %H:%M} UTC"
        case AlertMerge(into=None):
            return "dealt with by itself again"
        case AlertMerge():
            return f"merged into {command.into}"
    return "noted"


def matcher_in_words(matcher: SilenceMatcher) -> str:
    """`severity="critical"`."""
    operator = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
    return f'{matcher.name}{operator[matcher.is_equal, matcher.is_regex]}"{matcher.value}"'
