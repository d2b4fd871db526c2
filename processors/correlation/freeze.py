"""Freezes: nothing is changed while one holds. All of them meet all changes at one key."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.correlation.changes import CHANGE_COLLISION
from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.rows import Rows
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import ChangePlanned, FreezeTold
from schemas.processing import DeadlinePassed


@dataclass(frozen=True, slots=True)
class Plan:
    """A change as it is planned. `holds` False: it is over, or will not be made."""

    service: str
    starts_at: datetime
    ends_at: datetime
    holds: bool
    revision: int
    record: Evidence | None


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing is to be changed, of some services or (none named) of all."""

    starts_at: datetime
    ends_at: datetime
    services: tuple[str, ...]
    holds: bool
    revision: int
    record: Evidence | None

    def forbids(self, plan: Plan) -> bool:
        """Half-open: a change may begin when the freeze ends."""
        concerned = not self.services or plan.service in self.services
        shared = self.starts_at < plan.ends_at and plan.starts_at < self.ends_at
        return self.holds and plan.holds and concerned and shared


@dataclass(frozen=True, kw_only=True)
class Freezes(State):
    """Changes and freezes that are still to come, or were over only lately."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    plans: Rows[Plan] = field(default_factory=Rows)
    freezes: Rows[Freeze] = field(default_factory=Rows)

    def forget_at(self, ends: datetime, at: datetime) -> datetime:
        return after(max(ends, at), timedelta(days=self.settings.outage_memory_days))


def step(state: Freezes, event: Event, at: datetime) -> Step[Freezes]:
    """A change or a freeze is told, or the time that two of them share is over."""
    match event:
        case ChangePlanned():
            return _planned(state, event, at)
        case FreezeTold():
            return _told(state, event, at)
        case DeadlinePassed():
            change, freeze = json.loads(event.name.partition("/")[2])
            because = "the time they share is over"
            return Step(state).resolves(CHANGE_COLLISION, at, because, by=[event], change=change, other=freeze)
    return Step(state)


def _planned(state: Freezes, event: ChangePlanned, at: datetime) -> Step[Freezes]:
    known = state.plans.get(event.change)
    if known is not None and known.revision >= event.revision:
        return Step(state)
    plan = Plan(event.service, event.starts_at, event.ends_at, event.holds, event.revision, event.record)
    now = Step(state.evolve(plans=state.plans.put(event.change, plan, state.forget_at(plan.ends_at, at))))
    for name, freeze in state.freezes.items():
        now = _judged(now, event.change, plan, name, freeze, event, at)
    return now


def _told(state: Freezes, event: FreezeTold, at: datetime) -> Step[Freezes]:
    known = state.freezes.get(event.freeze)
    if known is not None and known.revision >= event.revision:
        return Step(state)
    freeze = Freeze(event.starts_at, event.ends_at, event.services, event.holds, event.revision, event.record)
    now = Step(state.evolve(freezes=state.freezes.put(event.freeze, freeze, state.forget_at(freeze.ends_at, at))))
    for name, plan in state.plans.items():
        now = _judged(now, name, plan, event.freeze, freeze, event, at)
    return now


def _judged(
    now: Step[Freezes], change: str, plan: Plan, name: str, freeze: Freeze, event: Event, at: datetime
) -> Step[Freezes]:
    deadline = f"{CHANGE_COLLISION.name}/{json.dumps([change, name], ensure_ascii=False)}"
    labels = {"change": change, "other": name}
    ends = min(plan.ends_at, freeze.ends_at)
    if not freeze.forbids(plan) or ends < at:
        now = now.awaits(deadline, None)
        return now.resolves(CHANGE_COLLISION, at, "they share no time any more", by=[event], **labels)
    return now.awaits(deadline, ends).fires(
        CHANGE_COLLISION,
        at,
        f"Change {change} of {plan.service} is planned within the freeze {name}",
        because=[record for record in (freeze.record, plan.record) if record],
        labels={**labels, "service": plan.service},
    )
