"""Consistency: an employee's record says nothing that cannot be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from processors.departments.hr.employee import Employee
from processors.departments.hr.employment import faults
from processors.departments.hr.rows import Fault
from processors.departments.reviews import is_reviewed, review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.hr import DocumentFiled, FindingReviewed, Problem, RecordCorrected

INCONSISTENT = Rule(
    "hr.record_inconsistent",
    "error",
    "a record contradicts itself: hired twice, something done after the last day, an end before its beginning,"
    " somebody who is their own manager, a rejected copy filed again",
    "corrected, or reviewed",
    distinguish=("problem",),
)

PROBLEMS: tuple[Problem, ...] = get_args(Problem)

MAX_SETTLED = 100
"""Settled contradictions remembered per employee, the latest."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What cannot be, in words, and the records that say so."""

    problem: Problem
    text: str
    records: tuple[Evidence | None, ...]


def check(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    match event:
        case RecordCorrected():
            now = Step(_correct(now.state, event), now.emit)
        case DocumentFiled():
            now = Step(_look_at(now.state, event), now.emit)
        case FindingReviewed(rule=INCONSISTENT.name):
            now = review(now, event, at, INCONSISTENT)
    employee = now.state
    holds = {c.problem: c for c in contradictions(employee) if c.text not in employee.settled}
    for problem in PROBLEMS:
        found = holds.get(problem)
        if found is None:
            now = now.resolves(INCONSISTENT, at, "it was corrected", by=[event], problem=problem)
        elif not is_reviewed(employee, INCONSISTENT, problem=problem):
            now = now.fires(
                INCONSISTENT,
                at,
                f"Employee {employee.id}: {found.text}",
                because=[record for record in found.records if record],
                labels={"problem": problem},
            )
    return now


def contradictions(employee: Employee) -> Iterator[Contradiction]:
    """Everything in this record that cannot be, at most one of a kind."""
    start, again, last, act = employee.start_on, employee.second_start, employee.last_day, employee.latest_act_on
    if again is not None:
        text = f"hired for {start} and again for {again}, with no last day between"
        yield Contradiction("hired_twice", text, (employee.hired, employee.hired_again))
    if last is not None and act is not None and act > last:
        text = f"something was done on {act}, after the last day, {last}"
        yield Contradiction("act_after_termination", text, (employee.ended, employee.latest_act))
    if last is not None and start is not None and last < start:
        text = f"the last day, {last}, is before the first, {start}"
        yield Contradiction("end_before_start", text, (employee.hired, employee.ended))
    elif employee.faulty:
        yield _faults("end_before_start", "ends before it begins", employee.faulty)
    if employee.manager is not None and employee.manager == employee.id:
        text = "is entered as their own manager"
        yield Contradiction("own_manager", text, (employee.manager_record,))
    if employee.rejected_filed:
        yield _faults("rejected_document_filed", "was filed again after it was rejected", employee.rejected_filed)


def _look_at(employee: Employee, event: DocumentFiled) -> Employee:
    """What cannot be within one document."""
    what, here = f"document {event.document}", event.about.record
    impossible = bool(event.issued_on and event.valid_until and event.valid_until < event.issued_on)
    rejections = employee.document(event.document).rejections
    rejection = next((r for r in rejections if r.file == event.file and r.at < event.about.time), None)
    refiled = Fault(what, (rejection.record, here)) if rejection else Fault(what)
    return employee.evolve(
        faulty=faults(employee.faulty, Fault(what, (here,)), impossible),
        rejected_filed=faults(employee.rejected_filed, refiled, rejection is not None),
    )


def _faults(problem: Problem, what: str, faults: tuple[Fault, ...]) -> Contradiction:
    return Contradiction(
        problem, f"{', '.join(f.what for f in faults)} {what}", tuple(r for f in faults for r in f.records)
    )


def _correct(employee: Employee, event: RecordCorrected) -> Employee:
    """What the correction names is right now; what its values do not explain was looked at, and stands."""
    named = PROBLEMS if event.problem is None else (event.problem,)
    if "hired_twice" in named:
        employee = employee.evolve(second_start=None, hired_again=None)
    if "end_before_start" in named:
        employee = employee.evolve(faulty=())
    if "rejected_document_filed" in named:
        employee = employee.evolve(rejected_filed=())
    left = tuple(c.text for c in contradictions(employee) if c.problem in named and c.text not in employee.settled)
    return employee.evolve(settled=(*employee.settled, *left)[-MAX_SETTLED:])
