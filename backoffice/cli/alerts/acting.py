"""`backoffice ack`, `unack`, `assign`, `snooze`, `note`, `merge`, `resolve`: what somebody decides about alerts.

Each takes several alerts, or a group for all that fire in it. Nothing is sent before all of them are found.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from backoffice.cli import times
from backoffice.cli.alerts.listing import summary
from backoffice.cli.alerts.office import Office, opened
from backoffice.cli.completing import alert_ids, receivers
from backoffice.cli.options import SpaceOption, err, fail
from backoffice.cli.output import Column, Output, OutputOption, show
from backoffice.cli.people import By, who
from consumers.render import plain
from schemas.alerts import Alert, Group
from schemas.codec import explain
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

Which = Annotated[
    list[str],
    typer.Argument(
        metavar="ALERT...",
        help="Which alerts: fingerprints, or how they begin. `group/ID`: all that fire in a group.",
        autocompletion=alert_ids,
    ),
]
Note = Annotated[str, typer.Option("--note", "-n", help="What is to be known about it.")]
For = Annotated[str | None, typer.Option("--for", help="For so long: 30m, 2h, 3d.")]
Until = Annotated[str | None, typer.Option("--until", help="Until then: an ISO time, UTC unless it says otherwise.")]


def ack(
    which: Which,
    by: By = None,
    note: Note = "",
    for_: For = None,
    until: Until = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Acknowledge alerts: somebody takes them, and they escalate no further. With --for, only for so long."""

    def decision(by: str, now: datetime) -> AlertCommand:
        return AlertAcknowledge(by=by, note=note, until=times.until(now, for_, until))

    _decide(which, decision, "acknowledged", by, output, space)


def unack(
    which: Which, by: By = None, note: Note = "", output: OutputOption = Output.table, space: SpaceOption = None
) -> None:
    """Give alerts back: nobody has them any more, and they climb again from the first step."""
    _decide(which, lambda by, now: AlertUnacknowledge(by=by, note=note), "given back", by, output, space)


def assign(
    which: Which,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Who is to deal with it: a receiver; repeat.", autocompletion=receivers),
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody in particular.")] = False,
    by: By = None,
    note: Note = "",
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Assign alerts to receivers, who are told, instead of whoever was to deal with them before."""
    if bool(to) == nobody:
        fail("Give --to RECEIVER, or --nobody.")
    _decide(which, lambda by, now: AlertAssign(by=by, note=note, to=tuple(to or ())), "assigned", by, output, space)


def snooze(
    which: Which,
    by: By = None,
    note: Note = "",
    for_: For = None,
    until: Until = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Snooze alerts: nobody is told, and nothing climbs, until then. `--for 0s`: not snoozed any more."""

    def decision(by: str, now: datetime) -> AlertCommand:
        if for_ is not None and times.span(for_) == times.NO_TIME and until is None:
            return AlertSnooze(by=by, note=note, until=now)
        end = times.until(now, for_, until) or fail("Say for how long: --for 2h, or --until an ISO time.")
        return AlertSnooze(by=by, note=note, until=end)

    _decide(which, decision, "snoozed", by, output, space)


def note(
    which: Which,
    text: Annotated[str, typer.Option("--note", "-n", help="What is to be known about it.")],
    by: By = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Write a note to alerts, also to those that are over."""
    _decide(which, lambda by, now: AlertNote(by=by, note=text), "noted", by, output, space)


def merge(
    which: Which,
    into: Annotated[
        str | None, typer.Option("--into", help="The alert they are dealt with under.", autocompletion=alert_ids)
    ] = None,
    apart: Annotated[bool, typer.Option("--apart", help="By themselves again.")] = False,
    by: By = None,
    note: Note = "",
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Deal with alerts under another one: while that fires, they tell nobody and do not climb."""
    if (into is None) != apart:
        fail("Give --into ALERT, or --apart.")
    office = opened(space)
    target = None if into is None else office.alert(into).fingerprint
    _decide(
        which, lambda by, now: AlertMerge(by=by, note=note, into=target), "merged", by, output, space, office=office
    )


def resolve(
    which: Which, by: By = None, note: Note = "", output: OutputOption = Output.table, space: SpaceOption = None
) -> None:
    """Resolve alerts by hand: each is over until its condition has ended and begins again."""
    _decide(which, lambda by, now: AlertResolve(by=by, note=note), "resolved", by, output, space)


COLUMNS = (
    Column("done", ""),
    Column("subject", "what", hidden=True),
    Column("id", ""),
    Column("summary", "", folds=True),
    Column("by", hidden=True),
    Column("offset", hidden=True),
)


def _decide(
    which: list[str],
    decision: Callable[[str, datetime], AlertCommand],
    done: str,
    by: str | None,
    output: Output,
    space: str | None,
    office: Office | None = None,
) -> None:
    """Sends the decision about all that is meant. What is over already is left out, and the exit code then is 1."""
    from consumers.api.commands import LATE_TOO, over
    from consumers.api.errors import Problem
    from consumers.api.ports import NotWritten, Said
    from producers.errors import NotSent

    person = who(by)
    office = office or opened(space)
    meant = {_subject(what): what for what in map(office.subject, which)}
    command = _command(decision, person, office.now)
    late = [] if isinstance(command, LATE_TOO) else [subject for subject, what in meant.items() if over(what)]
    said = [Said(command, subject) for subject in meant if subject not in late]
    offset = None
    try:
        if said:
            with office.service() as service:
                offset = service.give(said, _way())
    except (Problem, NotWritten, NotSent) as error:
        fail(error, code=1)
    rows = [_row(meant[one.subject], done, person, offset) for one in said]
    show(rows, COLUMNS, output)
    for subject in late:
        err.print(f"{subject} is resolved already: {plain(_summary(meant[subject]))}", style="yellow")
    if late:
        raise typer.Exit(1)


def _way() -> str:
    from backoffice.deciding import BY_WAY_OF

    return BY_WAY_OF


def _command(decision: Callable[[str, datetime], AlertCommand], by: str, now: datetime) -> AlertCommand:
    try:
        return decision(by, now)
    except ValidationError as error:
        fail(explain(error))


def _subject(what: Alert | Group) -> str:
    return f"alert/{what.fingerprint}" if isinstance(what, Alert) else f"group/{what.group}"


def _summary(what: Alert | Group) -> str:
    if isinstance(what, Alert):
        return summary(what)
    return f"{what.firing} alert{'' if what.firing == 1 else 's'} for {what.receiver}"


def _row(what: Alert | Group, done: str, by: str, offset: int | None) -> dict[str, Any]:
    subject = _subject(what)
    return {
        "done": done,
        "subject": subject,
        "id": subject.removeprefix("alert/"),
        "summary": _summary(what),
        "by": by,
        "offset": offset,
    }
