"""A storm of alerts: posted at once in four groups, until all are notified; and paced, from an alert to its notice.

Ours takes them from its inbox and has notified them when the notices can be read (read committed); what it knows is on
the log. Alertmanager takes them over its API and has notified them when its webhooks have been called; what it knows
is in memory.
"""

import json
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from benchmarks import alertmanager
from benchmarks.cluster import HEADERS, BenchmarkFailed, producer_settings
from benchmarks.contenders.table import Contender, module
from benchmarks.job import Job
from benchmarks.results import Measured, Report, Result, rank, summed_up
from benchmarks.trial import Bench, Running
from benchmarks.watch import reader
from infra.admin import admin
from infra.topics import apply, plan
from schemas.codec import encode
from schemas.commands import AlertsPosted, PostedAlert
from schemas.envelope import About, Event
from schemas.notices import Notice
from schemas.processing import SettingsChanged, Tick
from schemas.topics import Space, topics

GROUPS = 4
IN_ONE_POST = 1_000
RATE = 200
SETTLE_SECONDS = 2
NOTIFIED_WITHIN = 300.0

WORKER = Contender("backoffice", module("alerting_worker"), ours=True)

WAIT = timedelta(seconds=1)
"""`group_wait` of both: the storm is over in it, or some of it comes with the next look."""

ROUTE = {"receiver": "hook", "group_by": ["group"], "group_wait": "1s", "group_interval": "1s"}
AT_ONCE = {"matchers": ['paced="yes"'], "group_by": ["..."], "group_wait": "0s", "group_interval": "0s"}


def run(bench: Bench, alerts: int, seconds: int, rounds: int, report: Report) -> list[Result]:
    """Ours and Alertmanager, turn by turn."""
    found: dict[str, list[Measured]] = {}
    for number in range(rounds):
        for name, figures in (("backoffice", ours(bench, alerts, seconds)), ("alertmanager", theirs(bench, alerts))):
            found.setdefault(name, []).append(figures)
            said = ", ".join(f"{figure} {value:,.2f}" for figure, value in figures.items())
            report(f"alerting, round {number + 1}: {name}: {said}")
    return [summed_up(name, "alerting", figures, alerts) for name, figures in found.items()]


# Ours


def ours(bench: Bench, alerts: int, seconds: int) -> Measured:
    """A storm, then alerts at a pace."""
    with (
        _space(bench) as space,
        _worker(bench, space) as running,
        closing(_Notices(bench, space)) as notices,
        closing(_Inbox(bench, space)) as inbox,
    ):
        _ready(inbox, notices, running)
        began = time.monotonic()
        for posted in storm(alerts):
            inbox.send(AlertsPosted(alerts=posted), "sender/storm")
        inbox.flush()
        accepted = time.monotonic() - began
        count = _count(notices, alerts, running)
        notified = time.monotonic() - began
        rss = float(psutil.Process(running.process.pid).memory_info().rss)
        milliseconds = _paced(inbox, notices, seconds)
    return {
        "accepted_seconds": accepted,
        "notified_seconds": notified,
        "notices": count,
        "peak_rss_bytes": rss,
        "p50_ms": rank(0.50, milliseconds),
        "p99_ms": rank(0.99, milliseconds),
    }


def storm(alerts: int) -> Iterator[tuple[PostedAlert, ...]]:
    """Alerts of four groups, in posts of a thousand."""
    now = datetime.now(UTC)
    for first in range(0, alerts, IN_ONE_POST):
        yield tuple(_alert(n, now) for n in range(first, min(first + IN_ONE_POST, alerts)))


def _alert(n: int, now: datetime, **more: str) -> PostedAlert:
    return PostedAlert(
        labels={
            "alertname": "HighLoad",
            "group": f"g{n % GROUPS}",
            "instance": f"host-{n:06}:9100",
            "job": "node",
            "severity": "warning",
            **more,
        },
        annotations={"summary": f"the load of host-{n:06} is high"},
        starts_at=now,
        ends_at=now + timedelta(hours=1),
    )


def _count(notices: "_Notices", alerts: int, running: Running) -> int:
    """How many notices it takes until every group has told all of its alerts."""
    told: dict[str, int] = {}
    for count, notice in enumerate(notices.until(NOTIFIED_WITHIN, running), start=1):
        told[notice.group] = len(notice.alerts) + notice.truncated
        if len(told) == GROUPS and sum(told.values()) == alerts:
            return count
    raise BenchmarkFailed(f"only {sum(told.values()):,} of {alerts:,} alerts were notified")


def _paced(inbox: "_Inbox", notices: "_Notices", seconds: int) -> list[float]:
    """Milliseconds from each alert, sent at a pace, to its notice."""
    sent: dict[str, float] = {}
    total = (seconds + SETTLE_SECONDS) * RATE

    def send() -> None:
        began = time.monotonic()
        for n in range(total):
            time.sleep(max(0.0, began + n / RATE - time.monotonic()))
            alert = _alert(n, datetime.now(UTC), paced="yes")
            sent[alert.labels["instance"]] = time.monotonic()
            inbox.send(AlertsPosted(alerts=(alert,)), "sender/pace")
            inbox.poll()

    sender = threading.Thread(target=send)
    sender.start()
    heard: dict[str, float] = {}
    for notice in notices.until(seconds + SETTLE_SECONDS + 60, None):
        if (instance := notice.common_labels.get("instance")) and notice.common_labels.get("paced"):
            heard.setdefault(instance, (time.monotonic() - sent[instance]) * 1_000)
            if len(heard) == total:
                break
    sender.join()
    if len(heard) != total:
        raise BenchmarkFailed(f"{total - len(heard)} paced alerts were never notified")
    return [took for name, took in heard.items() if int(name[5:11]) >= SETTLE_SECONDS * RATE]


@contextmanager
def _space(bench: Bench) -> Iterator[Space]:
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
def _worker(bench: Bench, space: Space) -> Iterator[Running]:
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


def _ready(inbox: "_Inbox", notices: "_Notices", running: Running) -> None:
    """Warm: it has told of an alert under the settings of the storm."""
    settings = {
        "route": {**ROUTE, "routes": [AT_ONCE]},
        "receivers": [{"name": "hook"}],
        "escalation_policies": [],
    }
    inbox.send(SettingsChanged(processor="alerting", settings=settings), "partition/0")
    inbox.send(AlertsPosted(alerts=(_alert(0, datetime.now(UTC), paced="warm"),)), "sender/warm")
    inbox.send(AlertsPosted(alerts=(_alert(0, datetime.now(UTC), paced="yes", warm="yes"),)), "sender/warm")
    inbox.flush()
    next(iter(notices.until(NOTIFIED_WITHIN, running)))
    time.sleep(3 * WAIT.total_seconds())
    list(notices.until(1.0, running))


class _Inbox:
    """Sends to alerting as its own client would."""

    def __init__(self, bench: Bench, space: Space) -> None:
        self._producer = Producer(producer_settings(bench.bootstrap) | {"linger.ms": 1})
        self._topic = space.topic("alerting")
        self._sent = 0

    def send(self, event: Event, subject: str) -> None:
        self._sent += 1
        about = About(f"storm-{self._sent}", "/benchmarks", subject, datetime.now(UTC))
        key = None if isinstance(event, SettingsChanged | Tick) else subject.encode()
        self._producer.produce(self._topic, encode(event, about), key, partition=0, headers=HEADERS)

    def poll(self) -> None:
        self._producer.poll(0)

    def flush(self) -> None:
        self._producer.flush()

    def close(self) -> None:
        self._producer.flush()


class _Notices:
    """Notices as they become readable."""

    def __init__(self, bench: Bench, space: Space) -> None:
        self._consumer: Consumer = reader(bench.bootstrap, f"storm-{space.name}", **{"fetch.message.max.bytes": 2**21})
        self._consumer.assign([TopicPartition(space.topic("notices"), 0, 0)])

    def until(self, seconds: float, running: Running | None) -> Iterable[Notice]:
        """Those that come in so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = self._consumer.poll(0.1)
            if message is None:
                if running is not None:
                    running.alive()
                continue
            if (error := message.error()) is not None:
                raise KafkaException(error)
            yield Notice.model_validate(json.loads(message.value() or b"")["data"])

    def close(self) -> None:
        self._consumer.close()


# Alertmanager


def theirs(bench: Bench, alerts: int) -> Measured:
    """The same storm, over its API."""
    folder = Path(bench.folder) / f"alertmanager-{uuid.uuid4().hex[:6]}"
    folder.mkdir(parents=True)
    with alertmanager.running(ROUTE, folder) as real:
        posts = [[_as_api(alert) for alert in posted] for posted in storm(alerts)]
        began = time.monotonic()
        for post in posts:
            real.post(post)
        accepted = time.monotonic() - began
        told: dict[str, int] = {}
        while sum(told.values()) < alerts:
            if time.monotonic() - began > NOTIFIED_WITHIN:
                raise BenchmarkFailed(f"alertmanager notified {sum(told.values()):,} of {alerts:,} alerts")
            time.sleep(0.02)
            told = {each.group: each.alerts for each in list(real.told)}
        return {
            "accepted_seconds": accepted,
            "notified_seconds": max(each.at for each in real.told) - began,
            "notices": float(len(real.told)),
            "peak_rss_bytes": float(psutil.Process(real.pid).memory_info().rss),
        }


def _as_api(alert: PostedAlert) -> dict[str, Any]:
    return {
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": alert.starts_at.isoformat(),
        "endsAt": alert.ends_at.isoformat(),
    }
