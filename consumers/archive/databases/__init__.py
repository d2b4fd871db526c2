"""The two databases that an archive may be in, behind one small interface: all differences are in this folder."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from consumers.archive.databases.base import Database, NotOpened
from consumers.archive.databases.postgresql import PostgreSQL
from consumers.archive.databases.sqlite import SQLite


def database(url: str) -> Database:
    """The database at an address; nothing is connected yet. Raises NotOpened for an address of another kind."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise NotOpened(f"this is no address of a database: give {EXAMPLES}") from error
    match address.get_backend_name():
        case "sqlite":
            return SQLite(address)
        case "postgresql":
            return PostgreSQL(address)
        case other:
            raise NotOpened(f"an archive cannot be in {other}: give {EXAMPLES}")


EXAMPLES = "sqlite:////var/lib/backoffice/archive.db or postgresql://user:password@host/database"
