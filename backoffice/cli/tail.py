"""`backoffice tail`: watch what is said in a space."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from backoffice.cli.completing import topic_names
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, known_events, out, space_at
from backoffice.cli.output import Output
from consumers.log import Log, Unreachable
from consumers.render import as_json, line
from consumers.seen import Reader, Seen
from consumers.streams.export import comma_separated
from consumers.streams.filters import Filter
from consumers.streams.filters import header as read_header
from consumers.streams.paths import condition
from consumers.streams.start import Place, Since
from consumers.streams.start import read as read_start
from consumers.tail import Tail
from schemas.signals import SEVERITIES
from schemas.topics import Space

T = TypeVar("T")

DEFAULT_LIMIT = 20


Topics = Annotated[
    list[str] | None,
    typer.Argument(help="Topics without the space. [all inboxes, alerts, notices]", autocompletion=topic_names),
]
Departments = Annotated[list[str] | None, typer.Option("--department", "-d", help="Only of this department; repeat.")]
Types = Annotated[list[str] | None, typer.Option("--type", "-t", help="Only these types, such as 'hr.employee.*'.")]
Severities = Annotated[list[str] | None, typer.Option("--severity", "-s", help="Only alerts of this severity; repeat.")]
From = Annotated[
    str | None,
    typer.Option(
        "--since", "--from", help="10m, 2h, 3d, an ISO time, 'beginning', or a place, partition@offset. [the last 20]"
    ),
]
Keys = Annotated[list[str] | None, typer.Option("--key", "-k", help="Only these keys, such as 'vendor/*'; repeat.")]
HeaderOption = Annotated[
    list[str] | None, typer.Option("--header", help="Only with this header, as name=value; all of them have to be.")
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where", "-w", help="Only where this holds, such as 'data.amount.amount>1000'; all of them have to."
    ),
]
Text = Annotated[str, typer.Option("--text", help="Only with this somewhere in the key or the value.")]
Form = Annotated[Output, typer.Option("--output", "-o", help="For people, one JSON object a line, or CSV.")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=0, help="At most so many of what was said before.")]


def tail(
    topics: Topics = None,
    department: Departments = None,
    type_: Types = None,
    severity: Severities = None,
    key: Keys = None,
    header: HeaderOption = None,
    where: Where = None,
    text: Text = "",
    since: From = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is said from now on.")] = False,
    limit: Limit = None,
    output: Form = Output.table,
    space: SpaceOption = None,
) -> None:
    """Show what was said of late in a space, and go on with what is said now (-f)."""
    start = None if since is None else since_option(since)
    chosen = Filter(
        departments=tuple(department or ()),
        types=tuple(type_ or ()),
        severities=severities(severity),
        keys=tuple(key or ()),
        headers=tuple(_said(read_header, header)),
        where=tuple(_said(condition, where)),
        text=text,
    )
    if isinstance(start, Place) and len(topics or ()) != 1:
        fail(f"--from {since}: a place is one of a single topic: name the topic")
    bootstrap_servers = connect()
    space_ = space_at(bootstrap_servers, space)
    names = [space_.topic(space_.short(name)) for name in topics] if topics else default_topics(space_)
    with suppress(KeyboardInterrupt), broker_errors(), _reading(bootstrap_servers, names) as log:
        watch = Tail(log, Reader(space_, known_events()), chosen)
        if start is None:
            show(watch.latest(DEFAULT_LIMIT if limit is None else limit), output)
        else:
            show(watch.beginning(start, limit), output)
        if follow:
            show(watch.follow(), output, head=False)


def since_option(text: str) -> Since | Place:
    """Where to begin. Ends the command when it cannot be understood."""
    try:
        return read_start(text, datetime.now(UTC))
    except ValueError as error:
        fail(f"--since {error}")


def _said(read: Callable[[str], T], texts: Iterable[str] | None) -> Iterator[T]:
    """Each as `read` understands it. Ends the command when it does not."""
    for text in texts or ():
        try:
            yield read(text)
        except ValueError as error:
            fail(error)


def default_topics(space: Space) -> list[str]:
    """Every inbox, and what comes out: alerts and notices."""
    from backoffice.registry import inboxes  # loads every department: only when they are wanted

    names = dict.fromkeys((*inboxes().values(), "alerts", "notices"))
    return [space.topic(name) for name in names]


def severities(given: Iterable[str] | None) -> tuple[str, ...]:
    chosen = tuple(given or ())
    for severity in chosen:
        if severity not in SEVERITIES:
            fail(f"--severity {severity!r}: there are {', '.join(SEVERITIES)}")
    return chosen


def show(seen: Iterable[Seen], output: Output, head: bool = True) -> None:
    """A line each. `head`: CSV begins with a line of names."""
    if output is Output.csv and head:
        out.file.write(comma_separated(()))
    for one in seen:
        match output:
            case Output.table:
                out.print(line(one))
            case Output.json:
                out.print(as_json(one))
            case Output.csv:
                out.file.write(comma_separated((one,), head=False))


@contextmanager
def _reading(bootstrap_servers: str, topics: list[str]) -> Iterator[Log]:
    try:
        with Log(bootstrap_servers, topics) as log:
            yield log
    except Unreachable as error:
        fail(error)
