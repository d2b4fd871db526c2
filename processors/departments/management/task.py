"""A task: who has it, how often it was handed on, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from processors.departments.credits import Credited
from processors.departments.management.settings import DEFAULTS, ManagementSettings
from processors.departments.reviews import Reviewed
from schemas.envelope import Event, Evidence
from schemas.management import (
    TaskAccepted,
    TaskCompleted,
    TaskDelegated,
    TaskProgressed,
    TaskReopened,
    TaskReturned,
    TaskWithdrawn,
)

MOST_HOLDERS = 20
"""Holders remembered of one task, the latest."""

Status = Literal["unknown", "open", "accepted", "returned", "done", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Held:
    """From when on somebody had the task."""

    at: datetime
    holder: str
    record: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What rules over several keys were told last."""

    holder: str
    due_at: datetime | None
    hours: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Task(Reviewed, Credited):
    """What is known of one task. Of two things said of it, the later by its own time counts."""

    label_fields = ("delegator",)

    settings: ManagementSettings = field(default=DEFAULTS)
    status: Status = "unknown"
    turned_at: datetime | None = None
    """When it came to stand like this."""
    turned: Evidence | None = None
    delegator: str | None = None
    delegated_at: datetime | None = None
    due_at: datetime | None = None
    hours: Decimal | None = None
    needs_service: str | None = None
    record: Evidence | None = None
    """The latest delegation."""
    due: Evidence | None = None
    """The delegation that said the due time, and to whom."""
    due_to: str | None = None
    due_via: Evidence | None = None
    """The last that gave it to somebody else since: so that it came back with the same due time."""
    holders: tuple[Held, ...] = ()
    """Who had it, oldest first."""
    percent: Decimal = Decimal(0)
    progressed_at: datetime | None = None
    published: Published | None = None
    publications: int = 0

    @property
    def held(self) -> bool:
        """Somebody has it and it is not done."""
        return self.status in ("open", "accepted", "returned")

    @property
    def holder(self) -> str | None:
        return self.holders[-1].holder if self.holders else None

    @property
    def chain(self) -> tuple[str, ...]:
        """Who had it in turn; the same person twice in a row is one turn."""
        return chain(self.holders)

    @property
    def remaining_hours(self) -> Decimal | None:
        if self.hours is None:
            return None
        return (self.hours * (100 - self.percent) / 100).quantize(Decimal("0.01"))


def chain(holders: Sequence[Held]) -> tuple[str, ...]:
    """Who had it in turn; the same person twice in a row is one turn."""
    names = [held.holder for held in holders]
    return tuple(name for n, name in enumerate(names) if n == 0 or names[n - 1] != name)


def read(task: Task, event: Event) -> Task:
    """The task after an event of its own."""
    time = event.about.time
    match event:
        case TaskDelegated():
            return _turned(_delegated(task, event), "open", event)
        case TaskAccepted():
            if task.holder != event.by:
                task = _had(task, event.by, event)
            return _turned(task, "accepted", event)
        case TaskReturned():
            to = event.to or task.delegator
            return _turned(_had(task, to, event) if to else task, "returned", event)
        case TaskProgressed() if task.progressed_at is None or task.progressed_at <= time:
            return task.evolve(percent=event.percent, progressed_at=time)
        case TaskCompleted():
            return _turned(task, "done", event)
        case TaskReopened():
            return _turned(task, "accepted", event)
        case TaskWithdrawn():
            return _turned(task, "withdrawn", event)
    return task


def _turned(task: Task, status: Status, event: Event) -> Task:
    """Told late, it does not undo what came after it."""
    time = event.about.time
    if task.turned_at is not None and time < task.turned_at:
        return task
    return task.evolve(status=status, turned_at=time, turned=event.about.record)


def _delegated(task: Task, event: TaskDelegated) -> Task:
    """New terms, unless newer ones are known; and another turn in its history, wherever that belongs."""
    time, before = event.about.time, task
    task = _had(task, event.to, event)
    if before.delegated_at is not None and time < before.delegated_at:
        return task
    handed_on = before.delegated_at is not None and before.holder != event.to
    if event.due_at is not None:
        task = task.evolve(due=event.about.record, due_to=event.to, due_via=None)
    return task.evolve(
        delegator=event.by,
        delegated_at=time,
        due_at=event.due_at or (before.due_at if handed_on else None),
        hours=event.hours if event.hours is not None else before.hours,
        needs_service=event.needs_service or before.needs_service,
        record=event.about.record,
    )


def _had(task: Task, holder: str, event: Event) -> Task:
    here = event.about.record
    holders = sorted((*task.holders, Held(event.about.time, holder, here)), key=lambda held: held.at)
    via = here if holder != task.due_to else task.due_via
    return task.evolve(holders=tuple(holders)[-MOST_HOLDERS:], due_via=via)
