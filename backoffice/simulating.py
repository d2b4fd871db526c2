"""Living through a simulated office's days in a replay space, and holding its alerts against what must follow."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from backoffice import spaces
from backoffice.registry import inboxes
from consumers.alerts import current_alerts
from consumers.log import Log
from consumers.seen import Reader
from infra.admin import admin
from producers.feeder import Feeder
from producers.simulator import Expected, Simulation
from producers.slices import Fed, Slice, slices
from schemas.alerts import Alert
from schemas.commands import AlertAcknowledge
from schemas.envelope import About
from schemas.settings import Settings
from schemas.signals import AlertingEvent, fingerprint
from schemas.topics import Space

SLICE = timedelta(minutes=5)
"""Much shorter than people take to acknowledge, so that an acknowledgement is on time wherever a slice ends."""

PARTITIONS = 2
"""A transaction a partition and slice: an office of this size needs no more."""

SOURCE = "/backoffice/simulator"


@dataclass(frozen=True, slots=True)
class SimulationJob:
    """Which simulation to live through, where, and how fast."""

    simulation: Simulation
    space: Space
    bootstrap: str
    settings: Mapping[str, Settings] = field(default_factory=dict)
    speed: float | None = None
    """Seconds of the office's time in one of ours; None: as fast as it goes."""

    def run(self, on_slice: Callable[[datetime, int], None], between: Callable[[], None]) -> None:
        """Feeds every day; `on_slice` hears the office's time and how many events there have been.

        Raises NotDrained, kafka.errors.KafkaError.
        """
        office = self.simulation.office
        name = f"simulation-{office.seed}"
        with (
            admin(self.bootstrap) as cluster,
            Feeder(self.bootstrap, cluster, self.space, spaces.line(), name, between=between) as feeder,
        ):
            given = {name: spaces.as_told(values) for name, values in self.settings.items()}
            told = {**self.simulation.settings, **given}
            feeder.tell(told, inboxes(), office.clock(0, datetime.min.time()))
            events = 0
            pace = _Pace(self.speed)
            for part in slices(self._feed(), SLICE, until=office.end):
                feeder.feed(part)
                events += events_in(part)
                on_slice(part.until, events)
                pace.keep(part.until, between)

    def _feed(self) -> Iterator[tuple[Fed, Mapping[str, Any]]]:
        for n, (at, fed) in enumerate(sorted((*self._said(), *self._commands()), key=lambda each: each[0])):
            yield fed, {"events": n + 1, "until": at.isoformat()}

    def _said(self) -> Iterator[tuple[datetime, Fed]]:
        seed = self.simulation.office.seed
        for n, said in enumerate(self.simulation.said):
            about = About(said.id or f"sim-{seed}-{n}", SOURCE, said.subject, said.at)
            yield said.at, Fed(said.event, about)

    def _commands(self) -> Iterator[tuple[datetime, Fed]]:
        """People of the office who take an alert."""
        for expected in self.simulation.expected:
            if expected.acknowledged_at is not None:
                alert = identity(expected)
                command = AlertAcknowledge(by=expected.acknowledged_by or "somebody")
                about = About(f"ack-{alert}", SOURCE, f"alert/{alert}", expected.acknowledged_at)
                yield expected.acknowledged_at, Fed(command, about)


def events_in(part: Slice) -> int:
    """How many of what was fed happened in the office; the rest are commands to alerting."""
    return sum(not isinstance(fed.event, AlertingEvent) for fed in part.fed)


class _Pace:
    """Holds the office's clock back to a chosen speed."""

    def __init__(self, speed: float | None) -> None:
        self._speed = speed
        self._began: tuple[datetime, float] | None = None

    def keep(self, now: datetime, between: Callable[[], None]) -> None:
        if self._speed is None:
            return
        if self._began is None:
            self._began = (now, time.monotonic())
        then, started = self._began
        due = started + (now - then).total_seconds() / self._speed
        while (left := due - time.monotonic()) > 0:
            between()
            time.sleep(min(left, 0.2))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the alerts were, and how they differ from what had to follow."""

    alerts: tuple[Alert, ...]
    missing: tuple[Expected, ...]
    unexpected: tuple[Alert, ...]
    wrong: tuple[str, ...]
    """Sentences about alerts that came, but were not resolved, acknowledged or escalated as they had to be."""

    @property
    def as_expected(self) -> bool:
        return not (self.missing or self.unexpected or self.wrong)


def identity(expected: Expected) -> str:
    return fingerprint(expected.rule, expected.subject, expected.identity)


def outcome(simulation: Simulation, alerts: Mapping[str, Alert]) -> Outcome:
    """Compares the alerts (by fingerprint) with what the simulation knows."""
    expected = {identity(e): e for e in simulation.expected}
    return Outcome(
        alerts=tuple(sorted(alerts.values(), key=lambda a: (a.starts_at, a.fingerprint))),
        missing=tuple(e for f, e in expected.items() if f not in alerts),
        unexpected=tuple(a for f, a in alerts.items() if f not in expected),
        wrong=tuple(wrong for f, e in expected.items() if f in alerts for wrong in _wrong(e, alerts[f])),
    )


def _wrong(expected: Expected, alert: Alert) -> Iterator[str]:
    what = f"{expected.rule} of {expected.subject}"
    if expected.resolved != (alert.status == "resolved"):
        yield f"{what} is {alert.status}, but had to be {'resolved' if expected.resolved else 'firing'}"
    if expected.escalates and not alert.escalation_step:
        yield f"{what} has not escalated"
    if expected.acknowledged_at and expected.acknowledged_by != alert.acknowledged_by:
        yield f"{what} is acknowledged by {alert.acknowledged_by}, not by {expected.acknowledged_by}"


def alerts_of(bootstrap: str, space: Space) -> dict[str, Alert]:
    """Every alert of a space, by fingerprint."""
    with Log(bootstrap, [space.topic("alerts")]) as log:
        return current_alerts(log, Reader(space, {Alert.type: Alert})).alerts
