"""`backoffice ack` and `backoffice resolve`: what somebody decides about an alert, said to alerting and put on record."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from backoffice.cli.alerts import current, summary
from backoffice.cli.options import SpaceOption, connect, err, fail, out, space_at
from consumers.alerts import Alerts, NoSuchAlert
from producers.client import Client
from producers.errors import NotSent
from schemas.alerts import Alert, AlertAcknowledge, AlertResolve
from schemas.audit import ActionRecorded
from schemas.topics import Space

SOURCE = "urn:backoffice:cli"

Decision = AlertAcknowledge | AlertResolve

Fingerprint = Annotated[str, typer.Argument(help="Which alert: its fingerprint, or how that begins.")]


def ack(
    fingerprint: Fingerprint,
    by: Annotated[str, typer.Option("--by", help="Who takes it.")],
    note: Annotated[str, typer.Option("--note", help="What is to be known about it.")] = "",
    space: SpaceOption = None,
) -> None:
    """Acknowledge an alert: somebody takes it, and it escalates no further."""
    alert = _decide(fingerprint, AlertAcknowledge(by=by, note=note), space)
    out.print(f"Acknowledged {alert.fingerprint}: {summary(alert)}")
    _mention_resolved(alert)


def resolve(
    fingerprint: Fingerprint,
    by: Annotated[str, typer.Option("--by", help="Who resolves it.")],
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    space: SpaceOption = None,
) -> None:
    """Resolve an alert by hand: it is over until its condition has ended and begins again."""
    alert = _decide(fingerprint, AlertResolve(by=by, note=note), space)
    out.print(f"Resolved {alert.fingerprint}: {summary(alert)}")
    _mention_resolved(alert)


def action(decision: Decision, alert: Alert) -> ActionRecorded:
    """The decision as the audit trail has it."""
    verb = decision.type.removeprefix("alerting.")
    return ActionRecorded(action=verb, on=f"alert/{alert.fingerprint}", note=decision.note)


def _decide(fingerprint: str, decision: Decision, space: str | None) -> Alert:
    """Sends the decision about the one alert that is meant."""
    bootstrap_servers = connect()
    where = space_at(bootstrap_servers, space)
    known = current(bootstrap_servers, where)
    try:
        alert = known.find(fingerprint)
        at = _now(where, known)
        with Client(bootstrap_servers, where) as client:
            client.send(decision, f"alert/{alert.fingerprint}", source=SOURCE, time=at).result(30)
            client.send(action(decision, alert), f"person/{decision.by}", source=SOURCE, time=at).result(30)
    except (NoSuchAlert, NotSent) as error:
        fail(error, code=1)
    return alert


def _now(space: Space, known: Alerts) -> datetime:
    """Now as the space sees it: a replay space's clock follows its records, and must not be moved to today."""
    return known.latest if space.replay and known.latest else datetime.now(UTC)


def _mention_resolved(alert: Alert) -> None:
    if alert.status == "resolved":
        err.print("It is resolved already.", style="yellow")
