"""`backoffice ack`, `unack`, `assign`, `snooze`, `note`, `merge`, `resolve`: what somebody decides about alerts.

Each takes several alerts, or a group for all that fire in it. Nothing is sent before all of them are found.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import typer
from pydantic import ValidationError

from backoffice.cli import times
from backoffice.cli.alerts.listing import summary
from backoffice.cli.alerts.office import Office, opened
from backoffice.cli.completing import alert_ids, receivers
from backoffice.cli.options import FOUND, PARTLY, SpaceOption, err, fail
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

Decision = Callable[[str, datetime], AlertCommand]
"""The command that somebody gives at a time."""

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
Wait = Annotated[
    bool,
    typer.Option("--wait", help="Return once alerting has taken it in; exit with 3 when that is not seen in time."),
]
Until = Annotated[str | None, typer.Option("--until", help="Until then: an ISO time, UTC unless it says otherwise.")]


def ack(
    which: Which,
    by: By = None,
    note: Note = "",
    for_: For = None,
    until: Until = None,
    wait: Wait = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Acknowledge alerts: somebody takes them, and they escalate no further. With --for, only for so long."""

    def decision(by: str, now: datetime) -> AlertCommand:
        return AlertAcknowledge(by=by, note=note, until=times.until(now, for_, until))

    Asked(which, by, wait, output, space).decide(decision, "acknowledged")


def unack(
    which: Which,
    by: By = None,
    note: Note = "",
    wait: Wait = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Give alerts back: nobody has them any more, and they climb again from the first step."""
    Asked(which, by, wait, output, space).decide(lambda by, now: AlertUnacknowledge(by=by, note=note), "given back")


def assign(
    which: Which,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Who is to deal with it: a receiver; repeat.", autocompletion=receivers),
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody in particular.")] = False,
    by: By = None,
    note: Note = "",
    wait: Wait = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Assign alerts to receivers, who are told, instead of whoever was to deal with them before."""
    if bool(to) == nobody:
        fail("Give --to RECEIVER, or --nobody.")
    Asked(which, by, wait, output, space).decide(
        lambda by, now: AlertAssign(by=by, note=note, to=tuple(to or ())), "assigned"
    )


def snooze(
    which: Which,
    by: By = None,
    note: Note = "",
    for_: For = None,
    until: Until = None,
    wait: Wait = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Snooze alerts: nobody is told, and nothing climbs, until then. `--for 0s`: not snoozed any more."""

    def decision(by: str, now: datetime) -> AlertCommand:
        if for_ is not None and times.span(for_) == times.NO_TIME and until is None:
            return AlertSnooze(by=by, note=note, until=now)
        end = times.until(now, for_, until) or fail("Say for how long: --for 2h, or --until an ISO time.")
        return AlertSnooze(by=by, note=note, until=end)

    Asked(which, by, wait, output, space).decide(decision, "snoozed")


def note(
    which: Which,
    text: Annotated[str, typer.Option("--note", "-n", help="What is to be known about it.")],
    by: By = None,
    wait: Wait = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Write a note to alerts, also to those that are over."""
    Asked(which, by, wait, output, space).decide(lambda by, now: AlertNote(by=by, note=text), "noted")


def merge(
    which: Which,
    into: Annotated[
        str | None, typer.Option("--into", help="The alert they are dealt with under.", autocompletion=alert_ids)
    ] = None,
    apart: Annotated[bool, typer.Option("--apart", help="By themselves again.")] = False,
    by: By = None,
    note: Note = "",
    wait: Wait = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Deal with alerts under another one: while that fires, they tell nobody and do not climb."""
    if (into is None) != apart:
        fail("Give --into ALERT, or --apart.")
    office = opened(space)
    target = None if into is None else office.alert(into).fingerprint
    asked = Asked(which, by, wait, output, space)
    asked.decide(lambda by, now: AlertMerge(by=by, note=note, into=target), "merged", office)


def resolve(
    which: Which,
    by: By = None,
    note: Note = "",
    wait: Wait = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Resolve alerts by hand: each is over until its condition has ended and begins again."""
    Asked(which, by, wait, output, space).decide(lambda by, now: AlertResolve(by=by, note=note), "resolved")


COLUMNS = (
    Column("done", ""),
    Column("subject", "what", hidden=True),
    Column("id", ""),
    Column("summary", "", folds=True),
    Column("by", hidden=True),
    Column("offset", hidden=True),
)


class Asked(NamedTuple):
    """What somebody asked for, whatever it is."""

    which: list[str]
    by: str | None
    wait: bool
    output: Output
    space: str | None

    def decide(self, decision: Decision, done: str, office: Office | None = None) -> None:
        """Sends the decision about all that is meant. What is over already is left out, and the exit code then is 1."""
        from consumers.api.commands import LATE_TOO, over

        by = who(self.by)
        office = office or opened(self.space)
        meant = {_subject(what): what for what in map(office.subject, self.which)}
        command = _command(decision, by, office.now)
        late = [] if isinstance(command, LATE_TOO) else [subject for subject, what in meant.items() if over(what)]
        taken = [subject for subject in meant if subject not in late]
        offset, applied = _given(office, command, taken, self.wait)
        show([_row(meant[subject], done, by, offset) for subject in taken], COLUMNS, self.output)
        for subject in late:
            err.print(f"{subject} is resolved already: {plain(_summary(meant[subject]))}", style="yellow")
        if late:
            raise typer.Exit(FOUND)
        if not applied:
            err.print("It is on record; that alerting has taken it in was not seen in time.", style="yellow")
            raise typer.Exit(PARTLY)


def _given(office: Office, command: AlertCommand, subjects: list[str], wait: bool) -> tuple[int | None, bool]:
    """Where the last command stands in alerting's inbox, and whether its effect was seen, where that is waited for."""
    from backoffice.deciding import BY_WAY_OF
    from consumers.api.errors import Problem
    from consumers.api.ports import NotWritten, Said
    from producers.errors import NotSent

    if not subjects:
        return None, True
    if wait:
        office.following.start()
    try:
        with office.service() as service:
            offset = service.give([Said(command, subject) for subject in subjects], BY_WAY_OF)
            return offset, not wait or service.applied(offset)
    except (Problem, NotWritten, NotSent) as error:
        fail(error, code=FOUND)
    finally:
        if wait:
            office.following.stop()


def _command(decision: Decision, by: str, now: datetime) -> AlertCommand:
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
