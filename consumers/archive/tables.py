"""The archive's tables: the same names and columns in SQLite and PostgreSQL.

Instants are milliseconds since the epoch, UTC, as Kafka has them: both databases count, compare and partition those
alike. Every table of `LOGS` has one row for each record of its topics. What stands in several records of the log is
kept in `alerts`, `groups` and `silences` as it was said last.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

metadata = MetaData()

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Words = Text().with_variant(TSVECTOR(), "postgresql")

EVENTS, FACTS, INBOX, ALERT_STATES, NOTICES, DEAD_LETTERS, AUDIT = (
    "events",
    "facts",
    "inbox",
    "alert_states",
    "notices",
    "dead_letters",
    "audit",
)
"""The kinds of records, and the tables they are in."""

PARTITIONED = "partitioned by month"
"""The key of a table's `info` that says that PostgreSQL has it in one part for each month."""

versions = Table(
    "archive_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("space", Text, nullable=False, comment="whose archive it is"),
    Column("at", BigInteger, nullable=False, comment="when the database was brought to it"),
)

topics = Table(
    "topics",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, comment="the topic, without its space"),
    Column("incarnation", Integer, nullable=False, comment="how often a topic of this name had been made before"),
    Column("kafka_id", Text, comment="the cluster's own id of it; NULL: the cluster does not tell"),
    Index("topics_name", "name", "incarnation", unique=True),
)

places = Table(
    "places",
    metadata,
    Column("topic", ForeignKey("topics.id"), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next", BigInteger, nullable=False, comment="the offset that is read next"),
    Column("at", BigInteger, nullable=False, comment="when it was written last"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("topic", ForeignKey("topics.id"), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("first", BigInteger, primary_key=True, comment="the first offset that was gone before it was read"),
    Column("end", BigInteger, nullable=False, comment="the one after the last"),
    Column("at", BigInteger, nullable=False, comment="when that was noticed"),
)


def _log(name: str, *indexes: tuple[str, ...]) -> Table:
    """A table with a row for each record. Indexes end with time and number: lists are shown newest first, in pages."""
    return Table(
        name,
        metadata,
        Column("number", BigInteger, primary_key=True, autoincrement=False, comment="topic, partition, offset: one"),
        Column("timestamp", BigInteger, primary_key=True, autoincrement=False, comment="the record's, on the log"),
        Column("topic", Integer, nullable=False, comment="topics.id"),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", Text, comment="the record's key"),
        Column("type", Text, comment="CloudEvents type; NULL: it is no event, see problem"),
        Column("source", Text),
        Column("id", Text),
        Column("subject", Text, comment="<kind>/<id>"),
        Column("time", BigInteger, comment="the event's own time"),
        Column("department", Text),
        Column("rule", Text, comment="<department>.<rule>"),
        Column("about", Text, comment="what it concerns besides its subject: an alert's subject, what was acted on"),
        Column("body", Json, comment="the whole CloudEvent; NULL: a tombstone, or see raw"),
        Column("headers", Json, comment="[[name, text]], the usual ones left out"),
        Column("raw", LargeBinary, comment="the value as it was, where body does not hold it"),
        Column("raw_key", LargeBinary, comment="the key as it was, where key does not hold it whole"),
        Column("problem", Text, comment="why it could not be read"),
        Column("words", Words, comment="what it is found by"),
        *(Index(f"{name}_{columns[0]}", *columns, "number") for columns in (*indexes, ("timestamp",))),
        _found_by_words(name),
        info={PARTITIONED: True},
        postgresql_partition_by="RANGE (timestamp)",
    )


def _found_by_words(name: str) -> Index:
    """PostgreSQL's; SQLite has a table beside for it."""
    return Index(f"{name}_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql")


events = _log(EVENTS, ("subject", "timestamp"), ("department", "timestamp"), ("id",))
facts = _log(FACTS, ("subject", "timestamp"))
inbox = _log(INBOX, ("subject", "timestamp"), ("type", "timestamp"))
alert_states = _log(ALERT_STATES, ("subject", "timestamp"), ("about", "timestamp"))
notices = _log(NOTICES, ("subject", "timestamp"))
dead_letters = _log(DEAD_LETTERS, ("key", "timestamp"))
audit = _log(AUDIT, ("subject", "timestamp"), ("about", "timestamp"))

LOGS: dict[str, Table] = {
    table.name: table for table in (events, facts, inbox, alert_states, notices, dead_letters, audit)
}

alerts = Table(
    "alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("starts_at", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False, comment="of the record that said so last"),
    Column("timestamp", BigInteger, nullable=False, comment="of that record"),
    Column("status", Text, nullable=False, comment="firing or resolved"),
    Column("rule", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("ends_at", BigInteger),
    Column("due", BigInteger),
    Column("suppressed", Boolean, nullable=False, comment="whether it was ever explained by another alert"),
    Column("acknowledged_at", BigInteger, comment="first; NULL: never"),
    Column("acknowledged_by", Text, comment="who was the first"),
    Column("highest_step", Integer, nullable=False, comment="how far it climbed"),
    Column("labels", Json, nullable=False),
    Column("body", Json, nullable=False, comment="the alert's data as said last"),
    Column("gone_at", BigInteger, comment="when alerting forgot it"),
    Index("alerts_starts_at", "starts_at", "number"),
    Index("alerts_subject", "subject", "starts_at", "number"),
    Index("alerts_rule", "rule", "starts_at", "number"),
    Index("alerts_department", "department", "starts_at", "number"),
    Index("alerts_status", "status", "starts_at", "number"),
    comment="One row for each time that an alert fired, as it stood last.",
)

groups = Table(
    "groups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("labels", Json, nullable=False),
    Column("body", Json, nullable=False),
    Column("gone_at", BigInteger),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("body", Json, nullable=False),
    Column("gone_at", BigInteger),
    Index("silences_starts_at", "starts_at"),
)

notice_alerts = Table(
    "notice_alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("timestamp", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="the notice's, in notices"),
    info={PARTITIONED: True},
    postgresql_partition_by="RANGE (timestamp)",
    comment="Which alerts a notice told of.",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="the record's, in inbox"),
    Column("timestamp", BigInteger, primary_key=True, autoincrement=False),
    Column("notice", Text, nullable=False, comment="the notice's id"),
    Column("receiver", Text, nullable=False),
    Column("outcome", Text, nullable=False, comment="delivered or failed"),
    Column("channel", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("escalation_step", Integer, nullable=False),
    Column("error", Text),
    Index("deliveries_notice", "notice"),
    Index("deliveries_receiver", "receiver", "timestamp", "number"),
    info={PARTITIONED: True},
    postgresql_partition_by="RANGE (timestamp)",
    comment="What became of notices.",
)

counts = Table(
    "counts",
    metadata,
    Column("hour", BigInteger, primary_key=True, autoincrement=False, comment="its beginning"),
    Column("kind", Text, primary_key=True, comment="the table that the records are in"),
    Column("department", Text, primary_key=True, comment="'' where there is none"),
    Column("type", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("records", BigInteger, nullable=False),
    comment="How many records there were, by the hour. Counted as they are written; retention leaves them.",
)

HOUR = 3_600_000

TOPIC_BITS, PARTITION_BITS, OFFSET_BITS = 12, 14, 37


def number(topic: int, partition: int, offset: int) -> int:
    """The one number that stands for where a record stood; records of a partition are in its order.

    Room: 4,096 topics, 16,384 partitions each, 137 thousand million records each. Raises ValueError beyond.
    """
    if topic >> TOPIC_BITS or partition >> PARTITION_BITS or offset >> OFFSET_BITS:
        raise ValueError(f"the archive has no number for topic {topic}, partition {partition}, offset {offset}")
    return (topic << PARTITION_BITS | partition) << OFFSET_BITS | offset


Values = dict[str, Any]
"""A row, by column."""
