"""What a page of the archive lists: rows by time and number, the newest first, from a place on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, or_, select

from consumers.archive.entries import (
    AlertEntry,
    Cursor,
    Delivery,
    Entry,
    Page,
    Span,
    alert_entry,
    delivery,
    entry,
)
from consumers.archive.tables import alerts, deliveries, topics

T = TypeVar("T")

Condition = ColumnElement[bool]

PAGE, LARGEST_PAGE = 50, 1_000
"""Entries of a page, unless asked otherwise, and at most."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A query whose rows stand in the order of `at`, then of `number`; and what a row is made into."""

    query: Select[Any]
    at: ColumnElement[int]
    number: ColumnElement[int]
    made: Callable[[RowMapping], T]

    def page(
        self, connection: Connection, holds: Sequence[Condition], span: Span, after: Cursor | None, limit: int
    ) -> Page[T]:
        """Rows in the span for which all of `holds` does. Raises ValueError for a page of another size than one has."""
        if not 1 <= limit <= LARGEST_PAGE:
            raise ValueError(f"a page has 1 to {LARGEST_PAGE} entries, not {limit}")
        at, number = self.at, self.number
        start, end = span.milliseconds
        query = self.query.where(at >= start, at < end, *holds)
        if after is not None:  # the first half alone lets PostgreSQL leave out later months
            query = query.where(at <= after.at, or_(at < after.at, and_(at == after.at, number < after.number)))
        found = connection.execute(query.order_by(at.desc(), number.desc()).limit(limit + 1)).mappings().all()
        last = found[limit - 1] if len(found) > limit else None
        cursor = None if last is None else Cursor(last[at.name], last[number.name])
        return Page([self.made(row) for row in found[:limit]], cursor)


def records(table: Table) -> Listing[Entry]:
    """The records of a log table."""
    return Listing(of_log(table), table.c.timestamp, table.c.number, entry)


ALERTS: Listing[AlertEntry] = Listing(select(alerts), alerts.c.starts_at, alerts.c.number, alert_entry)
DELIVERIES: Listing[Delivery] = Listing(select(deliveries), deliveries.c.timestamp, deliveries.c.number, delivery)


def of_log(table: Table) -> Select[Any]:
    """All that `entries.entry` wants of a log table's rows."""
    columns = [column for column in table.columns if column.name != "words"]
    name = select(topics.c.name).where(topics.c.id == table.c.topic).scalar_subquery()
    return select(*columns, name.label("topic_name"))


def equal(table: Table, **values: object) -> list[Condition]:
    """Columns that have the values which are given; None is not given."""
    return [table.c[name] == value for name, value in values.items() if value is not None]
