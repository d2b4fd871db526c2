"""Tasks: taken on, done in time, and not played ping-pong with."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from processors.departments import credits
from processors.departments.judging import found, moment, settle
from processors.departments.management.task import Held, Published, Task, chain, read
from processors.grounds import in_order, least
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.facts import TaskHeld
from schemas.management import DeadlineCredited
from schemas.processing import DeadlinePassed

UNACCEPTED = Rule(
    "management.task_unaccepted",
    "warning",
    "a task is not accepted within 4 working hours after it was delegated",
    "it is accepted, handed on, returned, done or withdrawn; or it is reviewed",
    settings=("task_accept_hours", "calendar"),
)
OVERDUE = Rule(
    "management.task_overdue",
    "warning",
    "a task is not done at its due time; error a working day later. While a service that it needs is down, its time"
    " stands still. The label `delegator` says whose it is to chase",
    "it is done or withdrawn, or its due time has moved; or it is reviewed",
    settings=("task_error_hours", "calendar"),
)
PING_PONG = Rule(
    "management.task_ping_pong",
    "warning",
    "a task that nobody has accepted was handed on 3 times, or came back to someone who had it",
    "it is accepted, done or withdrawn; or it is reviewed",
    settings=("task_hand_overs",),
)
RULES = (UNACCEPTED, OVERDUE, PING_PONG)

ACCEPT, DUE, WORSE = "accept", "due", "worse"


def step(state: Task, event: Event, at: datetime) -> Step[Task]:
    """One event of a task, or one of its deadlines."""
    now = Step(read(state, event))
    if isinstance(event, DeadlineCredited):
        now = credits.credited(now, event, at, state.settings.hours, OVERDUE)
    for judge in JUDGES.values():
        now = judge(now, "", event, at)
    return _publish(settle(now, event, at, JUDGES), event)


def _unaccepted(now: Step[Task], _: str, event: Event, at: datetime) -> Step[Task]:
    task, settings = now.state, now.state.settings
    if task.status != "open" or task.delegated_at is None:
        return now.awaits(ACCEPT, None).resolves(UNACCEPTED, at, "it needs no acceptance any more", by=[event])
    due = settings.hours.add_business_time(task.delegated_at, timedelta(hours=settings.task_accept_hours))
    if due >= moment(event, at):
        return now.awaits(ACCEPT, due).resolves(UNACCEPTED, at, "it was delegated anew", by=[event])
    summary = f"Task {task.id} is not accepted {settings.task_accept_hours} working hours after it was delegated"
    return found(now.awaits(ACCEPT, None), UNACCEPTED, at, summary, [task.record], _labels(task), event=event)


def _overdue(now: Step[Task], _: str, event: Event, at: datetime) -> Step[Task]:
    task, settings = now.state, now.state.settings
    now = _due(now, event)
    due = now.state.deadlines.get(DUE)
    if due is None:
        why = "what it needs is down" if DUE in now.state.needs else "it is not owed any more"
        return now.awaits(WORSE, None).resolves(OVERDUE, at, why, by=[event])
    here = moment(event, at)
    error_at = settings.hours.add_business_time(due, timedelta(hours=settings.task_error_hours))
    now = now.awaits(DUE, due if due >= here else None)
    now = now.awaits(WORSE, error_at if error_at >= here else None)
    if due >= here:
        return now.resolves(OVERDUE, at, f"it is due at {due.isoformat()}", by=[event])
    summary = f"Task {task.id} was due at {due.isoformat()} and is not done"
    severity = OVERDUE.severity if error_at >= here else "error"
    return found(now, OVERDUE, at, summary, _grounds(task), _labels(task), event=event, severity=severity)


def _grounds(task: Task) -> list[Evidence | None]:
    """What said the due time, and how it went on with the task to whom has it."""
    back = task.record != task.due and task.holder == task.due_to
    return [task.due, task.due_via if back else None, task.record]


def _due(now: Step[Task], event: Event) -> Step[Task]:
    """Waits for its due time, with what outages of the service it needs have taken from it. Not while one lasts."""
    task = now.state
    if not task.held or task.due_at is None or task.delegated_at is None:
        return credits.over(now, DUE, event.about.record)
    return credits.waits(
        now,
        DUE,
        task.due_at,
        task.settings.hours,
        department="management",
        service=task.needs_service,
        since=task.delegated_at,
        record=task.record,
    )


def _ping_pong(now: Step[Task], _: str, event: Event, at: datetime) -> Step[Task]:
    """Who accepts it ends it; it is said again when it is handed on once more."""
    task = now.state
    if task.status not in ("open", "returned") or not _is_played(task, task.holders):
        return now.resolves(PING_PONG, at, "somebody has it now", by=[event])
    hand_overs = task.settings.task_hand_overs
    what = "came back to someone who had it" if _is_back(task.holders) else f"was handed on {hand_overs} times"
    return found(now, PING_PONG, at, f"Task {task.id} {what}", _turns(task), _labels(task), event=event)


def _is_back(holders: Sequence[Held]) -> bool:
    names = chain(holders)
    return len(set(names)) < len(names)


def _is_played(task: Task, holders: Sequence[Held]) -> bool:
    return _is_back(holders) or len(chain(holders)) > task.settings.task_hand_overs


def _turns(task: Task) -> Iterator[Evidence]:
    """The hand-overs that make it ping-pong: the latest delegation, how the task stands now, and those it takes
    besides."""
    last = (task.record, task.turned)
    back = _is_back(task.holders)

    def is_alike(some: Sequence[Held]) -> bool:
        held = [each for each in task.holders if each in some or each.record in last]
        return _is_played(task, held) and _is_back(held) == back

    needed = least([held for held in task.holders if held.record not in last], is_alike)
    yield from in_order(last, (held.record for held in needed))


def _labels(task: Task) -> dict[str, str]:
    """Whose task it is, for routing."""
    return {"delegator": task.delegator} if task.delegator else {}


def _publish(now: Step[Task], event: Event) -> Step[Task]:
    """Who holds it, for rules over all tasks of a person; what changed hands is taken back first."""
    task, record = now.state, event.about.record
    holds = task.held and task.holder is not None
    wanted = Published(task.holder or "", task.due_at, task.remaining_hours) if holds else None
    before = task.published
    if wanted == before or isinstance(event, DeadlinePassed):
        return now
    revision = task.publications
    if before is not None and (wanted is None or wanted.holder != before.holder):
        revision += 1
        fact = TaskHeld(task=task.id, holds=False, revision=revision, record=record)
        now = now.emits(f"workload/{before.holder}", fact)
    if wanted is not None:
        revision += 1
        fact = TaskHeld(task=task.id, due_at=wanted.due_at, hours=wanted.hours, revision=revision, record=record)
        now = now.emits(f"workload/{wanted.holder}", fact)
    return now.evolve(published=wanted, publications=revision)


JUDGES = {UNACCEPTED: _unaccepted, OVERDUE: _overdue, PING_PONG: _ping_pong}
