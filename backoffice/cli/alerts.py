"""`backoffice alerts` and `backoffice ack`: the alerts there are now, and taking one."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from backoffice.cli.options import SpaceOption, broker_errors, connect, err, fail, out, space_at
from backoffice.cli.tail import Departments, Severities, severities
from consumers.alerts import Alerts, NoSuchAlert, current_alerts
from consumers.log import Log, Unreachable
from consumers.render import RESOLVED, STYLES, plain
from consumers.seen import Reader
from producers.client import Client
from producers.errors import NotSent
from schemas.alerts import Alert, AlertAcknowledge
from schemas.audit import ActionRecorded
from schemas.topics import Space

SOURCE = "urn:backoffice:cli"

WIDE = 200
"""Width of the table in characters where no terminal says how wide it is."""


class Output(StrEnum):
    table = "table"
    json = "json"


def alerts(
    all_: Annotated[bool, typer.Option("--all", "-a", help="Those that are resolved, too.")] = False,
    severity: Severities = None,
    department: Departments = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="For people, or one JSON array.")] = Output.table,
    space: SpaceOption = None,
) -> None:
    """Show the alerts that fire now, the worst first."""
    chosen = severities(severity)
    bootstrap_servers = connect()
    known = _current(bootstrap_servers, space_at(bootstrap_servers, space))
    shown = known.where(resolved=all_, severities=chosen, departments=department or ())
    if output is Output.json:
        out.print(json.dumps([alert.model_dump(mode="json") for alert in shown], ensure_ascii=False))
        return
    if shown:
        if not out.is_terminal:
            out.width = max(out.width, WIDE)
        out.print(_table(shown))
    out.print(f"{len(shown)} alerts" if len(shown) != 1 else "1 alert")


def ack(
    fingerprint: Annotated[str, typer.Argument(help="Which alert: its fingerprint, or how that begins.")],
    by: Annotated[str, typer.Option("--by", help="Who takes it.")],
    note: Annotated[str, typer.Option("--note", help="What is to be known about it.")] = "",
    space: SpaceOption = None,
) -> None:
    """Acknowledge an alert: somebody takes it, and it escalates no further."""
    bootstrap_servers = connect()
    where = space_at(bootstrap_servers, space)
    known = _current(bootstrap_servers, where)
    try:
        alert = known.find(fingerprint)
        _acknowledge(bootstrap_servers, where, alert, AlertAcknowledge(by=by, note=note), _now(where, known))
    except (NoSuchAlert, NotSent) as error:
        fail(error, code=1)
    out.print(f"Acknowledged {alert.fingerprint}: {_summary(alert)}")
    if alert.status == "resolved":
        err.print("It is resolved already.", style="yellow")


def _current(bootstrap_servers: str, space: Space) -> Alerts:
    try:
        with broker_errors(), Log(bootstrap_servers, [space.topic("alerts")]) as log:
            known = current_alerts(log, Reader(space, {Alert.type: Alert}))
    except Unreachable as error:
        fail(error)
    if known.bad:
        err.print(f"{known.bad} records of {space.topic('alerts')} cannot be read and are left out.", style="yellow")
    return known


def _now(space: Space, known: Alerts) -> datetime:
    """Now as the space sees it: a replay space's clock follows its records, and must not be moved to today."""
    return known.latest if space.replay and known.latest else datetime.now(UTC)


def _acknowledge(bootstrap_servers: str, space: Space, alert: Alert, command: AlertAcknowledge, at: datetime) -> None:
    with Client(bootstrap_servers, space) as client:
        client.send(command, f"alert/{alert.fingerprint}", source=SOURCE, time=at).result(30)
        action = ActionRecorded(action="alert.acknowledge", on=f"alert/{alert.fingerprint}", note=command.note)
        client.send(action, f"person/{command.by}", source=SOURCE, time=at).result(30)


def _table(shown: list[Alert]) -> Table:
    table = Table("alert", "severity", "since (UTC)", "state", box=None, header_style="bold", pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    table.add_column("what", overflow="fold")
    for alert in shown:
        severity = alert.labels.get("severity", "")
        style = RESOLVED if alert.status == "resolved" else STYLES.get(severity, "")
        table.add_row(
            alert.fingerprint,
            Text(severity, style=style),
            f"{alert.starts_at:%Y-%m-%d %H:%M}",
            _state(alert),
            f"{alert.rule} of {plain(alert.subject)}: {_summary(alert)}",
        )
    return table


def _state(alert: Alert) -> str:
    if alert.status == "resolved":
        return "resolved"
    if alert.suppressed:
        return "suppressed"
    if alert.acknowledged_by:
        return f"taken by {plain(alert.acknowledged_by)}"
    return f"escalated ({alert.escalation_step})" if alert.escalation_step else "firing"


def _summary(alert: Alert) -> str:
    return plain(alert.annotations.get("summary", ""))
