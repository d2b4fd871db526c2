"""Leavers: who resigns after a short time, and who names a reason that calls for a talk."""

from datetime import datetime

from processors.departments.hr.employee import Employee
from processors.departments.hr.rows import Exit
from processors.departments.reviews import is_reviewed, review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.hr import EmployeeHired, EmployeeTerminated, ExitInterviewed, FindingReviewed, RecordCorrected

EARLY = Rule(
    "hr.resigned_early",
    "info",
    "somebody resigns before having served 2 full years, or, where only years are known, within 2 years of the"
    " calendar",
    "reviewed, or corrected",
    settings=("early_resignation_years",),
)
CONCERN = Rule(
    "hr.exit_concern",
    "warning",
    "somebody who resigns names interpersonal conflicts or a traumatic incident; the alert does not say which",
    "reviewed, or corrected",
)


def check(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    match event:
        case FindingReviewed(rule=EARLY.name):
            return review(now, event, at, EARLY)
        case FindingReviewed(rule=CONCERN.name):
            return review(now, event, at, CONCERN)
        case ExitInterviewed() | EmployeeTerminated() | EmployeeHired() | RecordCorrected():
            employee, left = now.state, now.state.exit
            interview = (left.record,) if left else ()
            days = _days_known(employee, left) if left else ()
            now = _judge(now, event, at, EARLY, "resigned after a short time", days, holds=resigned_early(employee))
            what = "named a reason that calls for a talk"
            return _judge(now, event, at, CONCERN, what, interview, holds=_concerns(employee))
    return now


def _days_known(employee: Employee, left: Exit) -> tuple[Evidence | None, ...]:
    """What tells the first day and the last, and that it was a resignation: the exit interview, or else others."""
    first, last = None if left.joined else employee.hired, None if left.left else employee.ended
    told_without = first is not None and last is not None and employee.ended_by == "resignation"
    return first, last, None if told_without else left.record


def _judge(
    now: Step[Employee],
    event: Event,
    at: datetime,
    rule: Rule,
    what: str,
    records: tuple[Evidence | None, ...],
    *,
    holds: bool,
) -> Step[Employee]:
    employee = now.state
    if not holds:
        return now.resolves(rule, at, "it was corrected", by=[event])
    if is_reviewed(employee, rule):
        return now
    because = [record for record in records if record]
    return now.fires(rule, at, f"Employee {employee.id} {what}", because=because)


def _concerns(employee: Employee) -> bool:
    left = employee.exit
    return left is not None and left.resigned and not set(employee.settings.exit_concerns).isdisjoint(left.reasons)


def resigned_early(employee: Employee) -> bool:
    """A resignation after too few years; not where one of the days is not known or they contradict one another."""
    left = employee.exit
    if left is None or not left.resigned:
        return False
    years = years_served(employee, left)
    return years is not None and 0 <= years < employee.settings.early_resignation_years


def years_served(employee: Employee, left: Exit) -> int | None:
    """Full years between the first day and the last; the difference of their years when no more is known of one."""
    first = left.joined or (employee.start_on.isoformat() if employee.start_on else None)
    last = left.left or (employee.last_day.isoformat() if employee.last_day else None)
    if first is None or last is None:
        return None
    years = int(last[:4]) - int(first[:4])
    exact = len(first) == len(last) == len("2027-06-30")
    return years - 1 if exact and last[4:] < first[4:] else years
