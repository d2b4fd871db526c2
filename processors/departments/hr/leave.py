"""Leave: alerting hears who is away, so that nobody on leave is paged."""

from datetime import datetime

from processors.departments.hr.employee import Employee
from processors.step import Step
from schemas.envelope import Event
from schemas.hr import LeaveCancelled, LeaveEnded, LeaveStarted
from schemas.oncall import PersonAway, PersonBack


def tell(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    """A leave is told as soon as its beginning is known, and again when it moves, ends or is not taken."""
    if not isinstance(event, LeaveStarted | LeaveEnded | LeaveCancelled):
        return now
    employee, leave = now.state, now.state.leaves[event.leave]
    if leave.starts_on is None:
        return now
    if leave.cancelled:
        return now.emits(employee.key, PersonBack(leave=event.leave))
    last_day = leave.ended_on or leave.ends_on
    until = None if last_day is None else employee.calendar.end_of_day(last_day)
    if isinstance(event, LeaveEnded):
        return now.emits(employee.key, PersonBack(leave=event.leave, since=until))
    begins = employee.calendar.at(leave.starts_on, "00:00")
    return now.emits(employee.key, PersonAway(leave=event.leave, starts_at=begins, ends_at=until))
