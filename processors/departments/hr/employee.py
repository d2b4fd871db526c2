"""An employee: employment, documents, onboarding and leave, before any rule reads them."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from processors.calendar import Calendar
from processors.departments.hr.settings import HrSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.hr import (
    EmployeeHired,
    EmployeeManagerChanged,
    EmployeeTerminated,
    EmployeeTransferred,
    LeaveEnded,
    LeaveStarted,
    RecordCorrected,
)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A copy that does not count."""

    file: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One kind of document in an employee's record: whether it is needed, and the copy filed last."""

    required: bool = False
    due_on: date | None = None
    asked_at: datetime | None = None
    """When it was last asked for by hand: a copy filed before that does not answer it."""
    asked: Evidence | None = None
    file: str | None = None
    filed_at: datetime | None = None
    filed: Evidence | None = None
    valid_until: date | None = None
    rejections: tuple[Rejection, ...] = ()
    waived: bool = False
    waived_until: date | None = None

    @property
    def counts(self) -> bool:
        """There is a copy, and it was not rejected."""
        return self.file is not None and all(r.file != self.file for r in self.rejections)

    @property
    def in_place(self) -> bool:
        """There is a copy that counts, and it answers what was asked for."""
        asked, filed = self.asked_at, self.filed_at
        return self.counts and (asked is None or filed is None or filed >= asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingStep:
    """A step of the checklist, or one done outside it (`due_on` None)."""

    due_on: date | None = None
    declared: Evidence | None = None
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A leave. Its end may be known before its beginning."""

    starts_on: date | None = None
    ends_on: date | None = None
    ended_on: date | None = None
    delegate: str | None = None


NO_DOCUMENT = Document()
"""One that was neither asked for nor filed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the record that cannot be: a leave or a document."""

    what: str
    record: Evidence | None


@dataclass(frozen=True, kw_only=True)
class Employee(Reviewed):
    """Everything HR knows of an employee, by ids alone."""

    settings: HrSettings = field(default=HrSettings())
    role: str | None = None
    department: str | None = None
    position: str | None = None
    manager: str | None = None
    manager_record: Evidence | None = None
    start_on: date | None = None
    hired: Evidence | None = None
    second_start: date | None = None
    """A second first day, with no last day between."""
    hired_again: Evidence | None = None
    last_day: date | None = None
    ended: Evidence | None = None
    latest_act_on: date | None = None
    """The latest day on which something was done that only employees do."""
    latest_act: Evidence | None = None
    faulty: tuple[Fault, ...] = ()
    """What ended before it began."""
    rejected_filed: tuple[Fault, ...] = ()
    """Copies that were rejected, and then filed again."""
    settled: tuple[str, ...] = ()
    """Contradictions, in words, that somebody has put right or let stand."""
    own_checklist: bool = False
    overdue_steps: tuple[str, ...] = ()
    documents: Rows[Document] = field(default_factory=Rows)
    steps: Rows[OnboardingStep] = field(default_factory=Rows)
    leaves: Rows[Leave] = field(default_factory=Rows)

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)

    @property
    def employed(self) -> bool:
        """Hired, as far as is known, and with no end in sight."""
        return self.last_day is None

    def document(self, document: str) -> Document:
        return self.documents.get(document, NO_DOCUMENT)


def record(employee: Employee, event: Event) -> Employee:
    """The employment after this event. Documents and onboarding are kept by their own rules."""
    here = event.about.record
    match event:
        case EmployeeHired():
            return _hire(employee, event)
        case EmployeeTransferred():
            return _acted(employee, event.effective_on, here).evolve(
                role=event.role or employee.role,
                department=event.department or employee.department,
                position=event.position or employee.position,
            )
        case EmployeeManagerChanged():
            day = event.effective_on or employee.calendar.local_date(event.about.time)
            acted = _acted(employee, day, here) if event.manager else employee
            return acted.evolve(manager=event.manager, manager_record=here)
        case EmployeeTerminated():
            return _terminate(employee, event)
        case RecordCorrected():
            return employee.evolve(
                start_on=event.start_on or employee.start_on,
                last_day=event.last_day or employee.last_day,
                manager=event.manager or employee.manager,
            )
        case LeaveStarted():
            acted = _acted(employee, event.starts_on, here)
            return _leave(acted, event, starts_on=event.starts_on, ends_on=event.ends_on, delegate=event.delegate)
        case LeaveEnded():
            return _leave(employee, event, ended_on=event.ended_on)
    return employee


def _hire(employee: Employee, event: EmployeeHired) -> Employee:
    here, start, last_day = event.about.record, event.start_on, employee.last_day
    employee = employee.evolve(
        role=event.role,
        department=event.department or employee.department,
        position=event.position or employee.position,
        manager=event.manager or employee.manager,
        manager_record=here if event.manager else employee.manager_record,
    )
    if employee.start_on is None:
        return employee.evolve(start_on=start, hired=here)
    if last_day is not None and start > last_day:
        return employee.evolve(start_on=start, hired=here, last_day=None, ended=None)
    first, second = sorted((employee.start_on, start))
    return employee.evolve(start_on=first, second_start=second, hired_again=here)


def _terminate(employee: Employee, event: EmployeeTerminated) -> Employee:
    """Ends the employment; or, when two were known, the first of them."""
    first, second = employee.start_on, employee.second_start
    if first is not None and second is not None and first <= event.last_day < second:
        return employee.evolve(start_on=second, hired=employee.hired_again, second_start=None, hired_again=None)
    return employee.evolve(last_day=event.last_day, ended=event.about.record)


def _acted(employee: Employee, day: date, record: Evidence | None) -> Employee:
    if employee.latest_act_on is not None and day <= employee.latest_act_on:
        return employee
    return employee.evolve(latest_act_on=day, latest_act=record)


def _leave(employee: Employee, event: LeaveStarted | LeaveEnded, **changes: object) -> Employee:
    leave = replace(employee.leaves.get(event.leave, Leave()), **changes)  # type: ignore[arg-type]
    ends = [day for day in (leave.ends_on, leave.ended_on) if day is not None]
    impossible = leave.starts_on is not None and any(day < leave.starts_on for day in ends)
    faulty = faults(employee.faulty, Fault(f"leave {event.leave}", event.about.record), impossible)
    return employee.evolve(leaves=employee.leaves.put(event.leave, leave), faulty=faulty)


def faults(known: tuple[Fault, ...], fault: Fault, holds: bool) -> tuple[Fault, ...]:
    """The known faults with this one, if it holds, and otherwise without it."""
    others = tuple(f for f in known if f.what != fault.what)
    if not holds:
        return others
    return known if len(others) < len(known) else (*others, fault)


def awaits(now: Step[Employee], name: str, due: datetime | None) -> Step[Employee]:
    """Waits under this name; most of what is asked for waits for nothing before and after, which costs nothing."""
    return now if now.state.deadlines.get(name) == due else now.awaits(name, due)
