"""The real event logs with known answers: where they are, and what is known of them."""

import csv
import gzip
import json
import os
import zlib
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from processors.fold import Fold
from processors.measure import Answer, Measure
from processors.processor import Processor
from processors.records import Output, Record
from processors.step import State
from processors.store import to_ms
from producers.importers import Imported, Importer
from schemas.codec import HEADERS, Decoder, encode
from schemas.envelope import About, Event
from schemas.processing import SettingsChanged, Tick
from schemas.signals import ConditionFired


def real_logs(log: str) -> Path:
    """The folder of the logs: BACKOFFICE_REAL_LOGS, or shared/data beside the checkout. Skips where `log` is not."""
    given = os.environ.get("BACKOFFICE_REAL_LOGS")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not (folder / log).exists():
        pytest.skip(f"left out: {log} is not in {folder}; name its folder in BACKOFFICE_REAL_LOGS")
    return folder


def known_ids(folder: Path, log: str) -> dict[str, set[str]]:
    """The exact case ids behind each known answer."""
    ids: dict[str, set[str]] = defaultdict(set)
    with gzip.open(folder / "known_answer_ids.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["log"] == log:
                ids[row["rule"]].add(row["id"])
    return ids


def known_answers(folder: Path, log: str) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((folder / "known_answers.json").read_text(encoding="utf-8"))[log]
    return answers


class Folded:
    """One department, folded over a log in memory, on two partitions."""

    PARTITIONS = 2

    def __init__(self, department: Processor, settings: dict[str, Any]) -> None:
        self.department = department
        self.folds = [Fold(department, n) for n in range(self.PARTITIONS)]
        for fold in self.folds:
            fold.weighs = False  # as a worker's: to weigh each step's rows takes a third of the time
        self.now = datetime.min.replace(tzinfo=UTC)
        self.said: list[dict[str, Any]] = []
        self.facts: list[Output] = []
        self._settings = settings
        self._states: list[tuple[str, State]] | None = None

    @classmethod
    def of(cls, department: Processor, importer: Importer, path: Path, rows: int | None = None) -> "Folded":
        """After a file, or its first rows, under the settings that its mapping brings along."""
        folded = cls(department, dict(importer.rules.get(department.name, {})))
        for each in importer.read(path, rows=rows):
            assert isinstance(each, Imported), each
            folded.hears(each.subject, each.event, each.at)
        return folded

    def hears(self, subject: str, event: Event, at: datetime) -> None:
        if not self.folds[0].next_offset:
            self._everywhere(SettingsChanged(processor=self.department.name, settings=self._settings), at)
        self.now = max(self.now, at)
        fold = self.folds[zlib.crc32(subject.encode()) % self.PARTITIONS]
        self._put(fold, event, subject, subject.encode(), at)

    def passes(self, span: timedelta) -> "Folded":
        """Lets time go by after the end of the log."""
        for partition in range(self.PARTITIONS):
            self._put(self.folds[partition], Tick(partition=partition), f"partition/{partition}", None, self.now + span)
        return self

    def leads_to(self, correlation: Processor, importer: Importer) -> "Folded":
        """What correlation makes of the facts that were published, in the order of their time."""
        folded = Folded(correlation, dict(importer.rules.get(correlation.name, {})))
        decoder = Decoder(correlation.events)
        for fact in sorted(self.facts, key=lambda fact: fact.at):
            event = decoder.decode(fact.value, fact.headers)
            folded.hears((fact.key or b"").decode(), event, fact.at)
        return folded

    def _everywhere(self, event: Event, at: datetime) -> None:
        for partition, fold in enumerate(self.folds):
            self._put(fold, event, f"partition/{partition}", None, at)

    def _put(self, fold: Fold, event: Event, subject: str, key: bytes | None, at: datetime) -> None:
        about = About(f"{fold.partition}-{fold.next_offset}", "/tests", subject, at)
        inbox, value = self.department.inbox, encode(event, about)
        record = Record(inbox, fold.partition, fold.next_offset, to_ms(at), key, value, HEADERS)
        self._states = None
        for output in fold.apply(record):
            assert output.topic != "dead-letters", output.value
            if output.topic == "alerting":
                self.said.append(json.loads(output.value or b""))
            elif output.topic == "facts":
                self.facts.append(output)

    def fired(self, rule: str) -> list[tuple[str, dict[str, str]]]:
        """Subject and distinguishing labels of whatever ever fired."""
        return [
            (s["subject"], s["data"]["identity"])
            for s in self.said
            if s["type"] == ConditionFired.type and s["data"]["rule"] == rule
        ]

    def ever_fired(self, rule: str, **identity: str) -> set[str]:
        """The ids of the subjects for which this rule ever fired, with these labels."""
        return {s.partition("/")[2] for s, labels in self.fired(rule) if identity.items() <= labels.items()}

    def ever_fired_as(self, rule: str, severities: Collection[str] = ()) -> set[str]:
        """The ids of the subjects for which this rule ever fired, with one of these severities where any is named."""
        return {
            s["subject"].partition("/")[2]
            for s in self.said
            if s["type"] == ConditionFired.type
            and s["data"]["rule"] == rule
            and (not severities or s["data"]["severity"] in severities)
        }

    def firing(self) -> set[tuple[str, str, str]]:
        """Rule, subject and labels of what holds at the end."""
        holds: set[tuple[str, str, str]] = set()
        for s in self.said:
            where = (s["data"]["rule"], s["subject"], json.dumps(s["data"]["identity"]))
            (holds.add if s["type"] == ConditionFired.type else holds.discard)(where)
        return holds

    def everything_said(self) -> str:
        """Every signal, as it would be read."""
        return "\n".join(json.dumps(s) for s in self.said)

    @property
    def states(self) -> list[tuple[str, State]]:
        """Every key with its state as it is now. There are tens of thousands, and they are decoded once."""
        if self._states is None:
            self._states = [each for fold in self.folds for each in fold.states().items()]
        return self._states

    def measure(self, name: str) -> Answer:
        measure: Measure = self.department.measures[name]
        return measure.over(self.states)

    def ids(self, name: str) -> set[str]:
        """The cases of a measure that answers a set of them."""
        answer = self.measure(name)
        assert isinstance(answer, frozenset)
        return set(answer)

    def state(self, subject: str) -> Any:
        return next(state for key, state in self.states if key == subject)
