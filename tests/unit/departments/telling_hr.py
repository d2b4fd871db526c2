"""HR alone, and short words for what is said to it of employee E-7."""

from datetime import date
from typing import Any

from processors.departments.hr import department
from schemas.envelope import Event
from schemas.hr import (
    DocumentFiled,
    DocumentRejected,
    DocumentWaived,
    EmployeeHired,
    EmployeeMerged,
    EmployeeTerminated,
    OnboardingStepCompleted,
    Problem,
    RecordCorrected,
    Separation,
    TerminationWithdrawn,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office

Said = tuple[str, Event]


def office(**told: Any) -> Office:
    """An HR office that asks for a contract only and has no checklist, unless told otherwise; on a Monday."""
    told = {"required_documents": {"*": ["contract"]}, "onboarding_checklist": {}, **told}
    return Office(partitions=1, processors=[department], settings={"hr": told}).at("2026-01-05T08:00")


def day(text: str) -> date:
    return date.fromisoformat(text)


def e7(event: Event) -> Said:
    return "employee/E-7", event


def hired(on: str = "2026-01-05", role: str = "clerk", **more: Any) -> Said:
    return e7(EmployeeHired(role=role, start_on=day(on), **more))


def terminated(on: str = "2026-01-06", separation: Separation | None = None) -> Said:
    return e7(EmployeeTerminated(last_day=day(on), separation=separation))


def filed(document: str = "contract", file: str = "F-1", until: str | None = None, issued: str | None = None) -> Said:
    valid_until, issued_on = day(until) if until else None, day(issued) if issued else None
    return e7(DocumentFiled(document=document, file=file, valid_until=valid_until, issued_on=issued_on))


def rejected(file: str = "F-1", document: str = "contract") -> Said:
    return e7(DocumentRejected(document=document, file=file))


def waived(until: str | None = None, document: str = "contract") -> Said:
    return e7(DocumentWaived(document=document, by="E-1", until=day(until) if until else None))


def corrected(problem: Problem | None = None, **days: Any) -> Said:
    return e7(RecordCorrected.model_validate({"by": "E-1", "problem": problem, **days}))


def merged(into: str | None) -> Said:
    return e7(EmployeeMerged(into=into))


def done(step: str) -> Said:
    return e7(OnboardingStepCompleted(step=step))


STAYS = e7(TerminationWithdrawn())


def fired(firm: Office, rule: str) -> list[ConditionFired]:
    return [s for s in firm.signals(rule) if isinstance(s, ConditionFired)]


def why_resolved(firm: Office, rule: str) -> list[str]:
    return [s.because for s in firm.signals(rule) if isinstance(s, ConditionResolved)]
