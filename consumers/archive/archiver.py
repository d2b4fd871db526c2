"""The archive's writer as a program: records in, rows out, for as long as it runs, whatever is away meanwhile."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from kafka.errors import KafkaError, OffsetOutOfRangeError

from consumers.archive.databases.base import Away, Busy, Database
from consumers.archive.meters import Meters
from consumers.archive.migrations import prepare
from consumers.archive.places import Lost
from consumers.archive.retention import retain
from consumers.archive.rows import table_of
from consumers.archive.settings import RetentionSettings
from consumers.archive.source import Batch, Describe, Source
from consumers.archive.writer import Writer
from consumers.log import Unreachable
from schemas.topics import Space

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before what was away is asked again."""

STANDBY_SECONDS = 2.0
"""How often one that waits for its turn asks whether it has come."""

LOOK_SECONDS = 30.0
"""How often topics and partitions are looked for."""

RETAIN_SECONDS = 3_600.0

STUCK_SECONDS = 300.0
"""After so long without a turn of its loop, the program counts as dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiverSettings:
    """What the writer needs to run."""

    bootstrap_servers: str
    space: Space = field(default_factory=Space)
    describe: Describe
    retention: RetentionSettings | None = None
    """None: everything is kept, as in a replay space, whose topics keep everything too."""
    batch_records: int = 5_000


class Archiver:
    """One run. `not_ready` and `not_alive` say, for whoever supervises it, what is wrong."""

    def __init__(
        self,
        settings: ArchiverSettings,
        database: Database,
        stop: Event,
        meters: Meters | None = None,
        written: Callable[[Batch], None] = lambda batch: None,
    ) -> None:
        """`written` is called after each batch that is committed."""
        self.meters = meters or Meters()
        self._settings = settings
        self._database = database
        self._stop = stop
        self._written = written
        self._not_ready: str | None = "it has not begun yet"
        self._turned = time.monotonic()
        self._pause = FIRST_PAUSE

    def not_ready(self) -> str | None:
        return self._not_ready

    def not_alive(self) -> str | None:
        still = time.monotonic() - self._turned
        return f"nothing has happened for {still:.0f} s" if still > STUCK_SECONDS else None

    def run(self) -> None:
        """Until stopped. What is away is waited for; raises NotOpened for a database that is not for us."""
        while not self._stop.is_set():
            self._turned = time.monotonic()
            try:
                with self._database.alone():
                    self._work()
            except Busy as error:
                self._stands_by(str(error))
            except Lost as error:
                log.warning("%s; what is on record counts, and is read anew", error)
                self._stop.wait(FIRST_PAUSE)
            except OffsetOutOfRangeError as error:
                log.warning("the log has dropped what was to be read next: %s", error)
            except Away as error:
                self._waits("database", error)
            except (Unreachable, KafkaError) as error:
                self._waits("broker", error)
            finally:
                self.meters.working.set(0)

    def _work(self) -> None:
        settings = self._settings
        prepare(self._database, settings.space.name)
        writer = Writer(self._database)
        for table, rows in self._database.rows().items():
            self.meters.rows.labels(table).set(rows)
        with Source(
            settings.bootstrap_servers, settings.space, self._database, settings.describe, settings.batch_records
        ) as source:
            log.info("archiving the space %s", settings.space.name)
            look = retain_at = 0.0
            while not self._stop.is_set():
                self._turned = now = time.monotonic()
                if now >= look:
                    source.look()
                    self.meters.gaps.inc(source.gaps)
                    source.gaps, look = 0, time.monotonic() + LOOK_SECONDS
                if now >= retain_at:
                    self._retain()
                    retain_at = time.monotonic() + RETAIN_SECONDS
                self._turn(source, writer)
                self._not_ready, self._pause = None, FIRST_PAUSE

    def _turn(self, source: Source, writer: Writer) -> None:
        self.meters.working.set(1)
        batch = source.poll()
        if batch.records:
            with self.meters.seconds.time():
                unread = writer.write(batch.records, batch.moves)
            source.written(batch)
            self.meters.written_at.set_to_current_time()
            self.meters.unread.inc(unread)
            self.meters.refused.inc(writer.refused)
            writer.refused = 0
            for table, count in Counter(table_of(name) for _, _, name in batch.records).items():
                self.meters.records.labels(table).inc(count)
                self.meters.rows.labels(table).inc(count)
            self._written(batch)
        self.meters.lag.set(source.lag())

    def _retain(self) -> None:
        """What is held up by a reader, or by anything else, is removed the next time."""
        if self._settings.retention is None:
            return
        try:
            retain(self._database, self._settings.retention, int(time.time() * 1000), self._removed)
        except Away as error:
            log.warning("old rows could not be removed; it is tried again in an hour: %s", error)

    def _removed(self, table: str, rows: int) -> None:
        log.info("%s: about %d rows removed for their age", table, rows, extra={"table": table, "rows": rows})
        self.meters.removed.labels(table).inc(rows)
        self.meters.rows.labels(table).dec(rows)

    def _stands_by(self, why: str) -> None:
        if self._not_ready is not None and not self._not_ready.startswith("standing by"):
            log.info("standing by: %s", why)
        self._not_ready = f"standing by: {why}"
        self._stop.wait(STANDBY_SECONDS)

    def _waits(self, what: str, error: Exception) -> None:
        self.meters.away.labels(what).inc()
        self._not_ready = f"the {what} is away: {error}"
        if not self._stop.is_set():
            log.warning("the %s is away; it is tried again in %.1f s: %s", what, self._pause, error)
        self._stop.wait(self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
