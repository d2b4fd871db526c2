"""Overload: one person has more tasks, or more work that is due, than working time for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from processors.calendar import Calendar
from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.grounds import least
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import TaskHeld
from schemas.processing import DeadlinePassed

OVERLOAD = Rule(
    "management.overload",
    "warning",
    "one person holds more than 15 open tasks, or the tasks due by some time are more hours of work than working hours"
    " are left until then",
    "it is fewer",
    settings=("max_open_tasks", "calendar", "workload_horizon_days"),
)
RULES = (OVERLOAD,)

LOOK = "management.overload/look"

PASSED = timedelta(milliseconds=1)
"""Work that fits exactly still fits; it does not the least time later."""


@dataclass(frozen=True, slots=True)
class Held:
    """A task that the person holds."""

    due_at: datetime | None
    hours: Decimal | None
    record: Evidence | None


@dataclass(frozen=True, kw_only=True)
class Workload(State):
    """The open tasks of one person. An event looks at no more of them than a person may hold."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    held: int = 0
    tasks: Rows[Held] = field(default_factory=Rows)
    revisions: Rows[int] = field(default_factory=Rows)
    """The latest word on each task; of one that is not held any more, for some time."""


def step(state: Workload, event: Event, at: datetime) -> Step[Workload]:
    """A task came, changed or went; or it is time to look again."""
    match event:
        case TaskHeld() if event.revision > state.revisions.get(event.task, 0):
            return _judge(_told(state, event, at), event, at)
        case DeadlinePassed():
            return _judge(state, event, after(at, PASSED), said_at=at)
    return Step(state)


def _told(workload: Workload, event: TaskHeld, at: datetime) -> Workload:
    known = event.task in workload.tasks
    forget = None if event.holds else after(at, timedelta(days=workload.settings.workload_memory_days))
    revisions = workload.revisions.put(event.task, event.revision, forget)
    if event.holds:
        tasks = workload.tasks.put(event.task, Held(event.due_at, event.hours, event.record))
    else:
        tasks = workload.tasks.drop(event.task)
    return workload.evolve(tasks=tasks, revisions=revisions, held=workload.held + event.holds - known)


def _judge(workload: Workload, event: Event, here: datetime, said_at: datetime | None = None) -> Step[Workload]:
    settings, now, at = workload.settings, Step(workload), said_at or here
    if workload.held > settings.max_open_tasks:
        summary = f"{workload.id} holds more than {settings.max_open_tasks} open tasks"
        return now.awaits(LOOK, None).fires(OVERLOAD, at, summary, because=_too_many(workload))
    overdrawn, look_again = _hours(workload, here)
    now = now.awaits(LOOK, look_again)
    if overdrawn is None:
        return now.resolves(OVERLOAD, at, "the work fits into the working time", by=[event])
    summary = f"{workload.id} has more work due by {overdrawn:%Y-%m-%d %H:%M} UTC than working hours until then"
    return now.fires(OVERLOAD, at, summary, because=_too_much(workload, here))


def _too_many(workload: Workload) -> Iterator[Evidence]:
    """One task more than may be held."""
    tasks = islice(workload.tasks.values(), workload.settings.max_open_tasks + 1)
    yield from (task.record for task in tasks if task.record)


def _too_much(workload: Workload, here: datetime) -> Iterator[Evidence]:
    """The tasks whose work does not fit."""

    def overdrawn(some: Sequence[tuple[str, Held]]) -> bool:
        return _hours(workload.evolve(tasks=Rows(dict(some))), here)[0] is not None

    yield from (task.record for _, task in least(list(workload.tasks.items()), overdrawn) if task.record)


def _hours(workload: Workload, here: datetime) -> tuple[datetime | None, datetime | None]:
    """The first due time by which the work does not fit, and when to look again.

    Taking tasks in the order of their due times fits whenever anything does (Jackson's rule: earliest due date
    first). A task is as much work as was told last: what is done of it and was not reported counts as not done.
    Work that is overdue takes time, too, but only a due time that is still to come can be missed by it.
    """
    settings = workload.settings
    calendar, horizon = Calendar.of(settings.calendar), timedelta(days=settings.workload_horizon_days)
    due = sorted((task.due_at, task.hours) for task in workload.tasks.values() if task.due_at and task.hours)
    counted, left = here, timedelta()
    least: timedelta | None = None
    looks: list[datetime] = []
    for when, hours in due:
        left -= timedelta(seconds=int(min(hours, _MOST_HOURS) * 3600))
        if when < here:
            continue
        looks.append(when if when - here <= horizon else when - horizon)
        if when - here > horizon:
            break
        left += calendar.business_time_between(counted, when)
        if left < timedelta():
            return when, looks[0]
        counted, least = when, left if least is None else min(least, left)
    if least is not None:
        looks.append(calendar.add_business_time(here, least + PASSED))  # the first working instant that is missing
    return None, min(looks, default=None)


_MOST_HOURS = Decimal(1_000_000)
