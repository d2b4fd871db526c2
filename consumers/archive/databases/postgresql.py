"""PostgreSQL: rows by COPY, tables in one part for each month, full-text search by a GIN index over words made here."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import URL, ColumnElement, Connection, Table, bindparam, cast, create_engine, select, text, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY, insert
from sqlalchemy.exc import DBAPIError

from consumers.archive.databases.base import Away, Busy, Refused, Upsert
from consumers.archive.tables import PARTITIONED, metadata
from consumers.archive.words import Term

LOCK = 0x626F61726368
"""The advisory lock of whoever writes: a number of our own ("boarch")."""

FIRST_MONTH, LAST_MONTH = 2000 * 12, 2100 * 12
"""Months since the year 0 that have a part each. What is stamped before or after goes into one part each."""

STEP = 5_000
"""Rows removed in one transaction, where a table is not in parts."""

PATIENCE = "5s"
"""How long the dropping of a part waits for its readers, and lets others wait behind it. It is tried again later."""

_NEVER_TAKEN = (psycopg.errors.DataError, psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)


class PostgreSQL:
    """The archive in a database of a server. Where it has a schema of its own, the address's search_path says so."""

    def __init__(self, address: URL) -> None:
        address = address.set(drivername="postgresql+psycopg")
        arguments = {"application_name": "backoffice archive", "connect_timeout": 10, "keepalives_idle": 30}
        self.engine = create_engine(address, connect_args=arguments, pool_pre_ping=True, pool_recycle=1_800)
        self._copying: dict[str, str] = {}
        self._parts: set[str] = set()
        self._making = threading.Lock()

    def create(self, connection: Connection) -> None:
        metadata.create_all(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with _meanings(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        with _meanings():
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            with _meanings():
                taken = connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK})
            if not taken:
                raise Busy("another process writes this archive")
            yield
        finally:
            connection.invalidate()  # closed, not put back: the lock is the connection's
            connection.close()

    def make_room(self, table: Table, timestamps: Iterable[int]) -> None:
        if not table.info.get(PARTITIONED):
            return
        months = {_month(timestamp) for timestamp in timestamps}
        with self._making:
            for month in sorted(months):
                if (name := _part(table.name, month)) not in self._parts:
                    self._make(table.name, name, month)
                    self._parts.add(name)

    def _make(self, table: str, name: str, month: int) -> None:
        """Made first and attached then: so readers of the table do not wait."""
        with self.writing() as connection:
            if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is not None:
                return
            connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
            connection.exec_driver_sql(
                f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({_start(month)}) TO ({_end(month)})"
            )

    def add(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        with _meanings(), driver.cursor() as cursor, cursor.copy(self._statement(table)) as copy:
            for values in rows:
                copy.write_row(values)

    def _statement(self, table: Table) -> str:
        if table.name not in self._copying:
            quote = self.engine.dialect.identifier_preparer.quote
            columns = ", ".join(quote(column.name) for column in table.columns)
            self._copying[table.name] = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
        return self._copying[table.name]

    def upsert(self, table: Table) -> Upsert:
        return insert(table)

    def found(self, table: Table, terms: Sequence[Term]) -> ColumnElement[bool]:
        wanted = " & ".join(_quoted(term) for term in terms)
        return table.c.words.bool_op("@@")(cast(bindparam(None, wanted), TSQUERY))

    def forget(self, table: Table, before: int, only: ColumnElement[bool] | None = None) -> int:
        if table.info.get(PARTITIONED):
            assert only is None, "a month is dropped whole"
            return self._drop(table.name, before)
        return self._delete(table, before, only)

    def _drop(self, table: str, before: int) -> int:
        """Whole months only: nothing is rewritten, and the room is free at once."""
        removed = 0
        for name in self._existing(table):
            if _ends(name) > before:
                continue
            with self.writing() as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                removed += connection.scalar(_about_rows(), {"name": name}) or 0
                connection.exec_driver_sql(f"DROP TABLE {name}")
            with self._making:
                self._parts.discard(name)
        return removed

    def _existing(self, table: str) -> list[str]:
        query = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:name AS regclass)")
        with _meanings(), self.engine.connect() as connection:
            return sorted(connection.scalars(query, {"name": table}))

    def _delete(self, table: Table, before: int, only: ColumnElement[bool] | None) -> int:
        keys, removed = tuple(table.primary_key.columns), 0
        while True:
            with self.writing() as connection:
                old = select(*keys).where(table.c.timestamp < before, *([] if only is None else [only])).limit(STEP)
                step = connection.execute(table.delete().where(tuple_(*keys).in_(old))).rowcount
            removed += step
            if step < STEP:
                return removed

    def size(self) -> int:
        with _meanings(), self.engine.connect() as connection:
            return connection.scalar(text("SELECT pg_database_size(current_database())")) or 0

    def rows(self) -> Mapping[str, int]:
        """By the statistics that autovacuum and inserts keep: exact to a percent or so, and at once."""
        query = text(
            "SELECT parent.relname, sum(coalesce(stat.n_live_tup, 0))::bigint FROM pg_class parent "
            "JOIN pg_namespace ON pg_namespace.oid = parent.relnamespace AND nspname = current_schema() "
            "LEFT JOIN pg_inherits ON inhparent = parent.oid "
            "LEFT JOIN pg_stat_user_tables stat ON stat.relid = coalesce(inhrelid, parent.oid) "
            "WHERE parent.relname = ANY(:names) GROUP BY parent.relname"
        )
        with _meanings(), self.engine.connect() as connection:
            found = connection.execute(query, {"names": list(metadata.tables)}).all()
        return {name: int(count or 0) for name, count in found}


@contextmanager
def _meanings() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _meant(error.orig, error) from error
    except psycopg.Error as error:
        raise _meant(error, error) from error


def _meant(original: BaseException | None, otherwise: Exception) -> Exception:
    if isinstance(original, _NEVER_TAKEN):
        return Refused(str(original).strip())
    if isinstance(original, psycopg.OperationalError | psycopg.InterfaceError | psycopg.errors.InternalError):
        return Away(str(original).strip())
    return otherwise


def _about_rows() -> Any:
    return text("SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = CAST(:name AS regclass)")


def _quoted(term: Term) -> str:
    """A word as tsquery takes it: in quotes nothing in it is an operator. Words have no quotes themselves."""
    return f"{'!' if term.without else ''}'{term.word}'{':*' if term.prefix else ''}"


def _month(timestamp: int) -> int:
    """Months since the year 0; those outside of what has parts are the ones before the first and after the last."""
    try:
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return FIRST_MONTH - 1 if timestamp < 0 else LAST_MONTH
    return min(max(at.year * 12 + at.month - 1, FIRST_MONTH - 1), LAST_MONTH)


def _part(table: str, month: int) -> str:
    """The name of a part, such as events_2026_11: in the order of time when sorted."""
    return f"{table}_{month // 12:04}_{month % 12 + 1:02}"


def _start(month: int) -> str:
    return "MINVALUE" if month < FIRST_MONTH else str(_ms(month))


def _end(month: int) -> str:
    return "MAXVALUE" if month >= LAST_MONTH else str(_ms(month + 1))


def _ends(name: str) -> int:
    """When a part ends, in milliseconds, by its name; the last one never does."""
    year, month = name.strip('"').rsplit("_", 2)[1:]
    number = int(year) * 12 + int(month) - 1
    return 2**62 if number >= LAST_MONTH else _ms(number + 1)


def _ms(month: int) -> int:
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)
