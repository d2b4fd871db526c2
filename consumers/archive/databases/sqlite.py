"""SQLite: one file, one writer, any number of readers beside it (WAL); full-text search in FTS5 tables beside."""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, Table, create_engine, event, func, select, text, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError

from consumers.archive.databases.base import Away, Busy, NotOpened, Refused, Upsert
from consumers.archive.tables import LOGS, metadata
from consumers.archive.words import Term

STEP = 5_000
"""Rows removed in one transaction."""

WAIT_SECONDS = 30.0
"""How long a transaction waits for another process's, which retention's steps and backups may be."""


class SQLite:
    """The archive in a file. `:memory:` is refused: readers and the writer are different connections."""

    def __init__(self, address: URL) -> None:
        if not address.database or address.database == ":memory:":
            raise NotOpened("an archive in SQLite is a file: give sqlite:////folder/archive.db")
        self.path = Path(address.database)
        address = address.set(drivername="sqlite")
        self.engine = _engine(address, "DEFERRED")
        self._writer = _engine(address, "IMMEDIATE")
        self._adding: dict[str, str] = {}

    def create(self, connection: Connection) -> None:
        metadata.create_all(connection)
        for name in LOGS:
            connection.exec_driver_sql(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {name}_words USING fts5(words, content='', "
                "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._writer.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise _meant(error) from error
        except OverflowError as error:
            raise Refused(str(error)) from error
        except OSError as error:
            raise Away(str(error)) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Away(f"{self.path}: {error}") from error
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system gives it back, however we end
            except BlockingIOError as error:
                raise Busy(f"another process writes {self.path}") from error
            yield
        finally:
            os.close(file)

    def make_room(self, table: Table, timestamps: Iterable[int]) -> None:
        """Nothing: one table takes them all."""

    def add(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        try:
            driver.executemany(self._statement(table), rows)
            if table.name in LOGS:
                driver.executemany(
                    f"INSERT INTO {table.name}_words(rowid, words) VALUES (?, ?)",
                    [(values[0], values[-1]) for values in rows],  # number and words: first and last
                )
        except (sqlite3.DataError, sqlite3.InterfaceError, OverflowError) as error:
            raise Refused(str(error)) from error
        except sqlite3.OperationalError as error:
            raise Away(str(error)) from error

    def _statement(self, table: Table) -> str:
        if table.name not in self._adding:
            self._adding[table.name] = str(table.insert().compile(dialect=self._writer.dialect))
        return self._adding[table.name]

    def upsert(self, table: Table) -> Upsert:
        return insert(table)

    def found(self, table: Table, terms: Sequence[Term]) -> ColumnElement[bool]:
        wanted = " AND ".join(_quoted(term) for term in terms if not term.without)
        for term in terms:
            if term.without:
                wanted = f"({wanted}) NOT {_quoted(term)}"
        matching = text(f"SELECT rowid FROM {table.name}_words WHERE {table.name}_words MATCH :wanted")
        return table.c.number.in_(matching.bindparams(wanted=wanted).columns(table.c.number).scalar_subquery())

    def forget(self, table: Table, before: int, only: ColumnElement[bool] | None = None) -> int:
        removed = 0
        while True:
            with self.writing() as connection:
                step = self._remove(connection, table, before, only)
            removed += step
            if step < STEP:
                return removed

    def _remove(self, connection: Connection, table: Table, before: int, only: ColumnElement[bool] | None) -> int:
        keys = tuple(table.primary_key.columns)
        old = select(*keys).where(table.c.timestamp < before, *([] if only is None else [only])).limit(STEP)
        if table.name in LOGS:  # an FTS5 table without content is told what it is to forget
            words = select(table.c.number, table.c.words).where(tuple_(*keys).in_(old))
            forgotten = [tuple(one) for one in connection.execute(words)]
            if forgotten:
                command = f"INSERT INTO {table.name}_words({table.name}_words, rowid, words) VALUES ('delete', ?, ?)"
                connection.exec_driver_sql(command, forgotten)
        return connection.execute(table.delete().where(tuple_(*keys).in_(old))).rowcount

    def size(self) -> int:
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def rows(self) -> Mapping[str, int]:
        with self.engine.connect() as connection:
            return {
                name: connection.scalar(select(func.count()).select_from(table)) or 0
                for name, table in metadata.tables.items()
            }


def _engine(address: URL, begin: str) -> Engine:
    engine = create_engine(address, connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(driver: sqlite3.Connection, record: object) -> None:
        driver.isolation_level = None  # transactions are begun below, and not by the driver where it sees fit
        with closing(driver.cursor()) as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA cache_size=-65536")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def _quoted(term: Term) -> str:
    """A word as FTS5 takes it: in quotes nothing in it is an operator. Words have no quotes themselves."""
    return f'"{term.word}"{"*" if term.prefix else ""}'


def _meant(error: DBAPIError) -> Exception:
    if isinstance(error.orig, sqlite3.OperationalError):
        return Away(str(error.orig))
    if isinstance(error.orig, sqlite3.DataError | sqlite3.InterfaceError):
        return Refused(str(error.orig))
    return error
