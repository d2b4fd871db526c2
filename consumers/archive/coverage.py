"""What the archive has: how far it is, what it had to leave out, and how many records of which kind."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from consumers.archive.entries import COUNTED, Count, Missing, Span, Standing, count, instant
from consumers.archive.tables import counts, gaps, places, topics


def standing(connection: Connection) -> list[Standing]:
    """How far it is in each partition."""
    query = select(topics.c.name, topics.c.incarnation, places).join_from(topics, places)
    found = connection.execute(query.order_by(topics.c.name, topics.c.incarnation, places.c.partition)).all()
    return [Standing(row.name, row.incarnation, row.partition, row.next, instant(row.at)) for row in found]


def missing(connection: Connection) -> list[Missing]:
    """What the log had dropped before it was archived; the latest last."""
    found = connection.execute(select(topics.c.name, gaps).join_from(topics, gaps).order_by(gaps.c.at)).all()
    return [Missing(row.name, row.partition, row.first, row.end, instant(row.at)) for row in found]


def counted(
    connection: Connection, span: Span, by: Sequence[str], only: Mapping[str, str | Sequence[str]]
) -> list[Count]:
    """Records of the span, whose ends are taken to the hour, told apart `by` these and `only` with these values."""
    start, end = span.milliseconds
    columns = [counts.c[name] for name in COUNTED if name in by]
    query = select(func.sum(counts.c.records).label("records"), *columns)
    query = query.where(counts.c.hour >= start, counts.c.hour < end).group_by(*columns).order_by(*columns)
    for name, wanted in only.items():
        column = counts.c[name]
        query = query.where(column == wanted if isinstance(wanted, str) else column.in_(list(wanted)))
    found = connection.execute(query).mappings().all()
    return [count(row) for row in found if row["records"] is not None]
