"""Changes: one that began is over by its planned end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from processors.departments.it.settings import DEFAULTS, ITSettings
from processors.instants import after
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.it import ChangeCompleted, ChangeFailed, ChangeScheduled, ChangeStarted
from schemas.processing import DeadlinePassed

CHANGE_OVERRUN = Rule(
    "it.change_overrun",
    "warning",
    "a change that began is not over by its planned end",
    "it is completed or failed, or its planned end has moved",
)
RULES = (CHANGE_OVERRUN,)

END = "it.change_overrun/end"

Status = Literal["unknown", "scheduled", "started", "completed", "failed"]


@dataclass(frozen=True, kw_only=True)
class Change(State):
    """What is known of one change."""

    settings: ITSettings = field(default=DEFAULTS)
    status: Status = "unknown"
    service: str | None = None
    design: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    record: Evidence | None = None
    """Its latest plan."""

    @property
    def over(self) -> bool:
        return self.status in ("completed", "failed")


def step(state: Change, event: Event, at: datetime) -> Step[Change]:
    """One event of a change, or its planned end."""
    match event:
        case ChangeScheduled():
            return _scheduled(state, event, at)
        case ChangeStarted() if not state.over:
            return _watched(Step(state.evolve(status="started")))
        case ChangeCompleted():
            return _over(state, "completed", event, at)
        case ChangeFailed():
            return _over(state, "failed", event, at)
        case DeadlinePassed(name=name) if name == END:
            return Step(state).fires(
                CHANGE_OVERRUN,
                at,
                f"Change {state.id} of {state.service} is not over at its planned end",
                because=[state.record] if state.record else [],
                labels={"service": state.service} if state.service else {},
                due=event.due,
            )
    return Step(state)


def _scheduled(change: Change, event: ChangeScheduled, at: datetime) -> Step[Change]:
    """A plan after the change was over is kept for what it says, and starts nothing."""
    planned = change.evolve(
        status="scheduled" if change.status == "unknown" else change.status,
        service=event.service,
        design=event.design,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        record=event.about.record,
    )
    step = _watched(Step(planned))
    if _grace_ends(planned) > at:
        return step.resolves(CHANGE_OVERRUN, at, f"its planned end is now {event.ends_at.isoformat()}", by=[event])
    return step


def _over(change: Change, status: Status, event: Event, at: datetime) -> Step[Change]:
    step = Step(change.evolve(status=status)).awaits(END, None)
    return step.resolves(CHANGE_OVERRUN, at, f"it is {status}", by=[event])


def _watched(step: Step[Change]) -> Step[Change]:
    change = step.state
    watched = change.status == "started" and change.ends_at is not None
    return step.awaits(END, _grace_ends(change) if watched else None)


def _grace_ends(change: Change) -> datetime:
    """Only for a change that has a plan."""
    assert change.ends_at is not None
    return after(change.ends_at, timedelta(minutes=change.settings.change_grace_minutes))
