"""Goals: progress keeps up with the straight line to their date."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from processors.departments.judging import found, moment, settle
from processors.departments.management.settings import DEFAULTS, ManagementSettings
from processors.departments.reviews import Reviewed
from processors.rule import Rule
from processors.step import Step
from processors.wall_clock import FIRST_DAY
from schemas.envelope import Event, Evidence
from schemas.management import GoalDropped, GoalProgressed, GoalSet

OFF_TRACK = Rule(
    "management.goal_off_track",
    "warning",
    "a goal's progress is 15 points behind the straight line to its date, or it is not reached at its date",
    "it has caught up, its dates have moved, it is dropped, or it is reviewed",
    settings=("goal_points", "calendar"),
)
RULES = (OFF_TRACK,)

BEHIND = "behind"


@dataclass(frozen=True, kw_only=True)
class Goal(Reviewed):
    """What is known of one goal. Progress may be known before the goal."""

    settings: ManagementSettings = field(default=DEFAULTS)
    starts_on: date | None = None
    due_on: date | None = None
    baseline: Decimal = Decimal(0)
    set_at: datetime | None = None
    record: Evidence | None = None
    percent: Decimal | None = None
    progressed_at: datetime | None = None
    progress: Evidence | None = None
    dropped_at: datetime | None = None

    @property
    def pursued(self) -> bool:
        """Set, and not dropped since."""
        if self.set_at is None:
            return False
        return self.dropped_at is None or self.dropped_at < self.set_at


def step(state: Goal, event: Event, at: datetime) -> Step[Goal]:
    """One event of a goal, or the moment at which it falls too far behind."""
    now = _off_track(Step(_read(state, event)), "", event, at)
    return settle(now, event, at, {OFF_TRACK: _off_track})


def _read(goal: Goal, event: Event) -> Goal:
    time, here = event.about.time, event.about.record
    match event:
        case GoalSet() if goal.set_at is None or goal.set_at <= time:
            return goal.evolve(
                starts_on=event.starts_on,
                due_on=event.due_on,
                baseline=event.baseline_percent,
                set_at=time,
                record=here,
            )
        case GoalProgressed() if goal.progressed_at is None or goal.progressed_at <= time:
            return goal.evolve(percent=event.percent, progressed_at=time, progress=here)
        case GoalDropped():
            return goal.evolve(dropped_at=max(goal.dropped_at or time, time))
    return goal


def _off_track(now: Step[Goal], _: str, event: Event, at: datetime) -> Step[Goal]:
    goal = now.state
    behind_from = _behind_from(goal)
    if behind_from is None or behind_from >= moment(event, at):
        return now.awaits(BEHIND, behind_from).resolves(OFF_TRACK, at, "it keeps up", by=[event])
    done = goal.baseline if goal.percent is None else goal.percent
    summary = f"Goal {goal.id} is too far behind the straight line to {goal.due_on}: {done.normalize():f} % is reached"
    progress = None if done == goal.baseline else goal.progress
    return found(now.awaits(BEHIND, None), OFF_TRACK, at, summary, [goal.record, progress], {}, event=event)


def _behind_from(goal: Goal) -> datetime | None:
    """When progress as it is now will be too far behind; None: never. The line rises evenly in elapsed time."""
    if not goal.pursued or goal.starts_on is None or goal.due_on is None:
        return None
    done = goal.baseline if goal.percent is None else goal.percent
    if done >= 100:
        return None
    calendar = goal.settings.hours
    ends = calendar.end_of_day(goal.due_on)
    begins = min(calendar.end_of_day(max(goal.starts_on, FIRST_DAY + timedelta(days=1)) - timedelta(days=1)), ends)
    rise = 100 - goal.baseline
    share = (done + goal.settings.goal_points - goal.baseline) / rise if rise else Decimal(1)
    seconds = Decimal(int((ends - begins).total_seconds())) * min(max(share, Decimal(0)), Decimal(1))
    return begins + timedelta(seconds=int(seconds))
