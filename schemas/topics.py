"""The topic table: every topic of a space with its key, partitions, retention, compaction and timestamp type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

INBOX_MAX_BYTES = 1_048_576
"""The largest record an inbox takes, in bytes, key and headers included."""

DEAD_LETTER_MAX_BYTES = 2 * INBOX_MAX_BYTES
"""A record near the inbox's limit must still fit among the dead letters, with its headers."""

CONTENT = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Space:
    """An organisation's own topics, groups and changelogs, told apart by a prefix.

    `replay` spaces (imports, the demo, tests, what-if) carry the events' own time and keep everything;
    live ones are stamped by the broker as records arrive.
    """

    name: str = "backoffice"
    replay: bool = False

    def topic(self, name: str) -> str:
        return f"{self.name}.{name}"

    def short(self, topic: str) -> str:
        """A topic's name without this space."""
        return topic.removeprefix(f"{self.name}.")

    @property
    def group(self) -> str:
        """The consumer group of the processors."""
        return f"{self.name}.processors"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic as it must be on the cluster. `retention` None keeps records for ever."""

    name: str
    says: str
    key: str
    partitions: int
    retention: timedelta | None
    compacted: bool
    timestamps: str
    max_bytes: int = INBOX_MAX_BYTES
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, str]:
        """The Kafka topic configuration that `topics apply` reconciles."""
        ms = -1 if self.retention is None else int(self.retention.total_seconds() * 1000)
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(ms),
            "message.timestamp.type": self.timestamps,
            "max.message.bytes": str(self.max_bytes),
            **self.extra,
        }


YEAR = timedelta(days=366)
CHANGELOG_DELETE_RETENTION = timedelta(days=7)
"""How long a changelog keeps that a row was dropped: a worker's disk may stand still as long and still be caught up."""

_CHANGELOG = {
    "segment.bytes": str(64 * 1024 * 1024),
    "min.cleanable.dirty.ratio": "0.3",
    "delete.retention.ms": str(int(CHANGELOG_DELETE_RETENTION.total_seconds() * 1000)),
}


def changelog(processor: str) -> str:
    """The topic, without its space, that holds the state of a processor."""
    return f"changelog.{processor}"


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table. `single`: one partition, whatever the space has; else as many as its inboxes."""

    name: str
    says: str
    key: str
    single: bool = False
    keep: timedelta | None = None
    compacted: bool = False
    max_bytes: int = INBOX_MAX_BYTES
    extra: Mapping[str, str] = field(default_factory=dict)

    def spec(self, space: Space, partitions: int) -> TopicSpec:
        return TopicSpec(
            space.topic(self.name),
            self.says,
            self.key,
            1 if self.single else partitions,
            None if space.replay else self.keep,
            self.compacted,
            "CreateTime" if space.replay else "LogAppendTime",
            self.max_bytes,
            self.extra,
        )


_SHARED = (
    _Row("facts", "what one department publishes for rules over several", "correlation key"),
    _Row("alerting", "alerting's inbox: signals, commands, delivery outcomes", "subject", single=True),
    _Row("alerts", "the current state of each alert, for consumers", "identity", single=True, compacted=True),
    _Row("notices", "tell this receiver this, for this reason", "receiver", single=True, keep=YEAR),
    _Row(
        "dead-letters",
        "records that could not be read or applied",
        "original key",
        single=True,
        keep=YEAR,
        max_bytes=DEAD_LETTER_MAX_BYTES,
    ),
    _Row("dead-letters-handled", "which dead letters were redriven or discarded", "letter", single=True, keep=2 * YEAR),
    _Row("audit", "what a person did or looked at", "who", single=True),
    _Row("feeds", "how far each feed into this space has come", "feed", single=True, compacted=True),
)


def topics(space: Space, inboxes: Mapping[str, str], partitions: int = 4) -> tuple[TopicSpec, ...]:
    """Every topic of a space. `inboxes` maps processors to their inboxes (`accounting` → `events.accounting`)."""
    entrances = (
        _Row(inbox, f"what happened, for {name}", "aggregate <kind>/<id>")
        for name, inbox in inboxes.items()
        if inbox.startswith("events.")
    )
    changelogs = (
        _Row(
            changelog(name),
            f"the state of {name}",
            "state row",
            single=inbox == "alerting",
            compacted=True,
            extra=_CHANGELOG,
        )
        for name, inbox in inboxes.items()
    )
    return tuple(row.spec(space, partitions) for row in (*entrances, *_SHARED, *changelogs))


def names(specs: Sequence[TopicSpec]) -> list[str]:
    return [spec.name for spec in specs]
