"""Changes: one that began is over by its planned end; what is known of it is told to whom it may concern."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from processors.departments.it import change_facts
from processors.departments.it.change_facts import Told
from processors.departments.it.settings import DEFAULTS, ITSettings
from processors.instants import after
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.it import ChangeCancelled, ChangeCompleted, ChangeFailed, ChangeScheduled, ChangeStarted
from schemas.processing import DeadlinePassed

CHANGE_OVERRUN = Rule(
    "it.change_overrun",
    "warning",
    "a change that began is not over by its planned end",
    "it is completed, failed or cancelled, or its planned end has moved",
    settings=("change_grace_minutes",),
)
RULES = (CHANGE_OVERRUN,)

END = "it.change_overrun/end"

Status = Literal["unknown", "scheduled", "started", "completed", "failed", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Change(State):
    """What is known of one change."""

    label_fields = ("service",)

    settings: ITSettings = field(default=DEFAULTS)
    status: Status = "unknown"
    service: str | None = None
    design: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    began_at: datetime | None = None
    over_at: datetime | None = None
    rolled_back: bool = False
    record: Evidence | None = None
    """Its latest plan."""
    began: Evidence | None = None
    """What said first that it began."""
    told: Told | None = None
    """What was published of it last."""
    publications: int = 0

    @property
    def over(self) -> bool:
        return self.status in ("completed", "failed", "cancelled")


def step(state: Change, event: Event, at: datetime) -> Step[Change]:
    """One event of a change, or its planned end."""
    match event:
        case ChangeScheduled():
            return _published(_scheduled(state, event, at))
        case ChangeStarted():
            return _published(_started(state, event))
        case ChangeCompleted():
            return _published(_over(state, "completed", event, at))
        case ChangeFailed():
            return _published(_over(state.evolve(rolled_back=event.rolled_back), "failed", event, at))
        case ChangeCancelled():
            return _published(_over(state, "cancelled", event, at))
        case DeadlinePassed(name=name) if name == END:
            return Step(state).fires(
                CHANGE_OVERRUN,
                at,
                f"Change {state.id} of {state.service} is not over at its planned end",
                because=[record for record in (state.record, state.began) if record],
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


def _started(change: Change, event: ChangeStarted) -> Step[Change]:
    """When it began is worth knowing even when that is told after its end."""
    time = event.about.time
    began = change.evolve(began_at=min(change.began_at or time, time))
    if change.over:
        return Step(began)
    return _watched(Step(began.evolve(status="started", began=change.began or event.about.record)))


def _over(change: Change, status: Status, event: Event, at: datetime) -> Step[Change]:
    over = change.evolve(status=status, over_at=event.about.time)
    return Step(over).awaits(END, None).resolves(CHANGE_OVERRUN, at, f"it is {status}", by=[event])


def _watched(step: Step[Change]) -> Step[Change]:
    change = step.state
    watched = change.status == "started" and change.ends_at is not None
    return step.awaits(END, _grace_ends(change) if watched else None)


def _grace_ends(change: Change) -> datetime:
    """Only for a change that has a plan."""
    assert change.ends_at is not None
    return after(change.ends_at, timedelta(minutes=change.settings.change_grace_minutes))


def _published(step: Step[Change]) -> Step[Change]:
    """To those whom its service, its plan and its design concern, when something else is to be told than before."""
    change = step.state
    if change.service is None or change.starts_at is None or change.ends_at is None:
        return step
    began = change.began_at
    if began is None and change.status in ("completed", "failed") and change.over_at is not None:
        began = min(change.starts_at, change.over_at)  # nobody said when
    now = Told(
        service=change.service,
        design=change.design,
        starts_at=change.starts_at,
        ends_at=change.ends_at,
        began_at=began,
        over_at=change.over_at,
        built=began is not None and not change.rolled_back,
    )
    if now == change.told:
        return step
    revision = change.publications + 1
    emissions = change_facts.of(change.id, change.told, now, revision, change.record)
    return Step(change.evolve(told=now, publications=revision), (*step.emit, *emissions))
