"""A moment of an alert's story in words: who did what, and what alerting made of it."""

from collections.abc import Iterator
from datetime import datetime

from consumers.telling import Moment
from schemas.alerts import Alert, Group
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
from schemas.notices import Notice, NoticeDelivered, NoticeFailed
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn


def words(moment: Moment) -> str:
    """One line, without the time."""
    event = moment.seen.event
    match event:
        case Alert():
            return f"the alert is {_joined(_alert(event, moment.before))}"
        case Group():
            return f"the group told by {event.receiver} {_joined(_group(event, moment.before))}"
        case Notice():
            step = f", step {event.escalation_step}" if event.reason.startswith("escalated") else ""
            return f"{event.receiver} is to be told: {event.reason}{step}"
        case NoticeDelivered():
            return f"{_name(event)} was reached by {event.channel or 'nothing'}{_tries(event.attempts)}"
        case NoticeFailed():
            return f"{_name(event)} could not be reached in {event.attempts} tries: {event.error}"
        case AlertCommand():
            return f"{event.by} {_command(event)}{f': {event.note}' if event.note else ''}"
    return _heard(event)


def _heard(event: Event | None) -> str:
    match event:
        case ConditionFired():
            return f"the rule says {event.severity}: {event.summary}"
        case ConditionResolved():
            return f"the rule says that it is over: {event.because}"
        case AlertsPosted():
            return f"{event.about.subject} raises it, or says that it is over"
        case LinkMade():
            return f"{event.rule} of {event.explained_by} explains it: {event.because}"
        case LinkWithdrawn():
            return f"{event.rule} of {event.explained_by} does not explain it after all"
    return event.type if event is not None else "something that cannot be read"


def _command(event: AlertCommand) -> str:
    match event:
        case AlertAcknowledge():
            return f"takes it{f' until {_time(event.until)}' if event.until else ''}"
        case AlertUnacknowledge():
            return "gives it back"
        case AlertAssign():
            return f"assigns it to {', '.join(event.to) or 'nobody'}"
        case AlertSnooze():
            return f"puts it off until {_time(event.until)}"
        case AlertMerge():
            return f"merges it into {event.into}" if event.into else "parts it from the other"
        case AlertResolve():
            return "resolves it"
        case AlertNote():
            return "writes"
    return event.type.rpartition(".")[2]


def _alert(now: Alert, before: Event | None) -> Iterator[str]:
    """What is different about it."""
    was = before if isinstance(before, Alert) else None
    if was is None or now.status != was.status:
        yield now.status
    if was is None or now.priority != was.priority:
        yield now.priority
    if now.acknowledged_by != (was.acknowledged_by if was else None):
        yield f"taken by {now.acknowledged_by}" if now.acknowledged_by else "nobody's"
    if now.assigned_to != (was.assigned_to if was else ()):
        yield f"assigned to {', '.join(now.assigned_to) or 'nobody'}"
    if now.snoozed_until != (was.snoozed_until if was else None):
        yield f"put off until {_time(now.snoozed_until)}" if now.snoozed_until else "put off no longer"
    if now.suppressed_by != (was.suppressed_by if was else ()):
        yield f"explained by {', '.join(now.suppressed_by)}" if now.suppressed_by else "explained by nothing"
    if now.escalation_step != (was.escalation_step if was else 0):
        yield f"at step {now.escalation_step}"
    if now.labels.get("severity") != (was or now).labels.get("severity"):
        yield f"{now.labels.get('severity')}"


def _group(now: Group, before: Event | None) -> Iterator[str]:
    was = before if isinstance(before, Group) else None
    if now.delivery_failed and now.delivery_failed != (was.delivery_failed if was else ()):
        yield f"does not reach {', '.join(now.delivery_failed)}"
    if now.escalation_step != (was.escalation_step if was else 0):
        yield f"is at step {now.escalation_step} of {now.policy}" if now.escalation_step else "climbs from the bottom"
    if now.escalates_at != (was.escalates_at if was else None):
        yield f"climbs at {_time(now.escalates_at)}" if now.escalates_at else "climbs no further"


def _joined(parts: Iterator[str]) -> str:
    return ", ".join(parts) or "as it was"


def _name(event: Event) -> str:
    return event.about.subject.partition("/")[2]


def _tries(count: int) -> str:
    return f" at try {count}" if count > 1 else ""


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
