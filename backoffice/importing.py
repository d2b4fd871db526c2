"""Importing a file into a replay space: its rows, through the whole pipeline, in event time."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from backoffice import spaces
from backoffice.registry import inboxes, processors
from infra.admin import admin
from producers.feeder import Feeder
from producers.importers import Importer, Rejected
from producers.importers.tables import identity
from producers.slices import Fed, Slice, slices
from schemas.envelope import About
from schemas.settings import Settings
from schemas.topics import Space

SLICE = timedelta(days=1)
"""How much event time enters at once. No partition runs further ahead of another."""


@dataclass(slots=True)
class Tally:
    """How an import stands, an earlier run's part of it included."""

    rows: int = 0
    """Rows of the file read so far."""
    imported: int = 0
    """Events; a row may be several, or none."""
    rejected: Counter[str] = field(default_factory=Counter)
    late: int = 0
    """Events with an earlier time than one before them."""
    resumed_at: int = 0
    """The row after which this run goes on."""

    @property
    def outcomes(self) -> int:
        """How many events and rejected rows the file has given: a later run passes over these."""
        return self.imported + self.rejected.total()

    def as_progress(self) -> dict[str, Any]:
        return {"rows": self.rows, "imported": self.imported, "rejected": dict(self.rejected), "late": self.late}

    def resume(self, progress: Mapping[str, Any]) -> None:
        self.rows = self.resumed_at = progress["rows"]
        self.imported = progress["imported"]
        self.rejected = Counter(progress["rejected"])
        self.late = progress.get("late", 0)


@dataclass(frozen=True, slots=True)
class ImportJob:
    """What to import, and where to."""

    importer: Importer
    path: Path
    space: Space
    bootstrap: str
    slice: timedelta = SLICE
    time_zone: tzinfo | None = None
    settings: Mapping[str, Settings] = field(default_factory=dict)
    limit: int | None = None

    @property
    def name(self) -> str:
        """The feed's name: importing the same file again goes on where it stood; another of its name begins anew.

        Raises UnusableFile.
        """
        return f"{self.importer.name}:{self.path.name}:{identity(self.path)}"

    def run(self, on_slice: Callable[[Tally], None], between: Callable[[], None]) -> Tally:
        """Feeds the file slice by slice; `on_slice` hears how far it is, `between` is called while waiting to go on.

        Raises UnusableFile, NotDrained, kafka.errors.KafkaError.
        """
        tally = Tally()
        line = spaces.line(*self.importer.departments)
        with (
            admin(self.bootstrap) as cluster,
            Feeder(self.bootstrap, cluster, self.space, line, self.name, between=between) as feeder,
        ):
            if progress := feeder.progress():
                tally.resume(progress)
            told, part = tally.rows > 0, None
            for part in slices(self._feed(tally), self.slice):
                if not told:
                    feeder.tell(self.told(), inboxes(), min(fed.about.time for fed in part.fed))
                    told = True
                feeder.feed(part)
                on_slice(tally)
            if part is not None:
                feeder.feed(Slice(part.until, (), part.progress))
        return tally

    def told(self) -> dict[str, dict[str, Any]]:
        """The settings it is imported under: what somebody set, over what fits the log. No defaults."""
        models = {p.name: p.settings for p in processors()}
        told = {name: spaces.as_told(models[name](**values)) for name, values in self.importer.rules.items()}
        for name, values in self.settings.items():
            if values.model_fields_set:
                told[name] = {**told.get(name, {}), **spaces.as_told(values)}
        return told

    def _feed(self, tally: Tally) -> Iterator[tuple[Fed, Mapping[str, Any]]]:
        outcomes = self.importer.read(self.path, time_zone=self.time_zone, rows=self.limit)
        for each in islice(outcomes, tally.outcomes, None):
            tally.rows = max(tally.rows, each.row)
            if isinstance(each, Rejected):
                tally.rejected[each.reason] += 1
                continue
            tally.imported += 1
            tally.late += each.late
            yield Fed(each.event, About(each.id, each.source, each.subject, each.at)), tally.as_progress()
