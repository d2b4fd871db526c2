"""`backoffice emit`: send events by hand or from a file, each checked against its schema first."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from backoffice.cli.options import SpaceOption, connect, err, fail, known_events, out, space_at
from producers.addressing import address
from producers.client import Client
from producers.delivery import Receipt
from producers.errors import BrokerAway, BufferFull, NotSent, Refused
from producers.intake import Intake
from schemas.envelope import Event
from schemas.example import NoExample, example

SOURCE = "urn:backoffice:cli"


File = Annotated[Path | None, typer.Argument(help="Events as JSON lines, whole CloudEvents; `-`: standard input.")]
Fields = Annotated[list[str] | None, typer.Option("--set", help="One field: name=value or name.inner=value.")]


def emit(
    file: File = None,
    type_: Annotated[str | None, typer.Option("--type", help="One event: its type, such as hr.employee.hired.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="What it is about, such as employee/E7.")] = None,
    data: Annotated[str, typer.Option("--data", help="What happened, a JSON object.")] = "{}",
    fields: Fields = None,
    id_: Annotated[str | None, typer.Option("--id", help="With the source, identifies the event. [a new one]")] = None,
    source: Annotated[str, typer.Option("--source", help="The system that says so.")] = SOURCE,
    time: Annotated[str | None, typer.Option("--time", help="When it happened, RFC 3339 with an offset. [now]")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; send nothing.")] = False,
    list_types: Annotated[bool, typer.Option("--list", help="List the event types.")] = False,
    example_of: Annotated[str | None, typer.Option("--example", help="Print an example of this event type.")] = None,
    trace: Annotated[bool, typer.Option("--trace", help="An event without a traceparent begins a trace.")] = False,
    space: SpaceOption = None,
) -> None:
    """Send events: one by options, or many from a file. Exits with 1 when any was refused; the others are sent."""
    if list_types:
        _list()
    elif example_of:
        _example(example_of)
    elif file is not None and type_ is None:
        _send(_lines(file), space, dry_run, traces=trace)
    elif file is None and type_ is not None:
        event = _one(type_, subject, data, fields or [], id_, source, time)
        _send(iter([("event", event)]), space, dry_run, stamped=time is not None, traces=trace)
    else:
        fail("Name a file of events (`-`: standard input), or one event by --type and --subject; not both.")


Numbered = tuple[str, bytes | dict[str, Any]]
"""What messages call the event (`line 3`), and the event: JSON, or its attributes."""


def _list() -> None:
    for name, cls in known_events().items():
        out.print(f"{name:<42} {cls.kind or '*':<14} {(cls.__doc__ or '').strip().splitlines()[0]}")


def _example(name: str) -> None:
    types = known_events()
    if name not in types:
        fail(f"There is no event type {name!r}; `backoffice emit --list` shows them.")
    try:
        out.print(json.dumps(example(types[name]), ensure_ascii=False))
    except NoExample as error:
        fail(error, code=1)


def _one(
    type_: str, subject: str | None, data: str, pairs: list[str], id_: str | None, source: str, time: str | None
) -> dict[str, Any]:
    try:
        fields = json.loads(data)
    except ValueError as error:
        fail(f"--data: not JSON: {error}")
    if not isinstance(fields, dict):
        fail('--data: give a JSON object, such as \'{"name": "value"}\'')
    for pair in pairs:
        _assign(fields, pair)
    return {
        "specversion": "1.0",
        "id": id_ or str(uuid4()),
        "source": source,
        "type": type_,
        "subject": subject,
        "time": time or datetime.now(UTC).isoformat(),
        "data": fields,
    }


def _assign(fields: dict[str, Any], pair: str) -> None:
    name, equals, text = pair.partition("=")
    if not equals or not name:
        fail(f"--set {pair!r}: give name=value")
    *path, last = name.split(".")
    for part in path:
        fields = fields.setdefault(part, {})
        if not isinstance(fields, dict):
            fail(f"--set {pair!r}: {part} is no object")
    fields[last] = _value(text)


def _value(text: str) -> Any:
    """Lists, objects and null as JSON; all else as text, which each field then reads in its own way."""
    if text == "null" or text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _lines(file: Path) -> Iterator[Numbered]:
    with ExitStack() as stack:
        try:
            stream = typer.get_binary_stream("stdin") if str(file) == "-" else stack.enter_context(file.open("rb"))
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield f"line {number}", line
        except OSError as error:
            fail(f"{file}: {error.strerror}")


class _Tally:
    """What became of each event; refusals are said as they come, and counted."""

    def __init__(self) -> None:
        self.good = 0
        self.refused = 0

    def refuse(self, what: str, problem: object) -> None:
        self.refused += 1
        err.print(f"{what}: {problem}", style="red")

    def settle(self, what: str, receipt: Receipt) -> None:
        if problem := receipt.exception():
            self.refuse(what, problem)
        else:
            self.good += 1


def _send(
    events: Iterator[Numbered], space: str | None, dry_run: bool, stamped: bool = True, traces: bool = False
) -> None:
    intake, tally = Intake(known_events()), _Tally()
    try:
        if dry_run:
            _check(events, intake, tally)
        else:
            _deliver(events, intake, tally, space, stamped, traces)
    except (BrokerAway, BufferFull) as error:
        fail(f"{error}\n{tally.good} sent, {tally.refused} refused before that.")
    out.print(f"{tally.good} {'would be sent' if dry_run else 'sent'}, {tally.refused} refused")
    if tally.refused:
        raise typer.Exit(1)


def _check(events: Iterator[Numbered], intake: Intake, tally: _Tally) -> None:
    for what, given in events:
        try:
            event = _read(intake, given)
            address(event, event.about)
        except Refused as error:
            tally.refuse(what, error)
        else:
            tally.good += 1


def _deliver(
    events: Iterator[Numbered], intake: Intake, tally: _Tally, name: str | None, stamped: bool, traces: bool
) -> None:
    bootstrap_servers = connect()
    space = space_at(bootstrap_servers, name)
    if space.replay and not stamped:
        fail(f"{space.name} is a replay space, whose clock follows its events: say when it happened with --time.")
    with Client(bootstrap_servers, space, begins_traces=traces) as client:
        for what, given in events:
            try:
                event = _read(intake, given)
                about = event.about
                client.send(
                    event,
                    about.subject,
                    source=about.source,
                    id=about.id,
                    time=about.time,
                    causationid=about.causationid,
                    correlationid=about.correlationid,
                    traceparent=about.traceparent,
                    on_delivery=lambda receipt, what=what: tally.settle(what, receipt),  # type: ignore[misc]
                )
            except (BrokerAway, BufferFull):
                raise
            except NotSent as error:
                tally.refuse(what, error)


def _read(intake: Intake, given: bytes | dict[str, Any]) -> Event:
    return intake.parse(given) if isinstance(given, bytes) else intake.check(given)
