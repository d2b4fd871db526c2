"""Ours, as far as alerts are concerned: a space, a worker with alerting alone, and the notifier."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from confluent_kafka import Producer

from benchmarks.cluster import HEADERS, producer_settings
from benchmarks.contenders.table import Contender, module
from benchmarks.job import Job
from benchmarks.trial import ROOT, Bench, Running
from infra.admin import admin
from infra.topics import apply, plan
from schemas.codec import encode
from schemas.envelope import About, Event
from schemas.processing import SettingsChanged
from schemas.topics import Space, topics

WORKER = Contender("backoffice", module("alerting_worker"), ours=True)


@contextmanager
def own_space(bench: Bench) -> Iterator[Space]:
    """A space of its own, for as long as the block runs."""
    space = Space(f"bench-{uuid.uuid4().hex[:6]}")
    specs = topics(space, {"alerting": "alerting"}, 1)
    with admin(bench.bootstrap) as cluster:
        apply(cluster, plan(cluster, specs), lambda line: None)
    try:
        yield space
    finally:
        with admin(bench.bootstrap) as cluster:
            cluster.delete_topics([spec.name for spec in specs])


@contextmanager
def worker(bench: Bench, space: Space) -> Iterator[Running]:
    """A worker of that space."""
    work = bench.folder / space.name
    work.mkdir(parents=True)
    job = Job(
        bootstrap=bench.bootstrap,
        run=space.name,
        space=space.name,
        inbox=space.topic("alerting"),
        alerts=space.topic("alerts"),
        dead_letters=space.topic("dead-letters"),
        group=space.group,
        work_dir=str(work),
        partitions=1,
    )
    running = Running(WORKER, job)
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def notifier(bench: Bench, space: Space, address: str) -> Iterator[int]:
    """`backoffice notifier`, which tells a webhook; its pid."""
    folder = bench.folder / space.name
    channels = [{"type": "webhook", "url": address}]
    said = {
        "space": space.name,
        "broker": {"bootstrap_servers": bench.bootstrap},
        "alerting": {"route": {"receiver": "hook"}, "receivers": [{"name": "hook", "channels": channels}]},
    }
    config = folder / "backoffice.yaml"
    config.write_text(json.dumps(said), encoding="utf-8")
    with (folder / "notifier.log").open("wb") as log:
        command = [sys.executable, "-m", "backoffice", "notifier", "--config", str(config)]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


class Inbox:
    """Sends to alerting as its own client would."""

    def __init__(self, bench: Bench, space: Space) -> None:
        self._producer = Producer(producer_settings(bench.bootstrap) | {"linger.ms": 1})
        self._topic = space.topic("alerting")
        self._sent = 0

    def send(self, event: Event, subject: str) -> None:
        self._sent += 1
        about = About(f"storm-{self._sent}", "/benchmarks", subject, datetime.now(UTC))
        key = None if isinstance(event, SettingsChanged) else subject.encode()
        self._producer.produce(self._topic, encode(event, about), key, partition=0, headers=HEADERS)

    def poll(self) -> None:
        self._producer.poll(0)

    def flush(self) -> None:
        self._producer.flush()

    def close(self) -> None:
        self._producer.flush()
