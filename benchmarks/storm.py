"""A storm of alerts: posted at once in four groups, until all are notified; and paced, from an alert to its notice.

Both have notified once a webhook of ours has been called. Ours takes alerts from its inbox, its worker puts notices on
the log, and its notifier tells them; what it knows is on the log. Alertmanager takes them over its API; what it knows
is in memory.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from benchmarks import alertmanager
from benchmarks.alerting_rig import Inbox, notifier, own_space, worker
from benchmarks.cluster import BenchmarkFailed
from benchmarks.hook import Hook, Told, hook
from benchmarks.results import Measured, Report, Result, rank, summed_up
from benchmarks.trial import Bench
from schemas.commands import AlertsPosted, PostedAlert
from schemas.processing import SettingsChanged

GROUPS = 4
IN_ONE_POST = 1_000
RATE = 200
SETTLE_SECONDS = 2
NOTIFIED_WITHIN = 300.0

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
        own_space(bench) as space,
        hook() as receiver,
        worker(bench, space) as running,
        notifier(bench, space, receiver.url) as telling,
        closing(Inbox(bench, space)) as inbox,
    ):
        _ready(inbox, receiver, running.alive)
        first = len(receiver.told)
        began = time.monotonic()
        for posted in storm(alerts):
            inbox.send(AlertsPosted(alerts=posted), "sender/storm")
        inbox.flush()
        accepted = time.monotonic() - began
        notified, count = _notified(receiver, first, alerts, running.alive)
        rss = _most_resident(running.process.pid) + _most_resident(telling)
        milliseconds = _paced(inbox, receiver, seconds, running.alive)
    return {
        "accepted_seconds": accepted,
        "notified_seconds": notified - began,
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


def _notified(receiver: Hook, first: int, alerts: int, alive: Callable[[], None]) -> tuple[float, int]:
    """When every group has told all of its alerts, and how many notifications that took."""
    told: dict[str, int] = {}

    def done(each: Told) -> bool:
        told[each.group] = each.alerts
        return len(told) == GROUPS and sum(told.values()) == alerts

    for count, each in enumerate(_following(receiver, first, NOTIFIED_WITHIN, alive), start=1):
        if done(each):
            return each.at, count
    raise BenchmarkFailed(f"only {sum(told.values()):,} of {alerts:,} alerts were notified")


def _following(receiver: Hook, first: int, seconds: float, alive: Callable[[], None]) -> Iterator[Told]:
    """What the webhook is told from its `first` notification on, for so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if first < len(receiver.told):
            yield receiver.told[first]
            first += 1
        else:
            alive()
            time.sleep(0.02)


def _paced(inbox: Inbox, receiver: Hook, seconds: int, alive: Callable[[], None]) -> list[float]:
    """Milliseconds from each alert, sent at a pace, to its notification."""
    sent: dict[str, float] = {}
    total, first = (seconds + SETTLE_SECONDS) * RATE, len(receiver.told)

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
    for each in _following(receiver, first, seconds + SETTLE_SECONDS + 60, alive):
        if 'paced="yes"' in each.group:
            heard.setdefault(each.instance, (each.at - sent[each.instance]) * 1_000)
            if len(heard) == total:
                break
    sender.join()
    if len(heard) != total:
        raise BenchmarkFailed(f"{total - len(heard)} paced alerts were never notified")
    return [took for name, took in heard.items() if int(name[5:11]) >= SETTLE_SECONDS * RATE]


def _most_resident(pid: int) -> float:
    """The most bytes that a process has ever had in memory."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():  # not Linux: what it has now
        return float(psutil.Process(pid).memory_info().rss)
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return float(line.split()[1]) * 1024


def _ready(inbox: Inbox, receiver: Hook, alive: Callable[[], None]) -> None:
    """Warm: it has told of an alert under the settings of the storm."""
    settings = {
        "route": {**ROUTE, "routes": [AT_ONCE]},
        "receivers": [{"name": "hook"}],
        "escalation_policies": [],
    }
    inbox.send(SettingsChanged(processor="alerting", settings=settings), "partition/0")
    inbox.send(AlertsPosted(alerts=(_alert(0, datetime.now(UTC), group="warm"),)), "sender/warm")
    inbox.send(AlertsPosted(alerts=(_alert(0, datetime.now(UTC), paced="yes", warm="yes"),)), "sender/warm")
    inbox.flush()
    next(_following(receiver, 0, NOTIFIED_WITHIN, alive))
    time.sleep(3 * WAIT.total_seconds())


# Alertmanager


def theirs(bench: Bench, alerts: int) -> Measured:
    """The same storm, over its API."""
    folder = Path(bench.folder) / f"alertmanager-{uuid.uuid4().hex[:6]}"
    folder.mkdir(parents=True)
    with hook() as receiver, alertmanager.running(ROUTE, receiver.url, folder) as real:
        posts = [[_as_api(alert) for alert in posted] for posted in storm(alerts)]
        began = time.monotonic()
        for post in posts:
            real.post(post)
        accepted = time.monotonic() - began
        notified, count = _notified(receiver, 0, alerts, lambda: None)
        return {
            "accepted_seconds": accepted,
            "notified_seconds": notified - began,
            "notices": count,
            "peak_rss_bytes": _most_resident(real.pid),
        }


def _as_api(alert: PostedAlert) -> dict[str, Any]:
    return {
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": alert.starts_at.isoformat(),
        "endsAt": alert.ends_at.isoformat(),
    }
