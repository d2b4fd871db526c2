"""Schedules given by command: kept and published. They go over those of the same names in the configuration."""

from datetime import datetime

from processors.alerting.settings import Schedule
from processors.alerting.state import Alerting
from processors.step import Step, Tombstone
from schemas.oncall import GivenSchedule, ScheduleRemove, ScheduleSet

LARGEST_PLAN = 100_000
"""Characters: it is one row of a state."""


def schedule(given: ScheduleSet | GivenSchedule) -> Schedule:
    """The schedule that a command, or its state, says. Raises ValueError for a plan that is none."""
    return Schedule.model_validate({**given.plan, "name": given.schedule})


def set_(step: Step[Alerting], event: ScheduleSet, at: datetime) -> Step[Alerting]:
    """From now on this is the schedule of that name. Raises ValueError for a plan that is none."""
    schedule(event)
    if len(event.model_dump_json()) > LARGEST_PLAN:
        raise ValueError(f"the plan of schedule {event.schedule} is longer than {LARGEST_PLAN:,} characters")
    now = GivenSchedule(
        schedule=event.schedule, plan=event.plan, created_by=event.by, comment=event.comment, updated_at=at
    )
    kept = step.evolve(schedules=step.state.schedules.put(event.schedule, now))
    return kept.emits(f"schedule/{event.schedule}", now)


def removed(step: Step[Alerting], event: ScheduleRemove) -> Step[Alerting]:
    """The configuration's holds again, or none."""
    if event.schedule not in step.state.schedules:
        return step
    gone = step.evolve(schedules=step.state.schedules.drop(event.schedule))
    return Step(gone.state, (*gone.emit, Tombstone(f"schedule/{event.schedule}", GivenSchedule.topic)))
