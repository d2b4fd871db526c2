"""What HR tells rules over several keys: employments, who reports to whom, identities, leaves and shifts."""

from dataclasses import asdict
from datetime import datetime

from processors.departments.hr.employee import Employee
from processors.departments.hr.rows import Told
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import EmploymentStated, IdentitySeen, LeaveStated, ReportStated, ShiftStated
from schemas.hr import LeaveCancelled, LeaveEnded, LeaveStarted, ShiftCancelled, ShiftPlanned


def tell(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    """Each fact is told when it is news, with the employee's next revision."""
    match event:
        case LeaveStarted() | LeaveEnded() | LeaveCancelled():
            now = _leave(now, event)
        case ShiftPlanned() | ShiftCancelled():
            return _shift(now, event)
    return _identity(_manager(_employment(now, event), event), event)


def _revised(now: Step[Employee]) -> tuple[Step[Employee], int]:
    revision = now.state.statements + 1
    return now.evolve(statements=revision), revision


def _employment(now: Step[Employee], event: Event) -> Step[Employee]:
    employee = now.state
    told = Told(
        role=employee.role,
        start_on=employee.start_on,
        last_day=employee.last_day,
        manager=employee.manager,
        manager_since=employee.manager_since,
        onboarded=not employee.open_steps,
        onboarded_at=employee.onboarded_at,
        merged_into=employee.merged_into,
    )
    if told == employee.told:
        return now
    now, revision = _revised(now.evolve(told=told))
    fact = EmploymentStated(**asdict(told), revision=revision, record=event.about.record)
    return now.emits(f"person/{employee.id}", fact)


def _manager(now: Step[Employee], event: Event) -> Step[Employee]:
    """Who is, or was, the manager hears of it."""
    employee = now.state
    manager = employee.manager if employee.employed and employee.manager != employee.id else None
    if manager == employee.told_manager:
        return now
    for name, holds in ((employee.told_manager, False), (manager, True)):
        if name is not None:
            now, revision = _revised(now)
            since = employee.manager_since if holds else None
            fact = ReportStated(
                employee=employee.id, since=since, holds=holds, revision=revision, record=event.about.record
            )
            now = now.emits(f"person/{name}", fact)
    return now.evolve(told_manager=manager)


def _identity(now: Step[Employee], event: Event) -> Step[Employee]:
    employee = now.state
    identity = employee.identity_hash if employee.merged_into is None else None
    if identity is not None and not (identity.strip() and identity.isprintable()):
        identity = None  # no hash, and no key either
    if identity == employee.told_identity:
        return now
    for name, holds in ((employee.told_identity, False), (identity, True)):
        if name is not None:
            now, revision = _revised(now)
            fact = IdentitySeen(
                of="employee", id=employee.id, holds=holds, revision=revision, record=event.about.record
            )
            now = now.emits(f"identity/{name}", fact)
    return now.evolve(told_identity=identity)


def _leave(now: Step[Employee], event: LeaveStarted | LeaveEnded | LeaveCancelled) -> Step[Employee]:
    leave = now.state.leaves[event.leave]
    if leave.starts_on is None:
        return now
    now, revision = _revised(now)
    fact = LeaveStated(
        leave=event.leave,
        starts_on=leave.starts_on,
        ends_on=leave.ended_on or leave.ends_on,
        delegate=leave.delegate,
        holds=not leave.cancelled,
        revision=revision,
        record=event.about.record,
    )
    return now.emits(f"person/{now.state.id}", fact)


def _shift(now: Step[Employee], event: ShiftPlanned | ShiftCancelled) -> Step[Employee]:
    shift = now.state.shifts[event.shift]
    if shift.starts_at is None or shift.ends_at is None:
        return now
    now, revision = _revised(now)
    fact = ShiftStated(
        shift=event.shift,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        holds=not shift.cancelled,
        revision=revision,
        record=event.about.record,
    )
    return now.emits(f"person/{now.state.id}", fact)
