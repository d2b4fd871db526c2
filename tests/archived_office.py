"""An archive of what an office in memory said, in a SQLite file."""

from itertools import groupby
from pathlib import Path

from consumers.archive.databases import database
from consumers.archive.databases.base import Database
from consumers.archive.migrations import prepare
from consumers.archive.places import Partition, add_topic
from consumers.archive.reading import Archive
from consumers.archive.rows import table_of
from consumers.archive.writer import Writer
from consumers.partition import Stood
from processors.records import Output
from processors.store import to_ms
from tests.office import Office

SPACE = "office"


def archived(office: Office, folder: Path) -> Archive:
    """Everything that it said until now, in the order in which it did; each topic has one partition."""
    found = database(f"sqlite:///{folder / 'archive.db'}")
    write(office, found)
    return Archive(found)


def write(office: Office, found: Database) -> None:
    """Into an empty database."""
    prepare(found, SPACE)
    said = [(topic, n, output) for topic, outputs in sorted(office.records.items()) for n, output in enumerate(outputs)]
    writer = Writer(found)
    for topic, of_topic in groupby(said, key=lambda one: one[0]):
        if table_of(topic) is None:
            continue
        with found.writing() as connection:
            known = add_topic(connection, topic, None)
        batch = [(_stood(n, output), known.id, topic) for _, n, output in of_topic]
        writer.write(batch, {Partition(known.id, 0): (None, len(batch))})


def _stood(offset: int, output: Output) -> Stood:
    key = None if output.key is None else bytes(output.key)
    return Stood(f"{SPACE}.{output.topic}", 0, offset, to_ms(output.at), key, output.value, output.headers)
