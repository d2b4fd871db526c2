"""`backoffice ack`, `unack`, `assign`, `snooze`, `note`, `merge`, `resolve`: what somebody decides about alerts."""

from datetime import datetime
from typing import Annotated

import typer

from backoffice.cli import times
from backoffice.cli.alerts.deciding import Asked
from backoffice.cli.alerts.office import opened
from backoffice.cli.completing import alert_ids, receivers
from backoffice.cli.gathering import gathers
from backoffice.cli.options import fail
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

Note = Annotated[str, typer.Option("--note", "-n", help="What is to be known about it.")]
For = Annotated[str | None, typer.Option("--for", help="For so long: 30m, 2h, 3d.")]
Until = Annotated[str | None, typer.Option("--until", help="Until then: an ISO time, UTC unless it says otherwise.")]


@gathers
def ack(*, note: Note = "", for_: For = None, until: Until = None, asked: Asked) -> None:
    """Acknowledge alerts: somebody takes them, and they escalate no further. With --for, only for so long."""

    def decision(by: str, now: datetime) -> AlertCommand:
        return AlertAcknowledge(by=by, note=note, until=times.until(now, for_, until))

    asked.decide(decision, "acknowledged")


@gathers
def unack(*, note: Note = "", asked: Asked) -> None:
    """Give alerts back: nobody has them any more, and they climb again from the first step."""
    asked.decide(lambda by, now: AlertUnacknowledge(by=by, note=note), "given back")


@gathers
def assign(
    *,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Who is to deal with it: a receiver; repeat.", autocompletion=receivers),
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody in particular.")] = False,
    note: Note = "",
    asked: Asked,
) -> None:
    """Assign alerts to receivers, who are told, instead of whoever was to deal with them before."""
    if bool(to) == nobody:
        fail("Give --to RECEIVER, or --nobody.")
    asked.decide(lambda by, now: AlertAssign(by=by, note=note, to=tuple(to or ())), "assigned")


@gathers
def snooze(*, note: Note = "", for_: For = None, until: Until = None, asked: Asked) -> None:
    """Snooze alerts: nobody is told, and nothing climbs, until then. `--for 0s`: not snoozed any more."""

    def decision(by: str, now: datetime) -> AlertCommand:
        if for_ is not None and times.span(for_) == times.NO_TIME and until is None:
            return AlertSnooze(by=by, note=note, until=now)
        end = times.until(now, for_, until) or fail("Say for how long: --for 2h, or --until an ISO time.")
        return AlertSnooze(by=by, note=note, until=end)

    asked.decide(decision, "snoozed")


@gathers
def note(*, note: Note, asked: Asked) -> None:
    """Write a note to alerts, also to those that are over."""
    asked.decide(lambda by, now: AlertNote(by=by, note=note), "noted")


@gathers
def merge(
    *,
    into: Annotated[
        str | None, typer.Option("--into", help="The alert they are dealt with under.", autocompletion=alert_ids)
    ] = None,
    apart: Annotated[bool, typer.Option("--apart", help="By themselves again.")] = False,
    note: Note = "",
    asked: Asked,
) -> None:
    """Deal with alerts under another one: while that fires, they tell nobody and do not climb."""
    if (into is None) != apart:
        fail("Give --into ALERT, or --apart.")
    office = opened(asked.space)
    target = None if into is None else office.alert(into).fingerprint
    asked.decide(lambda by, now: AlertMerge(by=by, note=note, into=target), "merged", office)


@gathers
def resolve(*, note: Note = "", asked: Asked) -> None:
    """Resolve alerts by hand: each is over until its condition has ended and begins again."""
    asked.decide(lambda by, now: AlertResolve(by=by, note=note), "resolved")
