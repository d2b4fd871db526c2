"""`backoffice lag`: how far processors and the notifier are behind."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from backoffice.cli.options import SpaceOption, broker_errors, connect, space_at
from backoffice.cli.output import Column, Output, OutputOption, show
from backoffice.cli.watching import WatchOption, watch
from backoffice.lag import Lag, by_reader, lags
from schemas.topics import Space


def lag_command(
    by_partition: Annotated[bool, typer.Option("--partitions", "-p", help="Each partition by itself.")] = False,
    most: Annotated[
        int | None, typer.Option("--most", min=0, help="Exit with 1 when anybody has more records than this left.")
    ] = None,
    output: OutputOption = Output.table,
    every: WatchOption = None,
    space: SpaceOption = None,
) -> None:
    """Say how far processors and the notifier are behind: records left, and how long the oldest has waited.

    In a replay space records bring their own time, and no waiting is shown.
    """
    from backoffice.registry import inboxes

    bootstrap = connect()
    where = space_at(bootstrap, space)
    readers = inboxes()
    worst = 0

    def look() -> None:
        nonlocal worst
        with broker_errors():
            found = lags(bootstrap, where, readers)
        now = datetime.now(UTC)
        rows = [row for _, parts in by_reader(found) for row in _rows(parts, where, now, by_partition)]
        worst = max((row["records"] for row in rows), default=0)
        show(rows, COLUMNS if by_partition else SUMMED, output, f"There is nothing to read in {where.name}.")

    watch(look, every, output)
    if most is not None and worst > most:
        raise typer.Exit(1)


def _rows(parts: list[Lag], space: Space, now: datetime, by_partition: bool) -> list[dict[str, Any]]:
    rows = [
        {
            "reader": part.reader,
            "topic": part.topic,
            "partition": part.partition,
            "offset": part.offset,
            "end": part.end,
            "records": part.records,
            "seconds": None if space.replay else _rounded(part.seconds(now)),
        }
        for part in parts
    ]
    if by_partition:
        return rows
    waits = [row["seconds"] for row in rows if row["seconds"] is not None]
    return [
        {
            "reader": parts[0].reader,
            "topic": parts[0].topic,
            "partitions": len(parts),
            "records": sum(part.records for part in parts),
            "seconds": max(waits, default=None),
        }
    ]


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


SUMMED = (
    Column("reader"),
    Column("topic"),
    Column("partitions", right=True),
    Column("records", "records left", right=True),
    Column("seconds", "oldest waits (s)", right=True),
)
COLUMNS = (
    Column("reader"),
    Column("topic"),
    Column("partition", right=True),
    Column("offset", "next", right=True),
    Column("end", right=True),
    Column("records", "records left", right=True),
    Column("seconds", "oldest waits (s)", right=True),
)
