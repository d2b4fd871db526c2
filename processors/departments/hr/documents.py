"""Documents: each that is required is filed in time."""

from dataclasses import replace
from datetime import date, datetime

from processors.departments.hr.employee import Employee, awaits
from processors.departments.hr.rows import Document, Rejection
from processors.grounds import evidence
from processors.rule import Rule, Severity
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.hr import (
    DocumentFiled,
    DocumentRejected,
    DocumentRequested,
    DocumentWaived,
    EmployeeHired,
    EmployeeMerged,
    EmployeeTerminated,
    EmployeeTransferred,
    RecordCorrected,
    TerminationWithdrawn,
)
from schemas.processing import DeadlinePassed

MISSING = Rule(
    "hr.document_missing",
    "warning",
    "a required document is not filed a few business days after the first day of work; an error some days later",
    "filed, waived, or the employment ends",
    distinguish=("document",),
    settings=("required_documents", "document_due_business_days", "document_error_business_days", "calendar"),
)

PREFIX = "missing/"

MOST_ASKED = 20
"""Records that have moved a document's day are named up to so many."""

MAX_REJECTIONS = 20
"""Rejected copies remembered per document, the latest."""


def check(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    match event:
        case EmployeeHired():
            return _require(now, event, event.start_on, at)
        case EmployeeTransferred() if event.role:
            return _require(now, event, event.effective_on, at)
        case RecordCorrected() if event.start_on and now.state.role:
            return _require(now, event, event.start_on, at, anew=True)
        case EmployeeTerminated() | TerminationWithdrawn() | EmployeeMerged() | RecordCorrected():
            return _settle_all(now, event, at)
        case DocumentRequested() | DocumentFiled() | DocumentRejected() | DocumentWaived():
            now = _put(now, event.document, _after(now.state, event))
            return _settle(now, event, event.document, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            entry = name.removeprefix(PREFIX)
            due_on = _due_on(now.state, now.state.document(entry))
            return _say(now, event, entry, due_on, due, at) if due_on else now
    return now


def _require(now: Step[Employee], event: Event, since: date, at: datetime, anew: bool = False) -> Step[Employee]:
    """What the role needs is due some business days after `since`, unless it was needed before.

    `anew`: that too, when nobody has asked for it by hand.
    """
    employee = now.state
    due_on = employee.calendar.add_business_days(since, employee.settings.document_due_business_days)
    for name in employee.settings.documents_of(employee.role):
        document = employee.document(name)
        if not document.required or (anew and document.asked_at is None):
            asked = evidence(employee.role_record, event.about.record)
            now = _put(now, name, replace(document, required=True, due_on=due_on, asked_by=asked))
        elif document.due_on == due_on and document.asked_at is None and employee.role_record == event.about.record:
            now = _put(now, name, replace(document, asked_by=evidence(event.about.record)))  # it says all that again
    return _settle_all(now, event, at)


def _put(now: Step[Employee], name: str, document: Document) -> Step[Employee]:
    return now.evolve(documents=now.state.documents.put(name, document))


def _after(
    employee: Employee, event: DocumentRequested | DocumentFiled | DocumentRejected | DocumentWaived
) -> Document:
    document, time = employee.document(event.document), event.about.time
    match event:
        case DocumentRequested():
            due_on = event.due_on or _some_days_after(employee, time)
            asked_at = max(time, document.asked_at or time)
            return replace(
                document, required=True, due_on=due_on, asked_at=asked_at, asked_by=evidence(event.about.record)
            )
        case DocumentFiled() if document.filed_at is None or document.filed_at <= time:
            return replace(
                document, file=event.file, filed_at=time, filed=event.about.record, valid_until=event.valid_until
            )
        case DocumentRejected():
            return _rejected(employee, document, event)
        case DocumentWaived():
            return replace(document, waived=True, waived_until=event.until, waiver=event.about.record)
    return document


def _rejected(employee: Employee, document: Document, event: DocumentRejected) -> Document:
    """A copy that does not count. Of the one filed last, a better one is due some days later."""
    rejection = Rejection(event.file, event.about.time, event.about.record)
    document = replace(document, rejections=(*document.rejections, rejection)[-MAX_REJECTIONS:])
    due_on = _some_days_after(employee, event.about.time)
    if document.due_on is None or event.file != document.file or due_on <= document.due_on:
        return document
    asked = evidence(*document.asked_by, document.filed, event.about.record)
    return replace(document, due_on=due_on, asked_by=asked[-MOST_ASKED:])


def _some_days_after(employee: Employee, time: datetime) -> date:
    calendar = employee.calendar
    return calendar.add_business_days(calendar.local_date(time), employee.settings.document_due_business_days)


def _due_on(employee: Employee, document: Document) -> date | None:
    """By when it is to be filed; None when it need not be."""
    if not (document.required and employee.employed) or document.in_place or document.due_on is None:
        return None
    if not document.waived:
        return document.due_on
    return max(document.due_on, document.waived_until) if document.waived_until else None


def _grounds(employee: Employee, document: Document) -> tuple[Evidence, ...]:
    """What asked for it; the waiver, where that has put it off; and the transfer to where other settings hold."""
    put_off = document.waived and document.waived_until and document.due_on and document.waived_until > document.due_on
    return evidence(*document.asked_by, document.waiver if put_off else None, employee.other_settings)


def _stages(due_on: date, employee: Employee) -> tuple[tuple[Severity, datetime], ...]:
    settings, calendar = employee.settings, employee.calendar
    grace = max(0, settings.document_error_business_days - settings.document_due_business_days)
    worse_on = calendar.add_business_days(due_on, grace)
    return ("warning", calendar.end_of_business_day(due_on)), ("error", calendar.end_of_business_day(worse_on))


def _settle_all(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    for name in now.state.documents:
        now = _settle(now, event, name, at)
    return now


def _settle(now: Step[Employee], event: Event, name: str, at: datetime) -> Step[Employee]:
    """Judges a document anew with what is known now, and waits for what may come."""
    document = now.state.document(name)
    due_on = _due_on(now.state, document)
    if due_on is not None:
        return _say(now, event, name, due_on, at, at)
    now = awaits(now, PREFIX + name, None)
    return now.resolves(MISSING, at, _why_not_missing(now.state, document), by=[event], document=name)


def _why_not_missing(employee: Employee, document: Document) -> str:
    if not employee.employed:
        return "the employment ends"
    return "it was filed" if document.in_place else "it was waived"


def _say(now: Step[Employee], event: Event, name: str, due_on: date, until: datetime, at: datetime) -> Step[Employee]:
    """Says which stage was passed by `until`, and waits for the next one."""
    employee = now.state
    stages = _stages(due_on, employee)
    passed = [stage for stage in stages if stage[1] <= until]
    now = now.awaits(PREFIX + name, next((instant for _, instant in stages if instant > until), None))
    if not passed:
        return now.resolves(MISSING, at, "it is due later", by=[event], document=name)
    severity, due = passed[-1]
    document = employee.document(name)
    return now.fires(
        MISSING,
        at,
        f"Employee {employee.id}: {name} was to be filed by {due_on}",
        because=_grounds(employee, document),
        severity=severity,
        labels={"document": name},
        due=due,
    )
