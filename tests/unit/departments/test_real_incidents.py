"""A real incident log of 141,712 updates, folded whole: alerts and measures equal its known answers, id for id."""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backoffice import mappings
from processors.correlation import correlation
from processors.departments.it import department as it
from processors.fold import Fold
from processors.measure import Answer, Measure
from processors.records import Record
from processors.step import State
from processors.store import to_ms
from producers.importers.model import Imported
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.processing import SettingsChanged, Tick
from schemas.signals import ConditionFired, ConditionResolved

pytestmark = pytest.mark.real_logs

LOG = "uci_incidents"
FILE = f"{LOG}.csv.gz"
PARTITIONS = 2


class Replay:
    """IT and correlation, folded over the log in memory, each on two partitions."""

    def __init__(self) -> None:
        self.folds = {p.inbox: [Fold(p, i) for i in range(PARTITIONS)] for p in (it, correlation)}
        self.said: list[dict[str, Any]] = []
        for fold in self.folds["events.it"]:
            self.put(fold, SettingsChanged(processor="it", settings={"sla": "reported"}), "partition/0", "s", 0)

    def put(self, fold: Fold, event: Any, subject: str, id: str, timestamp: int) -> None:
        about = About(id, "/tests", subject, datetime.fromtimestamp(timestamp / 1000, UTC))
        key = None if subject.startswith("partition/") else subject.encode()
        self.apply(fold, key, encode(event, about), timestamp)

    def apply(self, fold: Fold, key: bytes | None, value: bytes | None, timestamp: int) -> None:
        record = Record(fold.processor.inbox, fold.partition, fold.next_offset, timestamp, key, value, HEADERS)
        for output in fold.apply(record):
            assert output.topic != "dead-letters", output.value
            if output.topic in self.folds:
                assert output.key is not None
                self.apply(self.fold_of(output.topic, output.key), output.key, output.value, timestamp)
            elif output.topic == "alerting":
                self.said.append(json.loads(output.value or b""))

    def fold_of(self, inbox: str, key: bytes) -> Fold:
        return self.folds[inbox][zlib.crc32(key) % PARTITIONS]

    def whole(self, path: Path) -> "Replay":
        timestamp = 0
        for row in mappings.known("it-incidents").read(path):
            assert isinstance(row, Imported), row
            timestamp = to_ms(row.at)
            self.put(self.fold_of("events.it", row.subject.encode()), row.event, row.subject, row.id, timestamp)
        for folds in self.folds.values():
            for fold in folds:
                self.put(fold, Tick(partition=fold.partition), "partition/0", "end", timestamp + 86_400_000)
        return self

    def ever_fired(self, rule: str, **identity: str) -> set[str]:
        return {
            s["subject"].partition("/")[2]
            for s in self.said
            if s["type"] == ConditionFired.type
            and s["data"]["rule"] == rule
            and identity.items() <= s["data"]["identity"].items()
        }

    def fired(self, rule: str) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
        """Subject and distinguishing labels of whatever ever fired."""
        return {
            (s["subject"], tuple(sorted(s["data"]["identity"].items())))
            for s in self.said
            if s["type"] == ConditionFired.type and s["data"]["rule"] == rule
        }

    def firing(self) -> set[tuple[str, str, str]]:
        holds: set[tuple[str, str, str]] = set()
        for s in self.said:
            where = (s["data"]["rule"], s["subject"], json.dumps(s["data"]["identity"]))
            (holds.add if s["type"] == ConditionFired.type else holds.discard)(where)
        return holds

    def measure(self, processor: str, name: str) -> Answer:
        folds = next(folds for folds in self.folds.values() if folds[0].processor.name == processor)
        measure: Measure = folds[0].processor.measures[name]
        return measure.over(_states(folds))


def _states(folds: list[Fold]) -> Iterator[tuple[str, State]]:
    for fold in folds:
        yield from fold.states().items()


@pytest.fixture(scope="module")
def replay(folder: Path) -> Replay:
    return Replay().whole(folder / FILE)


ALERTS = [
    ("it.sla_restore", {}, "made_sla_false_on_any_row", 9_115),
    ("it.incident_bouncing", {"reason": "reassigned"}, "reassignment_count_gt_3_on_any_row", 1_614),
    ("it.major_incident", {}, "ever_priority_1_critical", 352),
]


@pytest.mark.parametrize(("rule", "identity", "answer", "n"), ALERTS, ids=[a[2] for a in ALERTS])
def test_the_alerts_are_those_of_the_known_answer(
    replay: Replay, known: dict[str, set[str]], rule: str, identity: dict[str, str], answer: str, n: int
) -> None:
    assert replay.ever_fired(rule, **identity) == known[answer]
    assert len(known[answer]) == n


MEASURED = [
    ("incidents_closed", "incidents_with_a_Closed_row", 24_918),
    ("sla_missed", "made_sla_false_on_any_row", 9_115),
    ("reassigned_too_often", "reassignment_count_gt_3_on_any_row", 1_614),
    ("reopened_by_state", "state_left_Resolved_for_a_non_Closed_state", 265),
    ("priority_raised", "priority_raised_at_least_once", 300),
    ("priority_lowered", "priority_lowered_at_least_once", 116),
    ("ever_major", "ever_priority_1_critical", 352),
    ("ever_major_and_sla_missed", "ever_priority_1_and_made_sla_false_on_last_row", 308),
    ("ever_awaited_user", "incidents_ever_Awaiting_User_Info", 5_471),
    ("modifications_out_of_order", "incidents_sys_mod_count_not_increasing_in_time_order", 5),
]


@pytest.mark.parametrize(("name", "answer", "n"), MEASURED, ids=[m[0] for m in MEASURED])
def test_the_measured_incidents_are_those_of_the_known_answer(
    replay: Replay, known: dict[str, set[str]], name: str, answer: str, n: int
) -> None:
    assert replay.measure("it", name) == known[answer]
    assert len(known[answer]) == n


def test_answers_that_are_numbers(replay: Replay, counts: dict[str, Any]) -> None:
    assert replay.measure("it", "most_reassignments") == counts["max_reassignment_count"] == 27
    caused = replay.measure("it", "caused_by_change")
    assert isinstance(caused, frozenset)
    assert len(caused) == counts["incidents_caused_by_a_change"] == 3
    assert replay.measure("it", "sla_recovered") == frozenset()
    assert counts["made_sla_false_then_true_again"] == 0


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("sla_missed_by_priority", "made_sla_false_on_last_row_by_priority"),
        ("incidents_by_priority", "incidents_by_priority_on_last_row"),
    ],
)
def test_answers_split_by_priority(replay: Replay, counts: dict[str, Any], name: str, answer: str) -> None:
    assert replay.measure("it", name) == {label[0]: n for label, n in counts[answer].items()}


def test_reopened_by_the_counter_differs_from_reopened_by_state(replay: Replay, counts: dict[str, Any]) -> None:
    by_counter = replay.measure("it", "reopened_by_counter")
    assert replay.ever_fired("it.incident_bouncing", reason="reopened") == by_counter
    assert isinstance(by_counter, frozenset)
    assert len(by_counter) == counts["reopen_count_gt_0_on_last_row"] == 275


def test_bursts_of_one_category_within_an_hour(replay: Replay, counts: dict[str, Any]) -> None:
    bursts = replay.fired("it.incident_burst")
    assert len(bursts) == counts["category_hours_with_ge_10_incidents_opened"] == 180
    measured = {f"{subject.partition('/')[2]} {dict(identity)['hour']}" for subject, identity in bursts}
    assert replay.measure("correlation", "incident_bursts") == measured
    (category, hour), n = counts["largest_category_hour"]
    assert replay.measure("correlation", "largest_burst") == n == 35
    assert (f"category/{category}", (("hour", hour.replace(" ", "T")),)) in bursts


def test_every_alert_has_ended_with_its_incident(replay: Replay) -> None:
    assert replay.firing() == set()
    assert sum(s["type"] == ConditionResolved.type for s in replay.said) >= 9_115 + 1_614 + 352
