"""Writing a batch of records: rows, what they change, and how far we are, in one transaction."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, and_, bindparam, case, func, or_

from consumers.archive.databases.base import Database, Refused
from consumers.archive.places import Partition, move
from consumers.archive.rows import Row, kept_raw, row
from consumers.archive.standing import Standing
from consumers.archive.tables import LOGS, Values, alerts, counts, deliveries, groups, notice_alerts, silences
from consumers.partition import Stood

log = logging.getLogger(__name__)

Moves = Mapping[Partition, tuple[int | None, int]]
"""Of each partition, the place we are at (None: none yet), and the one after this batch."""


class Writer:
    """`refused` counts records that the database would take only as they were, unread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.refused = 0

    def write(self, batch: Sequence[tuple[Stood, int, str]], moves: Moves) -> int:
        """Records with their topic's id and name without the space, each partition's in order.

        Returns how many of them are no events, and kept as they were. Raises Away, and Lost when somebody else has
        written them: nothing of the batch is there then.
        """
        rows = [row(*one) for one in batch]
        try:
            self._put(rows, moves)
        except Refused as error:
            log.warning("the database refuses a row of %d, which is looked for: %s", len(rows), error)
            rows = self._acceptable(batch, rows)
            self._put(rows, moves)
        return sum(1 for one in rows if not one.type and not one.gone)

    def _put(self, rows: Sequence[Row], moves: Moves) -> None:
        standing = Standing()
        standing.take(rows)
        by_table = _by_table(rows)
        for name, of_table in by_table.items():
            self._database.make_room(LOGS[name], (one.timestamp for one in of_table))
        self._database.make_room(deliveries, (values["timestamp"] for values in standing.deliveries))
        self._database.make_room(notice_alerts, (timestamp for _, timestamp, _ in standing.notice_alerts))
        with self._database.writing() as connection:
            move(connection, moves)  # first: who is not where they believe to be writes nothing
            for name, of_table in by_table.items():
                self._database.add(connection, LOGS[name], [one.values for one in of_table])
            self._stand(connection, standing)

    def _acceptable(self, batch: Sequence[tuple[Stood, int, str]], rows: Sequence[Row]) -> list[Row]:
        """The rows, those that the database refuses by themselves replaced by the records as they were."""
        found: list[Row] = []
        for (stood, *_), made in zip(batch, rows, strict=True):
            try:
                self._try(made)
            except Refused as error:
                log.warning("%s[%d]@%d is kept unread: %s", stood.topic, stood.partition, stood.offset, error)
                self.refused += 1
                made = kept_raw(made, stood, str(error)[:500])
            found.append(made)
        return found

    def _try(self, made: Row) -> None:
        """Writes a row and takes it back."""
        self._database.make_room(LOGS[made.table], [made.timestamp])
        standing = Standing()
        standing.take([made])
        with self._database.writing() as connection:
            self._database.add(connection, LOGS[made.table], [made.values])
            self._stand(connection, standing)
            connection.rollback()

    def _stand(self, connection: Connection, standing: Standing) -> None:
        self._alerts(connection, standing)
        for table, said in ((groups, standing.groups), (silences, standing.silences)):
            if said:
                put = self._database.upsert(table)
                changes = {column.name: put.excluded[column.name] for column in table.columns if column.name != "id"}
                connection.execute(
                    put.on_conflict_do_update(
                        index_elements=[table.c.id], set_=changes, where=put.excluded.number > table.c.number
                    ),
                    list(said.values()),
                )
        self._gone(connection, standing)
        if standing.notice_alerts:
            told = [dict(zip(notice_alerts.columns.keys(), one, strict=True)) for one in sorted(standing.notice_alerts)]
            connection.execute(notice_alerts.insert(), told)
        if standing.deliveries:
            connection.execute(deliveries.insert(), standing.deliveries)
        if standing.counts:
            put = self._database.upsert(counts)
            more = {"records": counts.c.records + put.excluded.records}
            counted = [{**hour._asdict(), "records": n} for hour, n in sorted(standing.counts.items())]
            connection.execute(put.on_conflict_do_update(index_elements=counts.primary_key.columns, set_=more), counted)

    def _alerts(self, connection: Connection, standing: Standing) -> None:
        """Each time that an alert fired has one row. What only ever happens to it once is not taken back."""
        if not standing.alerts:
            return
        put = self._database.upsert(alerts)
        said = put.excluded
        kept: Values = {
            "suppressed": or_(alerts.c.suppressed, said.suppressed),
            "acknowledged_at": func.coalesce(alerts.c.acknowledged_at, said.acknowledged_at),
            "acknowledged_by": func.coalesce(alerts.c.acknowledged_by, said.acknowledged_by),
            "highest_step": _greater(alerts.c.highest_step, said.highest_step),
        }
        keys = ("fingerprint", "starts_at")
        changes = {c.name: said[c.name] for c in alerts.columns if c.name not in (*keys, *kept)} | kept
        connection.execute(
            put.on_conflict_do_update(
                index_elements=[alerts.c[key] for key in keys], set_=changes, where=said.number > alerts.c.number
            ),
            list(standing.alerts.values()),
        )
        self._moved(connection, standing.alerts.keys())

    def _moved(self, connection: Connection, said: Iterable[tuple[str, int]]) -> None:
        """An alert fires once at a time: what still seems to fire from another time on has been moved, or is over.

        Another program may say later that its alert began earlier; and the end of one may have been compacted away
        before it was read.
        """
        latest = dict(said)  # of several the one that was said last
        firing = and_(alerts.c.fingerprint == bindparam("of"), alerts.c.status == "firing")
        later, earlier = alerts.c.starts_at > bindparam("from"), alerts.c.starts_at < bindparam("from")
        which = [{"of": fingerprint, "from": starts_at} for fingerprint, starts_at in latest.items()]
        connection.execute(alerts.delete().where(firing, later), which)
        over = {"status": "resolved", "ends_at": bindparam("from")}
        connection.execute(alerts.update().where(firing, earlier).values(over), which)

    def _gone(self, connection: Connection, standing: Standing) -> None:
        """What is no more stays in the archive, and says so."""
        for key, at in standing.gone.items():
            kind, _, id = key.partition("/")
            match kind:
                case "alert":
                    which = alerts.update().where(alerts.c.fingerprint == id, alerts.c.gone_at.is_(None))
                case "group":
                    which = groups.update().where(groups.c.id == id)
                case "silence":
                    which = silences.update().where(silences.c.id == id)
                case _:
                    continue
            connection.execute(which.values(gone_at=at))


def _greater(one: object, other: object) -> object:
    """The greater of two columns; the two databases have different functions for it."""
    return case((one > other, one), else_=other)  # type: ignore[operator]


def _by_table(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for one in rows:
        found[one.table].append(one)
    return found
