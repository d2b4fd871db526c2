"""What an archive wants of a database."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite

from consumers.archive.words import Term

Upsert = sqlite.Insert | postgresql.Insert
"""An INSERT that can do something else ON CONFLICT."""


class NotOpened(Exception):
    """The archive cannot be used as it is; the text says why and what to do."""


class Away(Exception):
    """The database does not answer, or is full, or stopped: later it may take what it did not take now."""


class Refused(Exception):
    """The database will never take these rows as they are."""


class Busy(Exception):
    """Another process writes this archive."""


class Database(Protocol):
    """`engine` is for reading; who writes uses `writing`."""

    engine: Engine

    def create(self, connection: Connection) -> None:
        """Makes what an empty database needs."""

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction, committed at the end of the block. Raises Away, Refused."""

    def alone(self) -> AbstractContextManager[None]:
        """The block is the only one of all processes that is in such a block. Raises Busy, Away."""

    def make_room(self, table: Table, timestamps: Iterable[int]) -> None:
        """Prepares for rows of these times; before their transaction. Raises Away."""

    def add(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Adds rows, values in the order of the table's columns, JSON as text. Raises Away, Refused."""

    def upsert(self, table: Table) -> Upsert:
        """For a row that may be there already."""

    def found(self, table: Table, terms: Sequence[Term]) -> ColumnElement[bool]:
        """Whether a row has these words."""

    def forget(self, table: Table, before: int, only: ColumnElement[bool] | None = None) -> int:
        """Removes rows that are older, in steps that hold nobody up; returns how many, about. Raises Away.

        `only`: those for which this holds as well; of a table that is not in parts.
        """

    def size(self) -> int:
        """Bytes on disk."""

    def rows(self) -> Mapping[str, int]:
        """About how many rows each table has; without counting where that takes long."""
