"""Latency: at 1,000 events a second, from sending an event to its alert being readable (read committed)."""

import json
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, TopicPartition

from benchmarks.cluster import BenchmarkFailed, Input, filled
from benchmarks.contenders.table import BACKOFFICE, STREAMS_EOS, STREAMS_EOS_10, Contender
from benchmarks.expected import Expected
from benchmarks.job import Job
from benchmarks.pacer import paced, sent_at
from benchmarks.results import Measured, Report, Result, rank, summed_up
from benchmarks.throughput import PARTITIONS, WARM_UP, in_turn, warm_up
from benchmarks.trial import ROOT, Bench, follow, prepared, running
from benchmarks.watch import ByAlerts, reader

RATE = 1_000
SETTLE_SECONDS = 60
"""The first seconds of pacing are left out: a broker that was just started compiles itself for most of a minute."""

CONTENDERS = (BACKOFFICE, STREAMS_EOS, STREAMS_EOS_10)


@dataclass(frozen=True, slots=True)
class Heard:
    """An alert's event (its number among the paced ones) and how long it took."""

    name: str
    subject: str
    milliseconds: float


def run(bench: Bench, seconds: int, rounds: int, report: Report, settle: int = SETTLE_SECONDS) -> list[Result]:
    """Ours and Kafka Streams exactly-once, with its default commit interval (100 ms) and with 10 ms."""
    found: dict[str, list[Measured]] = {}
    for number in range(rounds):
        for contender in in_turn(CONTENDERS, number):
            figures = once(bench, contender, seconds, settle)
            found.setdefault(contender.name, []).append(figures)
            said = f"p50 {figures['p50_ms']:.1f} ms, p99 {figures['p99_ms']:.1f} ms"
            report(f"latency, round {number + 1}: {contender.name}: {said}")
    return [summed_up(c.name, "latency", found[c.name], seconds * RATE) for c in CONTENDERS]


def once(bench: Bench, contender: Contender, seconds: int, settle: int) -> Measured:
    """Warms a contender up, then paces events at it. A missing or wrong alert fails the run."""
    count = (seconds + settle) * RATE
    expected = Expected(drop_duplicates=False)
    with (
        filled(bench.bootstrap, warm_up(WARM_UP), PARTITIONS, expected) as source,
        prepared(bench, contender, source) as job,
        running(contender, job) as processes,
    ):
        with closing(ByAlerts(bench.bootstrap, job.alerts, source.partitions)) as by:
            follow(source, processes, by)
        heard = _pace(bench, job, source, count)
    _check(contender, heard, expected, count)
    settled = [each.milliseconds for each in heard if int(each.name[1:]) >= settle * RATE]
    return {"p50_ms": rank(0.50, settled), "p99_ms": rank(0.99, settled)}


def _pace(bench: Bench, job: Job, source: Input, count: int) -> list[Heard]:
    consumer = reader(bench.bootstrap, f"latency-{job.run}")
    try:
        end = consumer.get_watermark_offsets(TopicPartition(job.alerts, 0), timeout=30)[1]
        consumer.assign([TopicPartition(job.alerts, 0, end)])
        command = [sys.executable, "-m", "benchmarks.pacer", bench.bootstrap, source.topic, str(source.partitions)]
        with subprocess.Popen([*command, str(RATE), str(count)], cwd=ROOT, stdin=subprocess.DEVNULL) as pacer:
            try:
                return _listen(consumer, pacer)
            finally:
                pacer.kill()  # nothing, when it has ended by itself
    finally:
        consumer.close()


def _listen(consumer: Consumer, pacer: "subprocess.Popen[bytes]") -> list[Heard]:
    """Alerts as they become readable, until none comes for a while after the pacer has ended."""
    heard: list[Heard] = []
    quiet_since = time.monotonic()
    while pacer.poll() is None or time.monotonic() - quiet_since < 3.0:
        message = consumer.poll(0.1)  # not `consume`, which waits for more before it returns
        if message is None:
            continue
        now = time.time_ns()
        if (error := message.error()) is not None:
            raise KafkaException(error)
        quiet_since = time.monotonic()
        alert = json.loads(message.value() or b"")
        stamped = sent_at(alert["data"]["evidence"][0]["id"])
        if stamped is not None:
            name, at = stamped
            heard.append(Heard(name, alert["subject"], (now - at) / 1e6))
    if pacer.returncode:
        raise BenchmarkFailed(f"the paced producer ended with {pacer.returncode}")
    return heard


def _check(contender: Contender, heard: list[Heard], expected: Expected, count: int) -> None:
    """The alerts of the paced events must be the fold's, each once. `expected` stands where the warm-up ended."""
    expected.alerts.clear()
    for sent in paced(count):
        expected.note(sent)
    found = Counter((each.subject, each.name) for each in heard)
    if found != expected.alerts:
        missing, extra = expected.alerts - found, found - expected.alerts
        raise BenchmarkFailed(
            f"{contender.name} under pace: {missing.total()} alerts missing, {extra.total()} too many"
        )
