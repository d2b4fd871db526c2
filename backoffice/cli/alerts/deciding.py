"""How a decision about alerts is asked for, sent, and told.

Each takes several alerts, or a group for all that fire in it. Nothing is sent before all of them are found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from backoffice.cli.alerts.listing import summary
from backoffice.cli.alerts.office import Office, opened
from backoffice.cli.completing import alert_ids
from backoffice.cli.options import FOUND, PARTLY, SpaceOption, err, fail
from backoffice.cli.output import Column, Output, OutputOption, show
from backoffice.cli.people import By, who
from consumers.render import plain
from schemas.alerts import Alert, Group
from schemas.codec import explain
from schemas.commands import AlertCommand

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
Wait = Annotated[
    bool,
    typer.Option("--wait", help="Return once alerting has taken it in; exit with 3 when that is not seen in time."),
]

COLUMNS = (
    Column("done", ""),
    Column("subject", "what", hidden=True),
    Column("id", ""),
    Column("summary", "", folds=True),
    Column("by", hidden=True),
    Column("offset", hidden=True),
)


@dataclass(frozen=True)
class Asked:
    """What somebody says of any decision."""

    which: Which
    by: By = None
    wait: Wait = False
    output: OutputOption = Output.table
    space: SpaceOption = None

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
