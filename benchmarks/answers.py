"""Checking a contender's answers: its alerts and its dead letters are those of the plain fold, each once."""

import time
from collections import Counter

from confluent_kafka import TopicPartition

from benchmarks.cluster import BenchmarkFailed
from benchmarks.expected import Expected
from benchmarks.job import Job
from benchmarks.watch import ByAlerts, reader

SETTLES_WITHIN = 30.0
LISTENS_ON = 0.5


def check(name: str, job: Job, by: ByAlerts, expected: Expected) -> None:
    """Raises BenchmarkFailed unless the contender said what the plain fold says, each alert and dead letter once."""
    until = time.monotonic() + LISTENS_ON
    while time.monotonic() < until:  # an alert too many may come late
        by.look()
    alerts = by.alerts
    if alerts != expected.alerts:
        missing, extra = expected.alerts - alerts, alerts - expected.alerts
        raise BenchmarkFailed(
            f"{name} gave wrong alerts: {missing.total()} missing, {extra.total()} too many of "
            f"{expected.alerts.total()}, such as {next(iter(missing or extra))}; see {job.work_dir}"
        )
    dead = _dead_letters(job, expected.dead.total())
    if dead != expected.dead:
        raise BenchmarkFailed(
            f"{name} buried {dead.total()} of {expected.dead.total()} invalid events, "
            f"{(dead - expected.dead).total()} wrongly; see {job.work_dir}"
        )


def _dead_letters(job: Job, wanted: int) -> Counter[bytes]:
    """The values among the dead letters, once there are as many as wanted, or no more come."""
    found: Counter[bytes] = Counter()
    consumer = reader(job.bootstrap, f"dead-{job.dead_letters}")
    try:
        consumer.assign([TopicPartition(job.dead_letters, 0, 0)])
        deadline = time.monotonic() + SETTLES_WITHIN
        while found.total() < wanted and time.monotonic() < deadline:
            found.update(message.value() or b"" for message in consumer.consume(1_000, 0.2) if message.error() is None)
        found.update(message.value() or b"" for message in consumer.consume(1_000, 1.0) if message.error() is None)
        return found
    finally:
        consumer.close()
