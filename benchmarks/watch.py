"""Watching a contender from outside: how far it is, by its alerts or its committed offsets, and what it costs."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import psutil
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from benchmarks.cluster import BenchmarkFailed, Input

POLL = 0.02
STALLED_AFTER = 180.0


class Sample(NamedTuple):
    """What was seen at an instant (monotonic seconds): events done, CPU seconds and resident bytes so far."""

    at: float
    done: int
    cpu: float
    rss: int
    offsets: tuple[int, ...]


class Progress(Protocol):
    """How far a contender is: for each partition the offset behind the last event that is known to be done."""

    def look(self) -> Sequence[int]: ...

    def close(self) -> None: ...


def reader(bootstrap: str, group: str, **more: Any) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 50,
            "log_level": 3,
            **more,
        }
    )


class ByAlerts:
    """Reads the alerts, read committed: each names the record it rests on, so all before that is done."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self.alerts: Counter[tuple[str, str]] = Counter()
        self._offsets = [0] * partitions
        self._consumer = reader(bootstrap, f"watch-{topic}")
        self._consumer.assign([TopicPartition(topic, 0, 0)])

    def look(self) -> Sequence[int]:
        for message in self._consumer.consume(1_000, POLL):
            if (error := message.error()) is not None:
                raise KafkaException(error)
            alert = json.loads(message.value() or b"")
            (because,) = alert["data"]["evidence"]
            self.alerts[alert["subject"], because["id"]] += 1
            partition, behind = because["partition"], because["offset"] + 1
            self._offsets[partition] = max(self._offsets[partition], behind)
        return self._offsets

    def close(self) -> None:
        self._consumer.close()


MOVING = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
"""A broker that was just started makes its topic of offsets when the first group comes."""


class ByOffsets:
    """Asks for the offsets that the contender's group has committed."""

    def __init__(self, bootstrap: str, group: str, topic: str, partitions: int) -> None:
        self._consumer = reader(bootstrap, group, **{"isolation.level": "read_uncommitted"})
        self._wanted = [TopicPartition(topic, partition) for partition in range(partitions)]
        self._known: Sequence[int] = [0] * partitions

    def look(self) -> Sequence[int]:
        time.sleep(POLL)
        try:
            self._known = [max(0, found.offset) for found in self._consumer.committed(self._wanted, timeout=30)]
        except KafkaException as error:
            if error.args[0].code() not in MOVING:
                raise
        return self._known

    def close(self) -> None:
        self._consumer.close()


def cost(processes: Sequence[psutil.Process]) -> tuple[float, int]:
    """CPU seconds so far (all threads, children too) and resident bytes."""
    cpu, rss = 0.0, 0
    for process in processes:
        for each in (process, *process.children(recursive=True)):
            try:
                times, memory = each.cpu_times(), each.memory_info()
            except psutil.NoSuchProcess:
                if each is process:
                    raise
                continue  # a child may end between the two looks
            cpu += times.user + times.system
            rss += memory.rss
    return cpu, rss


def watch(
    progress: Progress,
    wanted: Input,
    processes: Sequence[psutil.Process],
    alive: Callable[[], None],
) -> list[Sample]:
    """Samples until every event of the input is done. `alive` raises when the contender has ended."""
    samples: list[Sample] = []
    ends = [wanted.ends.get(partition, 0) for partition in range(wanted.partitions)]
    moved = time.monotonic()
    while True:
        offsets = tuple(progress.look())
        alive()
        now, done = time.monotonic(), sum(offsets)
        if not samples or done != samples[-1].done:
            moved = now
        if now - moved > STALLED_AFTER:
            raise BenchmarkFailed(f"no progress for {STALLED_AFTER:.0f} s, at {offsets} of {ends}")
        try:
            samples.append(Sample(now, done, *cost(processes), offsets))
        except psutil.NoSuchProcess:
            alive()
            raise
        if all(offset >= end for offset, end in zip(offsets, ends, strict=True)):
            return samples


@dataclass(frozen=True, slots=True)
class Span:
    """What was done between two samples."""

    events: int
    seconds: float
    cpu_seconds: float
    peak_rss: int

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds

    @property
    def events_per_cpu_second(self) -> float:
        return self.events / max(self.cpu_seconds, 0.01)


def second_half(samples: Sequence[Sample]) -> Span | None:
    """The span of the later events; None when no look fell into it."""
    middle = (samples[0].done + samples[-1].done) // 2
    later = [sample for sample in samples if sample.done > middle]
    return span(later) if later and later[0].done < later[-1].done else None


def span(samples: Sequence[Sample], start: int = 0, end: int | None = None) -> Span:
    """From the first sample with more than `start` events done to the first with `end` (all, when not given)."""
    end = samples[-1].done if end is None else end
    first = next(sample for sample in samples if sample.done >= start)
    last = next(sample for sample in samples if sample.done >= end)
    if last.at <= first.at:
        raise BenchmarkFailed(f"all {end:,} events were done between two looks: give it more of them (--events)")
    between = [sample.rss for sample in samples if first.at <= sample.at <= last.at]
    return Span(last.done - first.done, last.at - first.at, last.cpu - first.cpu, max(between))
