"""Records as they stand on the log, for the archive, and an archive that is fed with them by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from consumers.archive.databases.base import Database
from consumers.archive.migrations import prepare
from consumers.archive.places import Partition, Topic, add_topic, current_topics, known_places
from consumers.archive.reading import Archive
from consumers.archive.source import Batch
from consumers.archive.writer import Writer
from consumers.partition import Stood
from schemas.accounting import InvoiceReceived
from schemas.alerts import Alert
from schemas.audit import ActionRecorded
from schemas.codec import HEADERS, Headers, encode
from schemas.envelope import About, Event
from tests.happenings import example

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SPACE = "test"
SOURCE = "/tests"


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def stood(
    topic: str,
    offset: int,
    value: bytes | None,
    *,
    key: bytes | None = b"vendor/acme",
    at: datetime = START,
    partition: int = 0,
    headers: Headers = HEADERS,
) -> Stood:
    """`topic` is without its space."""
    return Stood(f"{SPACE}.{topic}", partition, offset, ms(at), key, value, tuple(headers))


def said(
    event: Event, subject: str, offset: int, *, at: datetime = START, partition: int = 0, topic: str = ""
) -> Stood:
    """An event on its topic."""
    value = encode(event, About(f"e-{partition}-{offset}", SOURCE, subject, at))
    return stood(topic or event.topic, offset, value, key=subject.encode(), at=at, partition=partition)


def invoice(offset: int, *, vendor: str = "acme", number: str = "", at: datetime = START, partition: int = 0) -> Stood:
    event = example(InvoiceReceived).model_copy(update={"number": number or f"INV-{offset}"})
    return said(event, f"vendor/{vendor}", offset, at=at, partition=partition)


def alert(offset: int, fingerprint: str = "a" * 16, *, at: datetime = START, **changes: Any) -> Stood:
    values: dict[str, Any] = {
        "fingerprint": fingerprint,
        "status": "firing",
        "rule": "accounting.duplicate_invoice",
        "subject": "vendor/acme",
        "labels": {"alertname": "accounting.duplicate_invoice", "department": "accounting", "severity": "error"},
        "annotations": {"summary": "Invoice INV-7 of acme came twice"},
        "starts_at": START,
        **changes,
    }
    return said(Alert(**values), f"alert/{fingerprint}", offset, at=at)


def gone(topic: str, offset: int, key: str, *, at: datetime = START) -> Stood:
    return stood(topic, offset, None, key=key.encode(), at=at, headers=())


def looked(offset: int, who: str = "dana", on: str = "employee/E-1", *, at: datetime = START) -> Stood:
    return said(ActionRecorded(action="employee.view", on=on), f"person/{who}", offset, at=at)


def hours(n: float) -> datetime:
    return START + timedelta(hours=n)


class Archiving:
    """An archive that takes what it is given, as the writer does what comes from the log."""

    def __init__(self, database: Database) -> None:
        self.database = database
        prepare(database, SPACE)
        self.writer = Writer(database)
        self.archive = Archive(database)

    def topic(self, name: str) -> Topic:
        with self.database.writing() as connection:
            known = current_topics(connection)
            return known[name] if name in known else add_topic(connection, name, None)

    def batch(self, records: Sequence[Stood]) -> Batch:
        """As the source makes one: from the places on record."""
        topics = {name: self.topic(name) for name in dict.fromkeys(_short(one) for one in records)}
        with self.database.engine.connect() as connection:
            places = known_places(connection)
        batch = Batch()
        for record in records:
            topic = topics[_short(record)]
            where = Partition(topic.id, record.partition)
            batch.records.append((record, topic.id, topic.name))
            batch.moves[where] = places.get(where), record.offset + 1
        return batch

    def takes(self, *records: Stood) -> "Archiving":
        batch = self.batch(records)
        self.writer.write(batch.records, batch.moves)
        return self


def _short(record: Stood) -> str:
    return record.topic.removeprefix(f"{SPACE}.")
