"""Reading the archive: what was said of something, in a time, with some words; newest first, page by page.

Everything that comes from outside is a bound parameter. A list is told by a place to go on from, and never by how many
to skip: the thousandth page costs what the first does.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select, tuple_
from sqlalchemy.exc import DBAPIError

from consumers.archive import coverage
from consumers.archive.databases import database
from consumers.archive.databases.base import Away, Database
from consumers.archive.entries import (
    ALWAYS,
    COUNTED,
    AlertEntry,
    Count,
    Cursor,
    Delivery,
    Entry,
    Missing,
    Page,
    Span,
    Standing,
    entry,
)
from consumers.archive.listing import ALERTS, DELIVERIES, PAGE, Condition, Listing, equal, of_log, records
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
    deliveries,
    notice_alerts,
    number,
    topics,
)
from consumers.archive.words import terms

T = TypeVar("T")


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
        holds = equal(table, subject=subject, about=about, department=department, type=type, rule=rule, id=id, key=key)
        holds += self._found(table, text)
        return self._page(records(table), holds, span, after, limit)

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
        holds = equal(table, subject=None if receiver is None else f"receiver/{receiver}")
        if fingerprint is not None:
            told = select(notice_alerts.c.timestamp, notice_alerts.c.number)
            told = told.where(notice_alerts.c.fingerprint == fingerprint)
            holds.append(tuple_(table.c.timestamp, table.c.number).in_(told))
        holds += self._found(table, text)
        return self._page(records(table), holds, span, after, limit)

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
        holds = equal(
            alerts,
            subject=subject,
            fingerprint=fingerprint,
            department=department,
            rule=rule,
            severity=severity,
            status=status,
            suppressed=suppressed,
        )
        if text is not None:
            found = self._database.found(alert_states, terms(text))
            holds.append(alerts.c.number.in_(select(alert_states.c.number).where(found)))
        return self._page(ALERTS, holds, span, after, limit)

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
        holds = equal(deliveries, notice=notice, receiver=receiver, outcome=outcome)
        return self._page(DELIVERIES, holds, span, after, limit)

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
                if found := connection.execute(of_log(table).where(where)).mappings().one_or_none():
                    return entry(found)
        return None

    def counts(self, span: Span = ALWAYS, *, by: Sequence[str] = COUNTED, **only: str | Sequence[str]) -> list[Count]:
        """How many records came in the span, whose ends are taken to the hour, told apart `by` these (of `COUNTED`).

        `only`: names of `COUNTED` but `hour`, with the value, or values, that count.
        """
        with self.connection() as connection:
            return coverage.counted(connection, span, by, only)

    def places(self) -> list[Standing]:
        """How far the archive is."""
        with self.connection() as connection:
            return coverage.standing(connection)

    def missing(self) -> list[Missing]:
        """What the log had dropped before it was archived; the latest last."""
        with self.connection() as connection:
            return coverage.missing(connection)

    def rows(self) -> Mapping[str, int]:
        """How many rows each table has; in PostgreSQL, about."""
        with _meanings():
            return self._database.rows()

    def size(self) -> int:
        """Bytes on disk."""
        with _meanings():
            return self._database.size()

    def _page(
        self, listing: Listing[T], holds: Sequence[Condition], span: Span, after: Cursor | None, limit: int
    ) -> Page[T]:
        with self.connection() as connection:
            return listing.page(connection, holds, span, after, limit)

    def _found(self, table: Table, text: str | None) -> list[Condition]:
        """What the words of a search ask of a table; nothing when none is made."""
        return [] if text is None else [self._database.found(table, terms(text))]


@contextmanager
def _meanings() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise Away(str(error.orig).strip()) from error
