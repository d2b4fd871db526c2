"""Devices: each is heard from as often as it was declared to be."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.departments.it.settings import DEFAULTS, ITSettings
from processors.instants import after, in_words
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.it import DeviceDeclared, HeartbeatReceived
from schemas.processing import DeadlinePassed

HEARTBEAT_MISSED = Rule(
    "it.heartbeat_missed",
    "error",
    "nothing was heard of a device for 3 of its intervals",
    "it is heard again, or declared to send no heartbeats",
    settings=("heartbeats_missed",),
)
RULES = (HEARTBEAT_MISSED,)

SILENT = "it.heartbeat_missed/silent"


@dataclass(frozen=True, kw_only=True)
class Device(State):
    """What is known of one device. `heard_at` counts from its declaration until it is heard."""

    label_fields = ("service", "site")

    settings: ITSettings = field(default=DEFAULTS)
    heartbeat_seconds: int | None = None
    service: str | None = None
    site: str | None = None
    heard_at: datetime | None = None
    record: Evidence | None = None
    """Its latest heartbeat, or its declaration."""
    declared: Evidence | None = None
    """Its latest declaration."""


def step(state: Device, event: Event, at: datetime) -> Step[Device]:
    """One event of a device, or its silence."""
    match event:
        case DeviceDeclared():
            told_at = min(event.about.time, at)
            if state.heard_at in (None, told_at):
                state = state.evolve(heard_at=told_at, record=event.about.record)
            device = state.evolve(
                heartbeat_seconds=event.heartbeat_seconds,
                service=event.service,
                site=event.site,
                declared=event.about.record,
            )
            step = _listens(Step(device))
            if event.heartbeat_seconds is None:
                return step.resolves(HEARTBEAT_MISSED, at, "it sends no heartbeats any more", by=[event])
            return step
        case HeartbeatReceived():
            step = _listens(Step(_heard(state, event, at)))
            return step.resolves(HEARTBEAT_MISSED, at, "it was heard again", by=[event])
        case DeadlinePassed(name=name) if name == SILENT and state.heartbeat_seconds:
            return _silent(state, event, at)
    return Step(state)


def _heard(device: Device, event: Event, at: datetime) -> Device:
    """A device whose own clock is ahead must not seem alive for longer: no heartbeat counts later than ours."""
    time = min(event.about.time, at)
    if device.heard_at is not None and time <= device.heard_at:
        return device
    return device.evolve(heard_at=time, record=event.about.record)


def _listens(step: Step[Device]) -> Step[Device]:
    device = step.state
    if device.heartbeat_seconds is None or device.heard_at is None:
        return step.awaits(SILENT, None)
    return step.awaits(SILENT, after(device.heard_at, _patience(device)))


def _patience(device: Device) -> timedelta:
    return timedelta(seconds=device.heartbeat_seconds or 0) * device.settings.heartbeats_missed


def _silent(device: Device, event: DeadlinePassed, at: datetime) -> Step[Device]:
    labels = {"service": device.service} if device.service else {}
    return Step(device).fires(
        HEARTBEAT_MISSED,
        at,
        f"Nothing was heard of device {device.id} for {in_words(_patience(device))}",
        because=[record for record in (device.declared, device.record) if record],
        labels=labels,
        due=event.due,
    )
