"""What a worker tells Prometheus: its counters and histograms, and gauges read from its lanes when asked."""

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from processors.engine.progress import LaneProgress, Progress

COUNTS = {
    "records": "Records taken from inboxes.",
    "duplicates": "Events that had been applied before, and changed nothing.",
    "forwarded": "Records found in the wrong partition, and sent on to the right one.",
    "control": "Ticks and changed settings taken from inboxes.",
    "deadlines": "Deadlines that passed.",
    "rule timeouts": "Records whose rule took longer than it may.",
}
"""The fold's counts (`Fold.counts`), each a counter; one that is not listed gets its name for a help text."""

DEAD_LETTERS = "dead letters"
"""This count of the fold's is told by stage instead."""

BATCH_RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
TRANSACTION_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Meters:
    """The counters of one process, by processor. They are moved once per transaction, never per record."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, of use to nobody
        self.registry = CollectorRegistry()
        self._counters = {what: self._counter(what, ["processor"]) for what in COUNTS}
        self.dead_letters = self._counter(DEAD_LETTERS, ["processor", "stage"], "Records sent to the dead letters.")
        self.outputs = self._counter(
            "outputs", ["processor", "to"], "Records sent, by the topic they went to, without its space."
        )
        self.ticks = self._counter("ticks", ["processor"], "Ticks appended to idle partitions.")
        self.restored = self._counter("restored rows", ["processor"], "Rows of state read back from changelogs.")
        self.batch = Histogram(
            "backoffice_batch_records",
            "Records in one transaction.",
            ["processor"],
            buckets=BATCH_RECORDS,
            registry=self.registry,
        )
        self.transaction = Histogram(
            "backoffice_transaction_seconds",
            "Time from the beginning of a transaction until it was committed.",
            ["processor"],
            buckets=TRANSACTION_SECONDS,
            registry=self.registry,
        )

    def begin(self, processor: str) -> None:
        """Shows the processor's series at zero: a rate can be taken from a counter's first increase on."""
        for counter in (*self._counters.values(), self.ticks, self.restored):
            counter.labels(processor)
        self.batch.labels(processor)
        self.transaction.labels(processor)

    def add(self, processor: str, counts: Mapping[str, int]) -> None:
        """Adds to the counters of the fold's names."""
        for what, number in counts.items():
            if number and what != DEAD_LETTERS:
                if what not in self._counters:
                    self._counters[what] = self._counter(what, ["processor"])
                self._counters[what].labels(processor).inc(number)

    def _counter(self, what: str, labels: list[str], says: str | None = None) -> Counter:
        name = f"backoffice_{what.replace(' ', '_')}"
        return Counter(name, says or COUNTS.get(what, f"Count of {what}."), labels, registry=self.registry)


class Gauges(Collector):
    """What holds at this moment, read from the lanes' progress when Prometheus asks."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress

    def collect(self) -> Iterable[Metric]:
        lanes = list(self._progress.lanes.values())
        yield _per_lane("lag_records", "Offsets between what is done and the end of the partition.", _lags(lanes))
        yield _per_lane(
            "lag_seconds",
            "How long the oldest record that is not done has been on the log; 0 when all are. Live spaces only.",
            {lane: late for lane in lanes if (late := lane.late) is not None},
        )
        yield _per_lane("deadlines_waiting", "Deadlines waited for, at most.", {lane: lane.deadlines for lane in lanes})
        yield _per_lane(
            "restore_seconds", "Time the last restore took, or has taken so far.", {x: x.restore_seconds for x in lanes}
        )
        yield _per_lane("restore_rows", "Rows of the last restore.", {lane: lane.restored_rows for lane in lanes})
        yield _per_lane("partition_ready", "1 when restored, 0 before.", {lane: int(lane.ready) for lane in lanes})
        age = GaugeMetricFamily("backoffice_loop_beat_age_seconds", "Time since the event loop last beat.")
        age.add_metric([], max(0.0, time.monotonic() - self._progress.beat_at))
        yield age


def _lags(lanes: Iterable["LaneProgress"]) -> dict["LaneProgress", int]:
    return {lane: lag for lane in lanes if (lag := lane.lag) is not None}


def _per_lane(name: str, says: str, values: Mapping["LaneProgress", float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"backoffice_{name}", says, labels=["processor", "topic", "partition"])
    for lane, value in values.items():
        family.add_metric([lane.processor, lane.topic, str(lane.partition)], value)
    return family
