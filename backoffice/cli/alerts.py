"""`backoffice alerts`, `ack` and `resolve`: the alerts there are now, and what somebody decides about one."""

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
from schemas.alerts import Alert
from schemas.audit import ActionRecorded
from schemas.commands import AlertAcknowledge, AlertResolve
from schemas.processing import Tick
from schemas.topics import Space

SOURCE = "urn:backoffice:cli"

Decision = AlertAcknowledge | AlertResolve

WIDE = 200
"""Width of the table in characters where no terminal says how wide it is."""


class Output(StrEnum):
    table = "table"
    json = "json"


Fingerprint = Annotated[str, typer.Argument(help="Which alert: its fingerprint, or how that begins.")]


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
    fingerprint: Fingerprint,
    by: Annotated[str, typer.Option("--by", help="Who takes it.")],
    note: Annotated[str, typer.Option("--note", help="What is to be known about it.")] = "",
    space: SpaceOption = None,
) -> None:
    """Acknowledge an alert: somebody takes it, and it escalates no further."""
    alert = _decide(fingerprint, AlertAcknowledge(by=by, note=note), space)
    out.print(f"Acknowledged {alert.fingerprint}: {_summary(alert)}")
    _mention_resolved(alert)


def resolve(
    fingerprint: Fingerprint,
    by: Annotated[str, typer.Option("--by", help="Who resolves it.")],
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    space: SpaceOption = None,
) -> None:
    """Resolve an alert by hand: it is over until its condition has ended and begins again."""
    alert = _decide(fingerprint, AlertResolve(by=by, note=note), space)
    out.print(f"Resolved {alert.fingerprint}: {_summary(alert)}")
    _mention_resolved(alert)


def _current(bootstrap_servers: str, space: Space) -> Alerts:
    """Every alert of a space. Says how many records cannot be read; ends the command when the topic is out of reach."""
    try:
        with broker_errors(), Log(bootstrap_servers, [space.topic("alerts")]) as log:
            known = current_alerts(log, Reader(space, {Alert.type: Alert}))
    except Unreachable as error:
        fail(error)
    if known.bad:
        err.print(f"{known.bad} records of {space.topic('alerts')} cannot be read and are left out.", style="yellow")
    return known


def _action(decision: Decision, alert: Alert) -> ActionRecorded:
    """The decision as the audit trail has it."""
    verb = decision.type.removeprefix("alerting.")
    return ActionRecorded(action=verb, on=f"alert/{alert.fingerprint}", note=decision.note)


def _decide(fingerprint: str, decision: Decision, space: str | None) -> Alert:
    """Sends the decision about the one alert that is meant."""
    bootstrap_servers = connect()
    where = space_at(bootstrap_servers, space)
    known = _current(bootstrap_servers, where)
    try:
        alert = known.find(fingerprint)
        at = _now(where, known)
        with Client(bootstrap_servers, where) as client:
            client.send(decision, f"alert/{alert.fingerprint}", source=SOURCE, time=at).result(30)
            client.send(_action(decision, alert), f"person/{decision.by}", source=SOURCE, time=at).result(30)
            if where.replay:  # nobody else may close the slice: the feed is over, as a rule
                client.send(
                    Tick(partition=0), "partition/0", source=SOURCE, time=at, topic="alerting", partition=0
                ).result(30)
    except (NoSuchAlert, NotSent) as error:
        fail(error, code=1)
    return alert


def _now(space: Space, known: Alerts) -> datetime:
    """Now as the space sees it: a replay space's clock follows its records, and must not be moved to today."""
    return known.latest if space.replay and known.latest else datetime.now(UTC)


def _mention_resolved(alert: Alert) -> None:
    if alert.status == "resolved":
        err.print("It is resolved already.", style="yellow")


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
    """Its sentence for people, fit for a terminal."""
    return plain(alert.annotations.get("summary", ""))
