"""Expiry: no document runs out unnoticed."""

from datetime import datetime, timedelta

from processors.departments.hr.employee import Employee, awaits
from processors.departments.hr.rows import Document
from processors.rule import Rule
from processors.step import Step
from processors.wall_clock import FIRST_DAY, LAST_DAY
from schemas.envelope import Event
from schemas.hr import (
    DocumentFiled,
    DocumentRejected,
    DocumentWaived,
    EmployeeHired,
    EmployeeMerged,
    EmployeeTerminated,
    RecordCorrected,
    TerminationWithdrawn,
)
from schemas.processing import DeadlinePassed

EXPIRING = Rule(
    "hr.document_expiring",
    "info",
    "a filed document is valid for a few weeks only",
    "a newer one is filed, waived, or the employment ends; when it expires, hr.document_expired takes over",
    distinguish=("document",),
    settings=("document_expiring_days", "calendar"),
)
EXPIRED = Rule(
    "hr.document_expired",
    "error",
    "a filed document is not valid any more",
    "a newer one is filed, waived, or the employment ends",
    distinguish=("document",),
    settings=("calendar",),
)

SOON, OVER = "expiring/", "expired/"


def check(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    match event:
        case DocumentFiled() | DocumentRejected() | DocumentWaived():
            return _watch(now, event, event.document, at)
        case EmployeeHired() | EmployeeTerminated() | TerminationWithdrawn() | EmployeeMerged() | RecordCorrected():
            for name in now.state.documents:
                now = _watch(now, event, name, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(SOON):
            return _say(now, EXPIRING, name.removeprefix(SOON), due, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(OVER):
            entry = name.removeprefix(OVER)
            return _say(now.resolves(EXPIRING, at, "it has expired", document=entry), EXPIRED, entry, due, at)
    return now


def _expiry(document: Document, employee: Employee) -> tuple[datetime, datetime] | None:
    """From when on it is said that a document expires, and when it does; None when it does not."""
    if document.valid_until is None or not document.counts or not employee.employed:
        return None
    if document.waived and document.waived_until is None:
        return None
    last = min(max(document.valid_until, FIRST_DAY), LAST_DAY)
    days = min(employee.settings.document_expiring_days + 1, (last - FIRST_DAY).days)
    return employee.calendar.end_of_day(last - timedelta(days=days)), employee.calendar.end_of_day(last)


def _watch(now: Step[Employee], event: Event, name: str, at: datetime) -> Step[Employee]:
    soon, over = _expiry(now.state.document(name), now.state) or (None, None)
    now = awaits(now, SOON + name, soon if over and over > at else None)
    now = awaits(now, OVER + name, over)
    if soon is None or soon > at:
        now = now.resolves(EXPIRING, at, "it is in order", by=[event], document=name)
    if over is None or over > at:
        now = now.resolves(EXPIRED, at, "it is in order", by=[event], document=name)
    return now


def _say(now: Step[Employee], rule: Rule, name: str, due: datetime, at: datetime) -> Step[Employee]:
    document = now.state.document(name)
    if _expiry(document, now.state) is None:
        return now
    says = "is valid until" if rule is EXPIRING else "was valid until"
    return now.fires(
        rule,
        at,
        f"Employee {now.state.id}: {name} {says} {document.valid_until}",
        because=[document.filed] if document.filed else [],
        labels={"document": name},
        due=due,
    )
