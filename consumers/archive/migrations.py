"""The archive's schema by version: made, brought up to date, and refused where it is newer than this program."""

import time
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select

from consumers.archive.databases.base import Database, NotOpened
from consumers.archive.tables import versions

Step = Callable[[Connection], None]

STEPS: Mapping[int, Step] = {}
"""What brings a database from the version before to this one, by version: 2, 3, … A new database needs none."""


def prepare(database: Database, space: str, steps: Mapping[int, Step] = STEPS) -> int:
    """Makes the tables, or brings them up to date, all in one transaction; returns the version. Raises NotOpened, Away.

    A database is the archive of one space for good.
    """
    wanted = max(steps, default=1)
    with database.writing() as connection:
        found = _version(connection, space, wanted)
        if found is None:
            database.create(connection)
        for version in range((found or wanted) + 1, wanted + 1):
            steps[version](connection)
        if found != wanted:
            now = int(time.time() * 1000)
            connection.execute(versions.insert().values(version=wanted, space=space, at=now))
    return wanted


def check(database: Database, space: str | None = None, steps: Mapping[int, Step] = STEPS) -> None:
    """For who only reads. Raises NotOpened where there is nothing to read, or nothing that this program can read."""
    wanted = max(steps, default=1)
    with database.engine.connect() as connection:
        found = _version(connection, space, wanted)
    if found is None:
        raise NotOpened("nothing has been archived yet: start `backoffice archive run`, or `backoffice run`")
    if found < wanted:
        raise NotOpened(f"the archive has schema version {found}; `backoffice archive run` brings it to {wanted}")


def _version(connection: Connection, space: str | None, known: int) -> int | None:
    """The newest version on record; None: the database is empty. Raises NotOpened."""
    if not inspect(connection).has_table(versions.name):
        return None
    newest = connection.execute(select(versions).order_by(versions.c.version.desc()).limit(1)).one_or_none()
    if newest is None:
        return None
    if newest.version > known:
        raise NotOpened(
            f"the archive has schema version {newest.version}, this program knows up to {known}: "
            "use the newer program that has written it"
        )
    if space is not None and newest.space != space:
        raise NotOpened(f"this is the archive of space {newest.space}, not of {space}: give each its own database")
    found: int = newest.version
    return found
