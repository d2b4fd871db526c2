"""`backoffice lookup`: everything known of one thing, with an audit of who looked."""

import getpass
import json
import os
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, out, space_at
from backoffice.cli.output import Output, OutputOption, csv_rows, document
from consumers.render import plain

if TYPE_CHECKING:
    from consumers.lookup.found import Found


def lookup_command(
    subject: Annotated[str, typer.Argument(help="What to look up, <kind>/<id>: vendor/acme, employee/E-17.")],
    by: Annotated[str | None, typer.Option("--by", help="Who looks: it is in the audit. [who is logged in]")] = None,
    why: Annotated[str, typer.Option("--why", help="What for: it is in the audit.")] = "",
    before: Annotated[
        str | None, typer.Option("--before", metavar="INSTANT", help="Only events older than this, for the next page.")
    ] = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what is known of a thing: its state now, its newest events, its alerts. Each look is put on record first.

    What is private is masked, unless `lookup.command_line` of the configuration says otherwise.
    """
    from backoffice.looking import WRITE_TIMEOUT, look_up, recording
    from backoffice.opening import Opening
    from consumers.log import Unreachable
    from consumers.lookup.found import Unavailable
    from consumers.lookup.looking import BadSubject, NotRecorded, Viewer
    from producers.client import Client
    from producers.errors import NotSent

    found = configuration(config)
    bootstrap = connect(found)
    where = space_at(bootstrap, space or found.space)
    viewer = Viewer(by or getpass.getuser(), frozenset(found.lookup.command_line))
    try:
        with (
            broker_errors(),
            closing(Opening(found, where, os.environ)) as archive,
            Client(bootstrap, where, delivery_timeout=WRITE_TIMEOUT) as client,
        ):
            desk = look_up(bootstrap, where, recording(client), archive)
            known = desk.look(subject, viewer, why, _instant(before))
    except (BadSubject, NotRecorded, Unavailable, Unreachable, NotSent) as error:
        fail(error)
    _show(known, output)
    if not known.is_known:
        fail(f"Nothing is known of {subject} in {where.name}.", code=1)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no instant: write one like 2026-01-05T08:00:00Z")
    if found.tzinfo is None:
        fail(f"{text!r} has no time zone: end it with Z, or an offset")
    return found


def _show(known: "Found", output: Output) -> None:
    match output:
        case Output.json:
            document(known.as_json())
        case Output.csv:
            events = (event.values() for event in known.as_json()["events"])
            csv_rows(((*list(event)[:4], list(event)[-1]) for event in events), EVENT_COLUMNS)
        case Output.table:
            _people(known)


EVENT_COLUMNS = ("time", "subject", "type", "record", "data")


def _people(known: "Found") -> None:
    masked = f" (masked: {', '.join(known.masked)})" if known.masked else ""
    out.print(f"{plain(known.subject)}{masked}", style="bold")
    for state in known.states:
        out.print(
            f"\nRemembered by {state.processor} of {plain(state.subject)}, until {state.clock:%Y-%m-%d %H:%M} UTC"
        )
        for name, value in state.state.items():
            out.print(f"  {name}: {plain(json.dumps(value, ensure_ascii=False))}")
    if known.alerts:
        out.print(f"\n{len(known.alerts)} alerts")
    for alert in known.alerts:
        summary = plain(alert.annotations.get("summary", ""))
        out.print(f"  {alert.starts_at:%Y-%m-%d %H:%M}  {alert.status:<9} {alert.rule}: {summary}")
    if known.events:
        out.print(f"\n{len(known.events)} events, the newest first")
    for said in known.events:
        data = plain(json.dumps(said.data, ensure_ascii=False))
        out.print(f"  {said.time:%Y-%m-%d %H:%M}  {said.type}  {data}")
    if known.more:
        out.print(
            f"  and older ones: --before {known.events[-1].at.isoformat()}" if known.events else "  and older ones"
        )
