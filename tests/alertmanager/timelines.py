"""Random timelines of alerts and silences, and what is told along them: by the real Alertmanager, and by ours.

Time goes in beats. Everything that is done is done on a beat; groups wait half a beat and are looked at every beat, so
that every look falls between two beats and nothing depends on which of two things is first. What is left of
Alertmanager's races is how long a group without alerts lives: it goes with a sweep, every 30 seconds. A timeline is
shorter than that, and a group that begins again is looked at half a beat later, whichever of both it is.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import httpx

from processors.alerting import alerting
from schemas.alerts import SilenceMatcher
from schemas.commands import AlertsPosted, PostedAlert, SilenceExpire, SilenceSet
from tests.alertmanager.real import Alertmanager, Told
from tests.office import START, Office

FAR = 1_000
"""A beat that no timeline comes to."""

INHIBIT = [
    {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity=~"warning|critical"'],
        "equal": ["world", "service"],
    },
    {"source_matchers": ['alertname="Down"'], "target_matchers": ['service="db"'], "equal": ["world", "job"]},
]


def configuration(beat: timedelta, hook: str = "") -> dict[str, Any]:
    """The same for both. `hook`: where Alertmanager's receivers are."""
    span = f"{round(beat.total_seconds() * 1000)}ms"
    half = f"{round(beat.total_seconds() * 500)}ms"
    often = f"{round(beat.total_seconds() * 4200)}ms"
    return {
        "route": {
            "receiver": "all",
            "group_by": ["world", "alertname"],
            "group_wait": half,
            "group_interval": span,
            "repeat_interval": often,
            "routes": [
                {"matchers": ['service="db"'], "receiver": "database", "continue": True},
                {"matchers": ['severity="warning"', 'service=~"d.*|web"'], "group_by": ["world", "service"]},
                {"matchers": ['alertname="Slow"'], "group_by": ["..."], "receiver": "database"},
            ],
        },
        "inhibit_rules": INHIBIT,
        "receivers": [_receiver("all", True, hook), _receiver("database", False, hook)],
    }


def _receiver(name: str, send_resolved: bool, hook: str) -> dict[str, Any]:
    if not hook:
        return {"name": name, "send_resolved": send_resolved}
    return {"name": name, "webhook_configs": [{"url": hook, "send_resolved": send_resolved}]}


@dataclass(frozen=True, slots=True)
class Alert:
    """Posted on a beat: it starts and ends at these beats."""

    labels: Mapping[str, str]
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Made on a beat, from one beat until another."""

    name: str
    matchers: Mapping[str, str]
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Expired:
    """A silence is ended by hand."""

    name: str


Action = Alert | Silence | Expired
Timeline = dict[int, list[Action]]
"""What is done, by beat."""


class Line(NamedTuple):
    """One notification: at which look, and of which alerts in which order."""

    look: int
    status: str
    alerts: tuple[tuple[str, str], ...]
    """Each with its fingerprint and status."""


Heard = dict[tuple[str, str], list[Line]]
"""What is told, by receiver and group key."""


def invented(world: int, beats: int, random: Random) -> Timeline:
    """A random timeline in a world of its own. Nothing is done in the last beats, so that all is told."""
    timeline: Timeline = defaultdict(list)
    drawn = [_labels(world, random) for _ in range(random.randint(2, 6))]
    alerts = [labels for n, labels in enumerate(drawn) if labels not in drawn[:n]]
    firing: dict[int, Alert] = {}
    silences = 0
    for beat in range(beats - 6):
        for n in random.sample(range(len(alerts)), random.choice([0, 0, 1, 1, 2, len(alerts)])):
            timeline[beat].append(_posted(alerts[n], n, beat, firing, random))
        if random.random() < 0.15:
            starts = beat + random.choice([0, 0, 2])
            name = f"{world}-{silences}"
            silences += 1
            timeline[beat].append(
                Silence(name, _matchers(world, random, alerts), starts, starts + random.randint(1, 8))
            )
            if random.random() < 0.3:
                timeline[beat + random.randint(1, 4)].append(Expired(name))
    return {beat: timeline[beat] for beat in sorted(timeline)}


def _labels(world: int, random: Random) -> dict[str, str]:
    labels = {
        "world": str(world),
        "alertname": random.choice(["Down", "Slow", "Full"]),
        "severity": random.choice(["critical", "warning", "info"]),
        "service": random.choice(["db", "web", "mail"]),
    }
    for name, values in (("instance", "abc"), ("job", "xy"), ("zone", "é1")):
        if random.random() < 0.6:
            labels[name] = random.choice(values)
    return labels


def _posted(labels: Mapping[str, str], n: int, beat: int, firing: dict[int, Alert], random: Random) -> Alert:
    """It begins, goes on with another end, or ends. One that has ended begins anew: what began long ago would be told
    at once by a group that is new, and not by one that waits to be swept."""
    known = firing.get(n)
    starts = known.starts if known and known.ends > beat else beat
    ends = beat if known and random.random() < 0.6 else random.choice([FAR, FAR, beat + random.randint(1, 5)])
    firing[n] = Alert(labels, starts, ends)
    return firing[n]


def _matchers(world: int, random: Random, alerts: list[dict[str, str]]) -> dict[str, str]:
    name = random.choice(["alertname", "service", "severity"])
    return {"world": str(world), name: random.choice(alerts)[name]}


# Ours


def ours(timelines: list[Timeline], beats: int, beat: timedelta) -> Heard:
    """What the pure step tells of it."""
    office = Office(processors=[alerting], settings={"alerting": configuration(beat)})

    def at(n: int) -> datetime:
        return START + n * beat

    for n in range(beats):
        office.at(at(n))
        actions = [action for timeline in timelines for action in timeline.get(n, ())]
        posted = tuple(
            PostedAlert(labels=dict(one.labels), starts_at=at(one.starts), ends_at=at(one.ends))
            for one in actions
            if isinstance(one, Alert)
        )
        if posted:
            office.receives(("sender/test", AlertsPosted(alerts=posted)))
        for action in actions:
            if isinstance(action, Silence):
                office.receives((f"silence/{action.name}", _set(action, at)))
            elif isinstance(action, Expired):
                office.receives((f"silence/{action.name}", SilenceExpire(by="test", silence=action.name)))
    office.at(at(beats))
    assert office.dead_letters == []
    heard: Heard = defaultdict(list)
    for notice in office.notices():
        look = (notice.about.time - START) // beat
        alerts = tuple((one.fingerprint, one.status) for one in notice.alerts)
        heard[notice.receiver, notice.group_key].append(Line(look, notice.status, alerts))
    return heard


def _set(silence: Silence, at: Callable[[int], datetime]) -> SilenceSet:
    return SilenceSet(
        by="test",
        silence=silence.name,
        matchers=tuple(SilenceMatcher(name=name, value=value) for name, value in silence.matchers.items()),
        starts_at=at(silence.starts),
        ends_at=at(silence.ends),
        comment="",
    )


# The real one's


class TooSlow(Exception):
    """This machine was too busy to do each thing on its beat: what Alertmanager said proves nothing."""


@dataclass
class Play:
    """One run of timelines through the real Alertmanager."""

    real: Alertmanager
    beat: timedelta
    began: float = 0.0
    zero: datetime = START
    ids: dict[str, str] = field(default_factory=dict)

    def theirs(self, timelines: list[Timeline], beats: int, told: list[Told]) -> Heard:
        """What it tells. Raises TooSlow."""
        seconds = self.beat.total_seconds()
        self.zero, self.began = datetime.now(UTC), time.monotonic()
        for n in range(beats):
            time.sleep(max(0.0, self.began + n * seconds - time.monotonic()))
            try:
                self._act([action for timeline in timelines for action in timeline.get(n, ())])
            except httpx.HTTPStatusError as refused:
                raise TooSlow(f"the actions of beat {n} were refused, being late or wrong: {refused}") from refused
            if (late := time.monotonic() - self.began - n * seconds) > seconds * 0.3:
                raise TooSlow(f"the actions of beat {n} were over {late:.2f} s late")
        time.sleep(max(0.0, self.began + beats * seconds - time.monotonic()))
        return self._heard([*told])

    def _act(self, actions: list[Action]) -> None:
        posted = [
            {"labels": one.labels, "startsAt": self._at(one.starts), "endsAt": self._at(one.ends)}
            for one in actions
            if isinstance(one, Alert)
        ]
        if posted:
            self.real.post("alerts", posted)
        for action in actions:
            if isinstance(action, Silence):
                self.ids[action.name] = self.real.post("silences", self._silence(action))["silenceID"]
            elif isinstance(action, Expired):
                self.real.delete(f"silence/{self.ids[action.name]}")

    def _silence(self, silence: Silence) -> dict[str, Any]:
        return {
            "matchers": [
                {"name": name, "value": value, "isRegex": False, "isEqual": True}
                for name, value in silence.matchers.items()
            ],
            "startsAt": self._at(silence.starts),
            "endsAt": self._at(silence.ends),
            "createdBy": "test",
            "comment": "a timeline",
        }

    def _at(self, n: int) -> str:
        return (self.zero + n * self.beat).isoformat()

    def _heard(self, told: list[Told]) -> Heard:
        heard: Heard = defaultdict(list)
        for one in told:
            beats = (one.at - self.began) / self.beat.total_seconds()
            if beats % 1 < 0.45:
                raise TooSlow(f"a notification came at beat {beats:.2f}, not in the second half of one")
            alerts = tuple((alert["fingerprint"], alert["status"]) for alert in one.payload["alerts"])
            where = one.payload["receiver"], one.payload["groupKey"]
            heard[where].append(Line(int(beats), one.payload["status"], alerts))
        return heard
