"""What somebody decides about alerts on the console, as commands on the log; and how it is taken back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consumers.api.commands import LATE_TOO, find, over
from consumers.api.errors import Problem
from consumers.api.ports import Said
from consumers.api.service import Service
from consumers.console import BY_WAY_OF
from consumers.console.signing_in.people import Person
from schemas.alerts import Alert
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertCommand,
    AlertMerge,
    AlertNote,
    AlertResolve,
    AlertSnooze,
    AlertUnacknowledge,
)

MOST_AT_ONCE = 1_000
"""Alerts that one click may be about."""


@dataclass(frozen=True, slots=True)
class Done:
    """What has been done. `applied`: its effect has been seen; `undo`: the commands that take it back, if any do."""

    what: str
    count: int
    left_out: int
    applied: bool
    undo: tuple[Said, ...] = ()


Decide = Callable[[Alert], AlertCommand]
"""The command about one alert, which may depend on how it stands."""


def acknowledge(who: Person, until: datetime | None = None, note: str = "") -> Decide:
    return lambda alert: AlertAcknowledge(by=who.name, until=until, note=note)


def unacknowledge(who: Person, note: str = "") -> Decide:
    return lambda alert: AlertUnacknowledge(by=who.name, note=note)


def assign(who: Person, to: Sequence[str], note: str = "") -> Decide:
    return lambda alert: AlertAssign(by=who.name, to=tuple(to), note=note)


def snooze(who: Person, until: datetime, note: str = "") -> Decide:
    return lambda alert: AlertSnooze(by=who.name, until=until, note=note)


def resolve(who: Person, note: str = "") -> Decide:
    return lambda alert: AlertResolve(by=who.name, note=note)


def write(who: Person, note: str) -> Decide:
    return lambda alert: AlertNote(by=who.name, note=note)


def merge(who: Person, into: str, note: str = "") -> Decide:
    """`into`: the fingerprint of the other one; nothing: by itself again."""
    return lambda alert: AlertMerge(by=who.name, into=into or None, note=note)


def give(service: Service, fingerprints: Iterable[str], decide: Decide) -> Done:
    """Puts a decision about each of these alerts on the log, and waits for its effect. Raises Problem, NotWritten.

    Those that are over are left out, where there is nothing left to decide.
    """
    wanted = list(dict.fromkeys(fingerprints))
    if not wanted:
        raise Problem("choose an alert first")
    if len(wanted) > MOST_AT_ONCE:
        raise Problem(f"choose {MOST_AT_ONCE:,} alerts at most")
    with service.view.reading() as standing:
        alerts = [find(f"alert/{id}", standing) for id in wanted]
    said, undo = [], []
    for alert in alerts:
        assert isinstance(alert, Alert)
        command = decide(alert)
        if over(alert) and not isinstance(command, LATE_TOO):
            continue
        subject = f"alert/{alert.fingerprint}"
        said.append(Said(command, subject))
        if (back := taking_back(command, alert, service.now())) is not None:
            undo.append(Said(back, subject))
    if not said:
        raise Problem("it is over: there is nothing left to decide")
    applied = service.do(said, BY_WAY_OF).applied
    return Done(in_words(said[0].event, service.now()), len(said), len(wanted) - len(said), applied, tuple(undo))


def in_words(command: object, now: datetime) -> str:
    """What a command has done."""
    match command:
        case AlertSnooze() if command.until <= now:
            return "Woken"
        case AlertAcknowledge():
            return "Acknowledged"
        case AlertUnacknowledge():
            return "Given back"
        case AlertAssign():
            return "Assigned"
        case AlertResolve():
            return "Resolved"
        case AlertSnooze():
            return "Snoozed"
        case AlertMerge():
            return "Merged"
    return "Noted"


def taking_back(command: AlertCommand, alert: Alert, now: datetime) -> AlertCommand | None:
    """The command after which it stands as before; None where there is none: what is resolved or said stays so."""
    by = command.by
    match command:
        case AlertAcknowledge() if alert.acknowledged_by is None:
            return AlertUnacknowledge(by=by)
        case AlertUnacknowledge() if alert.acknowledged_by == by:
            return AlertAcknowledge(by=by, until=alert.acknowledged_until)
        case AlertAssign():
            return AlertAssign(by=by, to=alert.assigned_to)
        case AlertSnooze():
            return AlertSnooze(by=by, until=alert.snoozed_until or now - timedelta(seconds=1))
        case AlertMerge():
            return AlertMerge(by=by, into=alert.merged_into)
    return None


def take_back(service: Service, who: Person, done: Done) -> Done:
    """Undoes it, in the name of whoever says so. Raises Problem, NotWritten."""
    said = [Said(one.event.model_copy(update={"by": who.name}), one.subject) for one in done.undo]
    applied = service.do(said, BY_WAY_OF).applied
    return Done(f"Undone: {done.what.lower()}", len(said) if done.count else 0, 0, applied)
