"""Positions: none stays open unnoticed."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from processors.calendar import Calendar
from processors.departments.hr.settings import HrSettings
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from processors.wall_clock import FIRST_DAY, LAST_DAY
from schemas.envelope import Event, Evidence
from schemas.hr import CandidateAdvanced, PositionClosed, PositionFilled, PositionOpened
from schemas.processing import DeadlinePassed

OPEN_LONG = Rule(
    "hr.position_open_long",
    "info",
    "a position has been open for many days",
    "filled or closed",
    settings=("position_open_days", "calendar"),
)

DEADLINE = "open/position"


@dataclass(frozen=True, kw_only=True)
class Position(State):
    """A position, open from the day it was opened until it is filled or closed on that day or later."""

    label_fields = ("role", "department")

    settings: HrSettings = field(default=HrSettings())
    role: str | None = None
    department: str | None = None
    opened_on: date | None = None
    opened: Evidence | None = None
    ended_on: date | None = None
    stages: Rows[str] = field(default_factory=Rows)
    """The stage each candidate has reached."""

    @property
    def is_open(self) -> bool:
        if self.opened_on is None:
            return False
        return self.ended_on is None or self.ended_on < self.opened_on


def position_step(position: Position, event: Event, at: datetime) -> Step[Position]:
    match event:
        case PositionOpened() if position.opened_on is None or position.opened_on <= event.opened_on:
            opened = position.evolve(
                role=event.role, department=event.department, opened_on=event.opened_on, opened=event.about.record
            )
            return _settle(Step(opened), event, "it is open for a short time only", at)
        case CandidateAdvanced():
            return Step(position.evolve(stages=position.stages.put(event.candidate, event.stage)))
        case PositionFilled():
            return _settle(Step(_ended(position, event.filled_on)), event, "it was filled", at)
        case PositionClosed():
            return _settle(Step(_ended(position, event.closed_on)), event, "it was closed", at)
        case DeadlinePassed(due=due) if position.is_open:
            return _say(Step(position), due, at)
    return Step(position)


def _ended(position: Position, day: date) -> Position:
    return position.evolve(ended_on=max(day, position.ended_on or day))


def _settle(now: Step[Position], event: Event, why: str, at: datetime) -> Step[Position]:
    """Waits for as long as the position is open; says that the alert is over when it is not."""
    position = now.state
    due = _due(position) if position.is_open else None
    if due is None or due > at:
        now = now.resolves(OPEN_LONG, at, why, by=[event])
    return now.awaits(DEADLINE, due)


def _due(position: Position) -> datetime | None:
    """The midnight at which it has been open for as many days as it may."""
    if position.opened_on is None:
        return None
    days = timedelta(days=position.settings.position_open_days - 1)
    last = min(max(position.opened_on, FIRST_DAY), LAST_DAY - days) + days
    return Calendar.of(position.settings.calendar).end_of_day(last)


def _say(now: Step[Position], due: datetime, at: datetime) -> Step[Position]:
    position = now.state
    return now.fires(
        OPEN_LONG,
        at,
        f"Position {position.id} has been open since {position.opened_on}",
        because=[position.opened] if position.opened else [],
        due=due,
    )
