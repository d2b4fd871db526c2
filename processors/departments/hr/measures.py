"""What the states of HR answer besides alerts: who leaves, how and why."""

from collections.abc import Callable

from processors.departments.hr.employee import Employee
from processors.departments.hr.exits import resigned_early, years_served
from processors.departments.hr.rows import Exit
from processors.measure import Measure, by_name, cases

PRECISIONS = {4: "year", 7: "month", 10: "day"}
"""How exact a day is, by the length of what was said of it."""


def _resigned(reasons: frozenset[str]) -> Callable[[Employee], bool]:
    """Somebody resigned and named one of these reasons."""
    return lambda e: e.exit is not None and e.exit.resigned and not reasons.isdisjoint(e.exit.reasons)


def _separation(key: str, employee: Employee) -> tuple[str, ...]:
    left = employee.exit
    return () if left is None else (f"{left.separation}/{left.motive}" if left.motive else left.separation,)


def _precision(key: str, employee: Employee) -> tuple[str, ...]:
    left = employee.exit
    if left is None:
        return ()
    return (PRECISIONS[len(left.left)] if left.left else "day" if employee.last_day else "unknown",)


def _reasons(key: str, employee: Employee) -> tuple[str, ...]:
    return employee.exit.reasons if employee.exit else ()


def _unstarted(employee: Employee) -> bool:
    left: Exit | None = employee.exit
    return left is not None and left.joined is None and employee.start_on is None


def _backwards(employee: Employee) -> bool:
    left = employee.exit
    return left is not None and (years_served(employee, left) or 0) < 0


MEASURES = by_name(
    cases("leavers", "Employees of whom it is known how they leave.", "employee", lambda e: e.exit),
    Measure("leavers_by_separation", "Leavers by how they leave.", "employee", _separation, "count"),
    Measure("leavers_by_reason", "How often leavers name each reason.", "employee", _reasons, "count"),
    Measure("leavers_by_precision", "Leavers by how exactly their last day is known.", "employee", _precision, "count"),
    cases("leavers_start_unknown", "Leavers of whom no first day is known.", "employee", _unstarted),
    cases("leavers_before_start", "Leavers whose last year is before their first.", "employee", _backwards),
    cases("resigned", "Employees who resigned.", "employee", lambda e: e.exit and e.exit.resigned),
    cases("resigned_early", "Employees who resigned after a short time.", "employee", resigned_early),
    cases(
        "resigned_dissatisfied",
        "Employees who resigned and named dissatisfaction with the job.",
        "employee",
        _resigned(frozenset({"job_dissatisfaction"})),
    ),
    cases(
        "resigned_in_conflict",
        "Employees who resigned and named conflicts or a traumatic incident.",
        "employee",
        _resigned(frozenset({"interpersonal_conflicts", "traumatic_incident"})),
    ),
)
