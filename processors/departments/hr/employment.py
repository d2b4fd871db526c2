"""What an event changes in an employment: hiring, transfers, managers, the last day, leave and shifts."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from processors.departments.hr.employee import Employee
from processors.departments.hr.rows import Exit, Fault, Leave, Shift
from processors.instants import after
from schemas.envelope import Event, Evidence
from schemas.hr import (
    EmployeeHired,
    EmployeeManagerChanged,
    EmployeeMerged,
    EmployeeTerminated,
    EmployeeTransferred,
    ExitInterviewed,
    LeaveCancelled,
    LeaveEnded,
    LeaveStarted,
    RecordCorrected,
    ShiftCancelled,
    ShiftPlanned,
    TerminationWithdrawn,
)

SHIFT_MEMORY = timedelta(days=60)
"""How long a shift that is over can still be corrected."""


def record(employee: Employee, event: Event, at: datetime) -> Employee:
    """The employment after this event. Documents and onboarding are kept by their own rules."""
    match event:
        case LeaveStarted() | LeaveEnded() | LeaveCancelled():
            return _leave(employee, event)
        case ShiftPlanned() | ShiftCancelled():
            return _shift(employee, event, at)
    return _employment(employee, event)


def _employment(employee: Employee, event: Event) -> Employee:
    here = event.about.record
    match event:
        case EmployeeHired():
            return _hire(employee, event)
        case EmployeeTransferred():
            moved = _acted(employee, event.effective_on, here).evolve(
                role=event.role or employee.role,
                role_record=here if event.role else employee.role_record,
                department=event.department or employee.department,
                position=event.position or employee.position,
                site=event.site or employee.site,
            )
            return moved.evolve(other_settings=here) if moved.settings != employee.settings else moved
        case EmployeeManagerChanged():
            day = event.effective_on or employee.calendar.local_date(event.about.time)
            acted = _acted(employee, day, here) if event.manager else employee
            return acted.evolve(manager=event.manager, manager_record=here, manager_since=day)
        case EmployeeTerminated():
            return _terminate(employee, event)
        case TerminationWithdrawn():
            return employee.evolve(last_day=None, ended=None, ended_by=None)
        case EmployeeMerged():
            return employee.evolve(merged_into=event.into if event.into != employee.id else None)
        case ExitInterviewed():
            return employee.evolve(exit=_exit(employee, event))
        case RecordCorrected():
            return employee.evolve(
                start_on=event.start_on or employee.start_on,
                hired=here if event.start_on else employee.hired,
                last_day=event.last_day or employee.last_day,
                ended=here if event.last_day else employee.ended,
                ended_by=None if event.last_day else employee.ended_by,
                manager=event.manager or employee.manager,
                manager_record=here if event.manager else employee.manager_record,
            )
    return employee


def _hire(employee: Employee, event: EmployeeHired) -> Employee:
    here, start, last_day = event.about.record, event.start_on, employee.last_day
    employee = employee.evolve(
        role=event.role,
        role_record=here,
        department=event.department or employee.department,
        position=event.position or employee.position,
        site=event.site or employee.site,
        manager=event.manager or employee.manager,
        manager_record=here if event.manager else employee.manager_record,
        manager_since=start if event.manager else employee.manager_since,
        identity_hash=event.identity_hash or employee.identity_hash,
    )
    if employee.start_on is None:
        return employee.evolve(start_on=start, hired=here)
    if last_day is not None and start > last_day:
        return employee.evolve(start_on=start, hired=here, last_day=None, ended=None, exit=None)
    first, second = sorted((employee.start_on, start))
    return employee.evolve(start_on=first, second_start=second, hired_again=here)


def _terminate(employee: Employee, event: EmployeeTerminated) -> Employee:
    """Ends the employment; or, when two were known, the first of them."""
    first, second = employee.start_on, employee.second_start
    if first is not None and second is not None and first <= event.last_day < second:
        return employee.evolve(start_on=second, hired=employee.hired_again, second_start=None, hired_again=None)
    left = employee.exit
    if left is None and event.separation is not None:
        left = Exit(separation=event.separation, record=event.about.record)
    return employee.evolve(last_day=event.last_day, ended=event.about.record, ended_by=event.separation, exit=left)


def _exit(employee: Employee, event: ExitInterviewed) -> Exit:
    return Exit(
        separation=event.separation,
        motive=event.motive,
        reasons=tuple(dict.fromkeys(event.reasons)),
        joined=event.joined,
        left=event.left,
        record=event.about.record,
    )


def _acted(employee: Employee, day: date, record: Evidence | None) -> Employee:
    if employee.latest_act_on is not None and day <= employee.latest_act_on:
        return employee
    return employee.evolve(latest_act_on=day, latest_act=record)


def _leave(employee: Employee, event: LeaveStarted | LeaveEnded | LeaveCancelled) -> Employee:
    leave, time = employee.leaves.get(event.leave, Leave()), event.about.time
    match event:
        case LeaveStarted():
            employee = _acted(employee, event.starts_on, event.about.record)
            leave = replace(
                leave,
                starts_on=event.starts_on,
                ends_on=event.ends_on,
                delegate=event.delegate,
                started_at=time,
                started=event.about.record,
            )
        case LeaveEnded():
            leave = replace(leave, ended_on=event.ended_on, ended=event.about.record)
        case LeaveCancelled():
            leave = replace(leave, cancelled_at=time)
    impossible = not leave.cancelled and (_before(leave.ends_on, leave) or _before(leave.ended_on, leave))
    ended = None if _before(leave.ends_on, leave) else leave.ended
    faulty = faults(employee.faulty, Fault(f"leave {event.leave}", (leave.started, ended)), impossible)
    return employee.evolve(leaves=employee.leaves.put(event.leave, leave), faulty=faulty)


def _before(day: date | None, leave: Leave) -> bool:
    return day is not None and leave.starts_on is not None and day < leave.starts_on


def _shift(employee: Employee, event: ShiftPlanned | ShiftCancelled, at: datetime) -> Employee:
    shift, time = employee.shifts.get(event.shift, Shift()), event.about.time
    if isinstance(event, ShiftPlanned):
        shift = replace(
            shift, starts_at=event.starts_at, ends_at=event.ends_at, planned_at=time, planned=event.about.record
        )
    else:
        shift = replace(shift, cancelled_at=time)
    impossible = bool(not shift.cancelled and shift.starts_at and shift.ends_at and shift.ends_at <= shift.starts_at)
    faulty = faults(employee.faulty, Fault(f"shift {event.shift}", (shift.planned,)), impossible)
    forget = after(max(at, shift.ends_at or at), SHIFT_MEMORY)
    return employee.evolve(shifts=employee.shifts.put(event.shift, shift, forget), faulty=faulty)


def faults(known: tuple[Fault, ...], fault: Fault, holds: bool) -> tuple[Fault, ...]:
    """The known faults with this one, if it holds, and otherwise without it."""
    others = tuple(f for f in known if f.what != fault.what)
    if not holds:
        return others
    return known if len(others) < len(known) else (*others, fault)
