"""Reading the archive: what was said of something, in a time, with some words; newest first, page by page.

Everything that comes from outside is a bound parameter. A list is told by a place to go on from, and never by how many
to skip: the thousandth page costs what the first does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, func, or_, select, tuple_
from sqlalchemy.exc import DBAPIError

from consumers.archive.databases import database
from consumers.archive.databases.base import Away, Database
from consumers.archive.entries import (
    ALWAYS,
    BEGINNING,
    COUNTED,
    END,
    AlertEntry,
    Count,
    Cursor,
    Delivery,
    Entry,
    Missing,
    Page,
    Span,
    Standing,
    alert_entry,
    count,
    delivery,
    entry,
    instant,
    ms,
)
from consumers.archive.migrations import check
from consumers.archive.rows import table_of
from consumers.archive.tables import (
    ALERT_STATES,
    AUDIT,
    EVENTS,
    LOGS,
    NOTICES,
    alert_states,
    alerts,
    counts,
    deliveries,
    gaps,
    notice_alerts,
    number,
    places,
    topics,
)
from consumers.archive.words import terms

__all__ = [
    "ALWAYS",
    "BEGINNING",
    "COUNTED",
    "END",
    "LARGEST_PAGE",
    "PAGE",
    "AlertEntry",
    "Archive",
    "Count",
    "Cursor",
    "Delivery",
    "Entry",
    "Missing",
    "Page",
    "Span",
    "Standing",
    "alert_entry",
    "delivery",
    "entry",
    "instant",
    "ms",
]

T = TypeVar("T")

PAGE, LARGEST_PAGE = 50, 1_000
"""Entries of a page, unless asked otherwise, and at most."""


class Archive:
    """An archive, for reading. Any thread may use it. Every method raises Away when the database does not answer,
    and consumers.archive.words.BadSearch for a text that names no word."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, space: str | None = None) -> "Archive":
        """The archive at an address; `space` is whose it is to be. Raises NotOpened, Away."""
        found = cls(database(url))
        try:
            with _meanings():
                check(found._database, space)
        except BaseException:
            found.close()
            raise
        return found

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """For a query of one's own over `consumers.archive.tables`; nothing is written. Raises Away."""
        with _meanings(), self._database.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self._database.engine.dispose()

    def records(
        self,
        kind: str = EVENTS,
        span: Span = ALWAYS,
        *,
        subject: str | None = None,
        about: str | None = None,
        department: str | None = None,
        type: str | None = None,
        rule: str | None = None,
        id: str | None = None,
        key: str | None = None,
        text: str | None = None,
        after: Cursor | None = None,
        limit: int = PAGE,
    ) -> Page[Entry]:
        """Records of a kind (a name of `tables.LOGS`), for which all holds that is given."""
        table = LOGS[kind]
        given = {
            "subject": subject,
            "about": about,
            "department": department,
            "type": type,
            "rule": rule,
            "id": id,
            "key": key,
        }
        holds = [table.c[name] == value for name, value in given.items() if value is not None]
        if text is not None:
            holds.append(self._database.found(table, terms(text)))
        return self._page(_of_log(table), table.c.timestamp, table.c.number, holds, span, after, limit, entry)

    def events(self, span: Span = ALWAYS, **which: Any) -> Page[Entry]:
        """What happened. `which` as for `records`."""
        return self.records(EVENTS, span, **which)

    def alert_states(self, fingerprint: str, span: Span = ALWAYS, **which: Any) -> Page[Entry]:
        """Every state that an alert was in."""
        return self.records(ALERT_STATES, span, subject=f"alert/{fingerprint}", **which)

    def audit(self, span: Span = ALWAYS, *, who: str | None = None, on: str | None = None, **which: Any) -> Page[Entry]:
        """What people did or looked at: who did it, by their login; on what."""
        subject = None if who is None else f"person/{who}"
        return self.records(AUDIT, span, subject=subject, about=on, **which)

    def notices(
        self,
        span: Span = ALWAYS,
        *,
        receiver: str | None = None,
        fingerprint: str | None = None,
        text: str | None = None,
        after: Cursor | None = None,
        limit: int = PAGE,
    ) -> Page[Entry]:
        """Who was told; of an alert with this fingerprint."""
        table = LOGS[NOTICES]
        holds: list[ColumnElement[bool]] = []
        if receiver is not None:
            holds.append(table.c.subject == f"receiver/{receiver}")
        if fingerprint is not None:
            told = select(notice_alerts.c.timestamp, notice_alerts.c.number)
            told = told.where(notice_alerts.c.fingerprint == fingerprint)
            holds.append(tuple_(table.c.timestamp, table.c.number).in_(told))
        if text is not None:
            holds.append(self._database.found(table, terms(text)))
        return self._page(_of_log(table), table.c.timestamp, table.c.number, holds, span, after, limit, entry)

    def alerts(
        self,
        span: Span = ALWAYS,
        *,
        subject: str | None = None,
        fingerprint: str | None = None,
        department: str | None = None,
        rule: str | None = None,
        severity: str | None = None,
        status: str | None = None,
        suppressed: bool | None = None,
        text: str | None = None,
        after: Cursor | None = None,
        limit: int = PAGE,
    ) -> Page[AlertEntry]:
        """Each time that an alert fired: those that began in the span."""
        given = {
            "subject": subject,
            "fingerprint": fingerprint,
            "department": department,
            "rule": rule,
            "severity": severity,
            "status": status,
            "suppressed": suppressed,
        }
        holds = [alerts.c[name] == value for name, value in given.items() if value is not None]
        if text is not None:
            found = self._database.found(alert_states, terms(text))
            holds.append(alerts.c.number.in_(select(alert_states.c.number).where(found)))
        return self._page(select(alerts), alerts.c.starts_at, alerts.c.number, holds, span, after, limit, alert_entry)

    def deliveries(
        self,
        span: Span = ALWAYS,
        *,
        notice: str | None = None,
        receiver: str | None = None,
        outcome: str | None = None,
        after: Cursor | None = None,
        limit: int = PAGE,
    ) -> Page[Delivery]:
        """What became of notices."""
        given = {"notice": notice, "receiver": receiver, "outcome": outcome}
        holds = [deliveries.c[name] == value for name, value in given.items() if value is not None]
        times = deliveries.c.timestamp, deliveries.c.number
        return self._page(select(deliveries), *times, holds, span, after, limit, delivery)

    def record(self, topic: str, partition: int, offset: int) -> Entry | None:
        """The record that stood there, such as one that evidence names; of a topic made anew the latest.

        `topic` is without its space.
        """
        name = table_of(topic)
        if name is None:
            return None
        table = LOGS[name]
        with self.connection() as connection:
            made = select(topics.c.id).where(topics.c.name == topic).order_by(topics.c.incarnation.desc())
            for id in connection.scalars(made).all():
                where = table.c.number == number(id, partition, offset)
                if found := connection.execute(_of_log(table).where(where)).mappings().one_or_none():
                    return entry(found)
        return None

    def counts(self, span: Span = ALWAYS, *, by: Sequence[str] = COUNTED, **only: str | Sequence[str]) -> list[Count]:
        """How many records came in the span, whose ends are taken to the hour, told apart `by` these (of `COUNTED`).

        `only`: names of `COUNTED` but `hour`, with the value, or values, that count.
        """
        start, end = span.milliseconds
        columns = [counts.c[name] for name in COUNTED if name in by]
        query = select(func.sum(counts.c.records).label("records"), *columns)
        query = query.where(counts.c.hour >= start, counts.c.hour < end).group_by(*columns).order_by(*columns)
        for name, wanted in only.items():
            column = counts.c[name]
            query = query.where(column == wanted if isinstance(wanted, str) else column.in_(list(wanted)))
        with self.connection() as connection:
            found = connection.execute(query).mappings().all()
        return [count(row) for row in found if row["records"] is not None]

    def places(self) -> list[Standing]:
        """How far the archive is."""
        query = select(topics.c.name, topics.c.incarnation, places).join_from(topics, places)
        with self.connection() as connection:
            found = connection.execute(query.order_by(topics.c.name, topics.c.incarnation, places.c.partition)).all()
        return [Standing(row.name, row.incarnation, row.partition, row.next, instant(row.at)) for row in found]

    def missing(self) -> list[Missing]:
        """What the log had dropped before it was archived; the latest last."""
        query = select(topics.c.name, gaps).join_from(topics, gaps).order_by(gaps.c.at)
        with self.connection() as connection:
            found = connection.execute(query).all()
        return [Missing(row.name, row.partition, row.first, row.end, instant(row.at)) for row in found]

    def rows(self) -> Mapping[str, int]:
        """How many rows each table has; in PostgreSQL, about."""
        with _meanings():
            return self._database.rows()

    def size(self) -> int:
        """Bytes on disk."""
        with _meanings():
            return self._database.size()

    def _page(
        self,
        query: Select[Any],
        at: ColumnElement[int],
        number: ColumnElement[int],
        holds: Sequence[ColumnElement[bool]],
        span: Span,
        after: Cursor | None,
        limit: int,
        made: Callable[[RowMapping], T],
    ) -> Page[T]:
        if not 1 <= limit <= LARGEST_PAGE:
            raise ValueError(f"a page has 1 to {LARGEST_PAGE} entries, not {limit}")
        start, end = span.milliseconds
        query = query.where(at >= start, at < end, *holds).order_by(at.desc(), number.desc()).limit(limit + 1)
        if after is not None:  # the first half alone lets PostgreSQL leave out later months
            query = query.where(at <= after.at, or_(at < after.at, and_(at == after.at, number < after.number)))
        with self.connection() as connection:
            found = connection.execute(query).mappings().all()
        more = len(found) > limit
        last = found[limit - 1] if more else None
        cursor = None if last is None else Cursor(last[at.name], last[number.name])
        return Page([made(row) for row in found[:limit]], cursor)


def _of_log(table: Table) -> Select[Any]:
    columns = [column for column in table.columns if column.name != "words"]
    name = select(topics.c.name).where(topics.c.id == table.c.topic).scalar_subquery()
    return select(*columns, name.label("topic_name"))


@contextmanager
def _meanings() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise Away(str(error.orig).strip()) from error
