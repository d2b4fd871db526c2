"""A real event log, folded in memory through one department on one partition."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from processors.fold import Fold
from processors.measure import Answer, Measure
from processors.processor import Processor
from processors.records import Record
from processors.store import to_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.processing import SettingsChanged, Tick
from schemas.signals import ConditionFired

Told = tuple[datetime, str, Event]
"""When it happened, its subject, and what."""


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a log, in their order."""
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode()
    yield from csv.DictReader(io.StringIO(text, newline=""))


class Folded:
    """What came of a log. Three more years go by after it, so that every deadline passes."""

    def __init__(self, department: Processor, told: Iterable[Told], **settings: Any) -> None:
        self.fold = Fold(department, 0)
        self.fired: list[dict[str, Any]] = []
        self._put(SettingsChanged(processor=department.name, settings=settings), "partition/0", 0)
        now = datetime(1970, 1, 1, tzinfo=UTC)
        for time, subject, event in told:
            now = time
            self._put(event, subject, to_ms(time), time)
        self._put(Tick(partition=0), "partition/0", to_ms(now + timedelta(days=3 * 366)))

    def _put(self, event: Event, subject: str, timestamp: int, time: datetime | None = None) -> None:
        time = time or datetime.fromtimestamp(timestamp / 1000, UTC)
        value = encode(event, About(f"row-{self.fold.next_offset}", "/tests", subject, time))
        key = None if subject.startswith("partition/") else subject.encode()
        record = Record(self.fold.processor.inbox, 0, self.fold.next_offset, timestamp, key, value, HEADERS)
        for output in self.fold.apply(record):
            assert output.topic != "dead-letters", output.value
            said = json.loads(output.value or b"{}")
            if said["type"] == ConditionFired.type:
                self.fired.append(said)

    def ever_fired(self, rule: str, *severities: str) -> set[str]:
        """The cases for which the rule ever fired, with one of these severities where any is named."""
        return {
            said["subject"].partition("/")[2]
            for said in self.fired
            if said["data"]["rule"] == rule and (not severities or said["data"]["severity"] in severities)
        }

    def measure(self, name: str) -> Answer:
        measure: Measure = self.fold.processor.measures[name]
        return measure.over(self.fold.states().items())
