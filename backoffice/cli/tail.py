"""`backoffice tail`: watch what is said in a space."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from backoffice.cli.completing import topic_names
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, known_events, out, space_at
from backoffice.cli.output import Output, stream
from consumers.log import BEGINNING, Log, Unreachable
from consumers.render import as_row, line
from consumers.seen import Reader, Seen
from consumers.tail import Filter, Tail
from schemas.signals import SEVERITIES
from schemas.topics import Space

COLUMNS = ("timestamp", "topic", "partition", "offset", "event", "problem", "key", "value")

DEFAULT_LIMIT = 20

_SPAN = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


Topics = Annotated[
    list[str] | None,
    typer.Argument(help="Topics without the space. [all inboxes, alerts, notices]", autocompletion=topic_names),
]
Departments = Annotated[list[str] | None, typer.Option("--department", "-d", help="Only of this department; repeat.")]
Types = Annotated[list[str] | None, typer.Option("--type", "-t", help="Only these types, such as 'hr.employee.*'.")]
Severities = Annotated[list[str] | None, typer.Option("--severity", "-s", help="Only alerts of this severity; repeat.")]
Since = Annotated[str | None, typer.Option("--since", help="10m, 2h, 3d, an ISO time, or 'beginning'. [the last 20]")]
Form = Annotated[Output, typer.Option("--output", "-o", help="For people, one JSON object a line, or CSV.")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=0, help="At most so many of what was said before.")]


def tail(
    topics: Topics = None,
    department: Departments = None,
    type_: Types = None,
    severity: Severities = None,
    since: Since = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is said from now on.")] = False,
    limit: Limit = None,
    output: Form = Output.table,
    space: SpaceOption = None,
) -> None:
    """Show what was said of late in a space, and go on with what is said now (-f)."""
    start = None if since is None else instant(since, datetime.now(UTC))
    chosen = Filter(tuple(department or ()), tuple(type_ or ()), severities(severity))
    bootstrap_servers = connect()
    where = space_at(bootstrap_servers, space)
    names = [where.topic(where.short(name)) for name in topics] if topics else default_topics(where)
    with suppress(KeyboardInterrupt), broker_errors(), _reading(bootstrap_servers, names) as log:
        watch = Tail(log, Reader(where, known_events()), chosen)
        if start is None:
            show(watch.latest(DEFAULT_LIMIT if limit is None else limit), output)
        else:
            show(watch.since(start, limit), output)
        if follow:
            show(watch.follow(), output)


def default_topics(space: Space) -> list[str]:
    """Every inbox, and what comes out: alerts and notices."""
    from backoffice.registry import inboxes  # loads every department: only when they are wanted

    names = dict.fromkeys((*inboxes().values(), "alerts", "notices"))
    return [space.topic(name) for name in names]


def instant(text: str, now: datetime) -> datetime:
    """`10m` before now, an ISO time (UTC unless it says otherwise), or the beginning."""
    if text == "beginning":
        return BEGINNING
    if match := _SPAN.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--since {text!r}: give 10m, 2h, 3d, an ISO time such as 2026-03-02T09:30, or 'beginning'")
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def severities(given: Iterable[str] | None) -> tuple[str, ...]:
    chosen = tuple(given or ())
    for severity in chosen:
        if severity not in SEVERITIES:
            fail(f"--severity {severity!r}: there are {', '.join(SEVERITIES)}")
    return chosen


def show(seen: Iterable[Seen], output: Output) -> None:
    if output is Output.table:
        for one in seen:
            out.print(line(one))
        return
    stream((as_row(one) for one in seen), COLUMNS, output, out.print)


@contextmanager
def _reading(bootstrap_servers: str, topics: list[str]) -> Iterator[Log]:
    try:
        with Log(bootstrap_servers, topics) as log:
            yield log
    except Unreachable as error:
        fail(error)
