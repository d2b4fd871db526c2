"""How far the archive is, topic by topic: the rows that are written in the same transaction as the records."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from consumers.archive.tables import TOPIC_BITS, gaps, places, topics


class Lost(Exception):
    """Somebody else has written what we were about to write: what we know of our place is old."""


class Partition(NamedTuple):
    """One partition of one topic of the archive's table."""

    topic: int
    partition: int


@dataclass(frozen=True, slots=True)
class Topic:
    """One making of a topic. `id` is the archive's, `kafka_id` the cluster's."""

    id: int
    name: str
    incarnation: int
    kafka_id: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Records that were gone before they were read: offsets from `first`, up to before `end`."""

    partition: Partition
    first: int
    end: int


def current_topics(connection: Connection) -> dict[str, Topic]:
    """The latest making of each topic, by name."""
    found = connection.execute(select(topics).order_by(topics.c.incarnation))
    return {row.name: Topic(row.id, row.name, row.incarnation, row.kafka_id) for row in found}


def add_topic(connection: Connection, name: str, kafka_id: str | None) -> Topic:
    """A topic that is met for the first time, or has been made anew. Raises ValueError when there are too many."""
    before = connection.scalar(select(func.max(topics.c.incarnation)).where(topics.c.name == name))
    made = Topic(
        (connection.scalar(select(func.max(topics.c.id))) or 0) + 1,
        name,
        0 if before is None else before + 1,
        kafka_id,
    )
    if made.id >> TOPIC_BITS:
        raise ValueError(f"the archive has room for {1 << TOPIC_BITS} topics, those made anew counted again")
    values = {"id": made.id, "name": name, "incarnation": made.incarnation, "kafka_id": kafka_id}
    connection.execute(topics.insert().values(values))
    return made


def known_places(connection: Connection) -> dict[Partition, int]:
    """The offset that is read next, of each partition that anything has been read of."""
    return {Partition(row.topic, row.partition): row.next for row in connection.execute(select(places))}


def move(connection: Connection, moves: Mapping[Partition, tuple[int | None, int]]) -> None:
    """From the place we believe to be at (None: none yet) to the next. Raises Lost where we are not there.

    So of two writers that both believe to be the only one, one fails, and nothing is there twice.
    """
    now = int(time.time() * 1000)
    for partition, (before, after) in sorted(moves.items()):
        if before is None:
            here = connection.scalar(select(places.c.next).where(_at(partition)))
            if here is not None:
                raise Lost(f"somebody else has begun with {partition}")
            connection.execute(places.insert().values(**partition._asdict(), next=after, at=now))
            continue
        moved = connection.execute(
            update(places).where(_at(partition), places.c.next == before).values(next=after, at=now)
        )
        if moved.rowcount != 1:
            raise Lost(f"somebody else has gone on from {before} in {partition}")


def note_gap(connection: Connection, gap: Gap) -> None:
    connection.execute(
        gaps.insert().values(**gap.partition._asdict(), first=gap.first, end=gap.end, at=int(time.time() * 1000))
    )


def _at(partition: Partition) -> ColumnElement[bool]:
    return and_(places.c.topic == partition.topic, places.c.partition == partition.partition)
