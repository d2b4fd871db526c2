"""`backoffice alerts`: the alerts there are now, the worst first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from backoffice.cli.alerts.office import Office, opened
from backoffice.cli.completing import receivers
from backoffice.cli.gathering import gathers
from backoffice.cli.options import SpaceOption, fail, out
from backoffice.cli.output import Column, Output, OutputOption, Row, show
from backoffice.cli.tail import Departments, Severities, severities
from backoffice.cli.watching import WatchOption, watch
from consumers.render import RESOLVED, STYLES, plain
from consumers.selection import STATES, Selection, Stands, State
from processors.matchers import parse
from schemas.alerts import Alert

All = Annotated[bool, typer.Option("--all", "-a", help="Those that are resolved, too.")]
Matchers = Annotated[
    list[str] | None,
    typer.Option("--matcher", "-m", help="Only with such a label: 'severity=~\"critical|error\"'; repeat."),
]
TextOption = Annotated[str, typer.Option("--text", help="Only those that say this somewhere.")]
States = Annotated[list[str] | None, typer.Option("--state", help=f"Only {', '.join(STATES)}; repeat.")]
Receiver = Annotated[
    str | None, typer.Option("--receiver", help="Only those that this receiver was told of.", autocompletion=receivers)
]
Mine = Annotated[
    str | None, typer.Option("--mine", metavar="NAME", help="Only those that NAME took, or is to deal with.")
]


@dataclass(frozen=True)
class Wanted:
    """Which alerts somebody wants to see, and how."""

    all_: All = False
    severity: Severities = None
    department: Departments = None
    matcher: Matchers = None
    text: TextOption = ""
    state: States = None
    receiver: Receiver = None
    mine: Mine = None
    output: OutputOption = Output.table
    every: WatchOption = None
    space: SpaceOption = None

    def selection(self) -> Selection:
        """What the options say. Ends the command when that cannot be."""
        try:
            matchers = [parse(one) for one in self.matcher or ()]
        except ValueError as error:
            fail(f"--matcher: {error}")
        return Selection(
            matchers=matchers,
            text=self.text,
            states=_states(self.state or ()),
            severities=severities(self.severity),
            departments=tuple(self.department or ()),
            receiver=self.receiver,
            mine=self.mine,
        )


@gathers
def alerts(context: typer.Context, wanted: Wanted) -> None:
    """Show the alerts that fire now, the worst first; or one of them with its story (`show`)."""
    if context.invoked_subcommand is None:
        _list(wanted)


@gathers
def list_command(wanted: Wanted) -> None:
    """Show the alerts that fire now, the worst first. `backoffice alerts` alone does the same."""
    _list(wanted)


def _states(given: Iterable[str]) -> Sequence[State]:
    known: dict[str, State] = {state: state for state in STATES}
    return [
        known[name] if name in known else fail(f"--state {name!r}: there are {', '.join(STATES)}") for name in given
    ]


def _list(wanted: Wanted) -> None:
    chosen, output, watched = wanted.selection(), wanted.output, wanted.every is not None
    office = opened(wanted.space)
    if watched:
        office.following.start()

    def look() -> None:
        shown = chosen_of(office, chosen, wanted.all_)
        show((row(stands) for stands in shown), COLUMNS, output)
        if output is Output.table:
            out.print(f"{len(shown)} alerts" if len(shown) != 1 else "1 alert")

    try:
        watch(look, wanted.every, output)
    finally:
        if watched:
            office.following.stop()


def chosen_of(office: Office, chosen: Selection, resolved: bool = False) -> list[Stands]:
    with office.standing() as standing:
        return chosen.of(standing, office.suppression(standing), office.now, resolved)


def row(stands: Stands) -> dict[str, Any]:
    """An alert with the word for how it stands: all its fields, and those that a table shows besides."""
    alert = stands.alert
    return {
        **alert.model_dump(mode="json"),
        "state": stands.state,
        "severity": alert.labels.get("severity", ""),
        "department": alert.labels.get("department", ""),
        "summary": alert.annotations.get("summary", ""),
        "silenced_by": list(stands.status.silenced_by),
        "inhibited_by": list(stands.status.inhibited_by),
    }


def summary(alert: Alert) -> str:
    """Its sentence for people, fit for a terminal."""
    return plain(alert.annotations.get("summary", ""))


def _severity(row: Row) -> Text:
    over = row["status"] == "resolved"
    return Text(plain(row["severity"]), style=RESOLVED if over else STYLES.get(row["severity"], ""))


def _state(row: Row) -> str:
    match row["state"]:
        case "acknowledged":
            return f"taken by {plain(row['acknowledged_by'])}"
        case "escalated":
            return f"escalated ({row['escalation_step']})"
        case "snoozed":
            return f"snoozed to {_minute(row['snoozed_until'])}"
    return str(row["state"])


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")


COLUMNS = (
    Column("fingerprint", "alert"),
    Column("severity", cell=_severity),
    Column("priority", ""),
    Column("starts_at", "since (UTC)", cell=lambda row: _minute(row["starts_at"])),
    Column("state", cell=_state),
    Column("rule", "what", cell=lambda row: plain(f"{row['rule']} of {row['subject']}: {row['summary']}"), folds=True),
    Column("subject", hidden=True),
    Column("summary", hidden=True),
    Column("department", hidden=True),
    Column("acknowledged_by", hidden=True),
    Column("assigned_to", hidden=True),
    Column("escalation_step", hidden=True),
    Column("ends_at", hidden=True),
)
