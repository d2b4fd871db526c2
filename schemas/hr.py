"""HR's events: employees with their documents, onboarding and leave; positions with their candidates."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Day, Event, Frozen, Id, Instant, concrete_events
from schemas.privacy import PERSONAL, PersonId
from schemas.reviews import Review

Problem = Literal["hired_twice", "act_after_termination", "end_before_start", "own_manager", "rejected_document_filed"]
"""The contradictions that hr.record_inconsistent knows."""

Separation = Literal[
    "resignation",
    "age_retirement",
    "early_retirement",
    "ill_health_retirement",
    "contract_end",
    "dismissal",
    "other",
]
"""How an employment ends."""

PartialDate = Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
"""A day, or only its month or year when no more is known: ISO 8601's reduced precision, `2027-06`."""


class HrEvent(Event, topic="events.hr"):
    """Anything that happened in HR."""


class EmployeeHired(HrEvent, type="hr.employee.hired", kind="employee"):
    """Somebody was hired. The subject is the employee's id, never the name."""

    role: Id = Field(examples=["accounting_clerk"])
    """What the person works as; it says which documents are required."""
    start_on: Day = Field(examples=["2026-03-02"])
    """First day of work."""
    manager: PersonId | None = Field(default=None, examples=["E-100"])
    """Employee id of the manager."""
    department: Id | None = Field(default=None, examples=["accounting"])
    """Where the person works."""
    position: Id | None = Field(default=None, examples=["P-7"])
    """The position that is filled."""
    site: Id | None = Field(default=None, examples=["munich"])
    """The place of work."""
    identity_hash: Annotated[str, PERSONAL] | None = Field(default=None, max_length=200, examples=["5f2b8c"])
    """A keyed hash of what identifies the person; equal hashes under two ids are one person."""


class EmployeeTransferred(HrEvent, type="hr.employee.transferred", kind="employee"):
    """An employee got another role, department or position. What is not given stays."""

    effective_on: Day = Field(examples=["2026-09-01"])
    """First day in the new place."""
    role: Id | None = Field(default=None, examples=["senior_accountant"])
    """The new role."""
    department: Id | None = Field(default=None, examples=["accounting"])
    """The new department."""
    position: Id | None = Field(default=None, examples=["P-9"])
    """The new position."""
    site: Id | None = Field(default=None, examples=["munich"])
    """The new place of work."""


class EmployeeManagerChanged(HrEvent, type="hr.employee.manager_changed", kind="employee"):
    """An employee reports to somebody else now, or to nobody."""

    manager: PersonId | None = Field(examples=["E-101"])
    """Employee id of the new manager; none when there is none."""
    effective_on: Day | None = Field(default=None, examples=["2026-09-01"])
    """From when on; the day of the event when not given."""


class EmployeeTerminated(HrEvent, type="hr.employee.terminated", kind="employee"):
    """An employment ends."""

    last_day: Day = Field(examples=["2027-06-30"])
    """Last day of work."""
    separation: Annotated[Separation, PERSONAL] | None = Field(default=None, examples=["resignation"])
    """How it ends; not known when not given."""


class ExitInterviewed(HrEvent, type="hr.exit.interviewed", kind="employee"):
    """A leaver said why, in a talk or a survey. Said again, it takes the place of what was said before."""

    separation: Annotated[Separation, PERSONAL] = Field(examples=["resignation"])
    """How the employment ends."""
    motive: Annotated[Id, PERSONAL] | None = Field(default=None, examples=["other_employer"])
    """What led to it, in one word."""
    reasons: Annotated[tuple[Id, ...], PERSONAL] = Field(
        default=(), max_length=100, examples=[["workload", "interpersonal_conflicts"]]
    )
    """Every reason that was named."""
    joined: Annotated[PartialDate, PERSONAL] | None = Field(default=None, examples=["2024"])
    """When the employment began, as exactly as it was said; as in the record when not given."""
    left: Annotated[PartialDate, PERSONAL] | None = Field(default=None, examples=["2027-06"])
    """When it ends, as exactly as it was said; as in the record when not given."""


class TerminationWithdrawn(HrEvent, type="hr.termination.withdrawn", kind="employee"):
    """An employment goes on after all: its end was taken back."""

    by: PersonId | None = Field(default=None, examples=["E-100"])
    """Who decided so."""


class EmployeeMerged(HrEvent, type="hr.employee.merged", kind="employee"):
    """This id is of the same person as another, which goes on instead of it."""

    into: PersonId | None = Field(examples=["E-17"])
    """The id that goes on; none takes an earlier merge back."""
    by: PersonId | None = Field(default=None, examples=["E-100"])
    """Who found out."""


class DocumentRequested(HrEvent, type="hr.document.requested", kind="employee"):
    """A document was asked of an employee. From here on it is required, whatever the role says."""

    document: Id = Field(examples=["work_permit"])
    """The kind of document."""
    due_on: Day | None = Field(default=None, examples=["2026-03-05"])
    """By when; some business days after the request when not given."""


class DocumentFiled(HrEvent, type="hr.document.filed", kind="employee"):
    """A document was put into the employee's record."""

    document: Id = Field(examples=["work_permit"])
    """The kind of document."""
    file: Id = Field(examples=["F-3381"])
    """The filed copy."""
    issued_on: Day | None = Field(default=None, examples=["2026-01-15"])
    """From when on it is valid."""
    valid_until: Day | None = Field(default=None, examples=["2028-01-14"])
    """The last day on which it is valid; for ever when not given."""


class DocumentRejected(HrEvent, type="hr.document.rejected", kind="employee"):
    """A filed copy was found wanting: it does not count, another one is needed."""

    document: Id = Field(examples=["work_permit"])
    """The kind of document."""
    file: Id = Field(examples=["F-3381"])
    """The copy that does not count."""
    reason: str = Field(default="", max_length=500, examples=["illegible"])
    """Why, without personal data."""


class DocumentWaived(HrEvent, type="hr.document.waived", kind="employee"):
    """A required document is not needed from this employee."""

    document: Id = Field(examples=["work_permit"])
    """The kind of document."""
    by: PersonId = Field(examples=["E-100"])
    """Who decided so."""
    until: Day | None = Field(default=None, examples=["2026-12-31"])
    """Last day of the waiver; the document is due again after it. For ever when not given."""


class RecordCorrected(HrEvent, type="hr.record.corrected", kind="employee"):
    """Somebody looked at a contradiction in a record and put it right."""

    by: PersonId = Field(examples=["E-100"])
    """Who did."""
    problem: Problem | None = Field(default=None, examples=["end_before_start"])
    """Which contradiction; all that stand when not given."""
    start_on: Day | None = Field(default=None, examples=["2026-03-02"])
    """The right first day, when that was wrong."""
    last_day: Day | None = Field(default=None, examples=["2027-06-30"])
    """The right last day, when that was wrong."""
    manager: PersonId | None = Field(default=None, examples=["E-101"])
    """The right manager, when that was wrong."""


class ChecklistStep(Frozen):
    """One step of an onboarding checklist."""

    step: Id = Field(examples=["equipment"])
    """What is to be done."""
    due_on: Day = Field(examples=["2026-03-04"])
    """By the end of which working day."""


class ChecklistDeclared(HrEvent, type="hr.checklist.declared", kind="employee"):
    """This employee's onboarding has a checklist of its own, which takes the place of the usual one."""

    steps: tuple[ChecklistStep, ...] = Field(max_length=100, examples=[[{"step": "equipment", "due_on": "2026-03-04"}]])
    """All steps. Steps done before stay done."""


class OnboardingStepCompleted(HrEvent, type="hr.onboarding.step_completed", kind="employee"):
    """A step of an employee's onboarding is done."""

    step: Id = Field(examples=["equipment"])
    """What was done."""
    by: PersonId | None = Field(default=None, examples=["E-300"])
    """Who did it."""


class LeaveStarted(HrEvent, type="hr.leave.started", kind="employee"):
    """An employee goes on leave."""

    leave: Id = Field(examples=["L-52"])
    """The leave's id."""
    starts_on: Day = Field(examples=["2026-08-03"])
    """First day away."""
    ends_on: Day | None = Field(default=None, examples=["2026-08-21"])
    """Last day away, as planned; open when not given."""
    delegate: PersonId | None = Field(default=None, examples=["E-102"])
    """Employee id of the one who stands in."""


class LeaveEnded(HrEvent, type="hr.leave.ended", kind="employee"):
    """An employee is back."""

    leave: Id = Field(examples=["L-52"])
    """The leave's id."""
    ended_on: Day = Field(examples=["2026-08-21"])
    """Last day away, as it was."""


class LeaveCancelled(HrEvent, type="hr.leave.cancelled", kind="employee"):
    """A leave is not taken, or was not: it was entered by mistake."""

    leave: Id = Field(examples=["L-52"])
    """The leave's id."""


class ShiftPlanned(HrEvent, type="hr.shift.planned", kind="employee"):
    """Reference data: an employee is to work then; said again, the shift has moved."""

    shift: Id = Field(examples=["S-2026-03-02-N"])
    """The shift's id, one of its own for each employee and shift."""
    starts_at: Instant = Field(examples=["2026-03-02T20:00:00Z"])
    """When it begins."""
    ends_at: Instant = Field(examples=["2026-03-03T06:00:00Z"])
    """When it ends."""
    unit: Id | None = Field(default=None, examples=["ward-3"])
    """Where."""


class ShiftCancelled(HrEvent, type="hr.shift.cancelled", kind="employee"):
    """An employee is not to work then after all."""

    shift: Id = Field(examples=["S-2026-03-02-N"])
    """The shift's id."""


class FindingReviewed(Review, HrEvent, type="hr.finding.reviewed"):
    """Somebody looked at an alert of this department and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["hr.record_inconsistent"], pattern=r"^hr\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"problem": "end_before_start"}])
    """The alert's distinguishing labels."""


class PositionOpened(HrEvent, type="hr.position.opened", kind="position"):
    """A position is to be filled."""

    role: Id = Field(examples=["accounting_clerk"])
    """What somebody is sought for."""
    opened_on: Day = Field(examples=["2026-01-07"])
    """From when on."""
    department: Id | None = Field(default=None, examples=["accounting"])
    """Where."""


class CandidateAdvanced(HrEvent, type="hr.candidate.advanced", kind="position"):
    """A candidate for a position reached another stage."""

    candidate: PersonId = Field(examples=["C-881"])
    """The application's id, never a name."""
    stage: Id = Field(examples=["interview"])
    """The stage reached."""


class PositionFilled(HrEvent, type="hr.position.filled", kind="position"):
    """Somebody was found."""

    filled_on: Day = Field(examples=["2026-02-20"])
    """When."""
    candidate: PersonId | None = Field(default=None, examples=["C-881"])
    """The application that won."""
    employee: PersonId | None = Field(default=None, examples=["E-204"])
    """The employee who takes it, once there is an id."""


class PositionClosed(HrEvent, type="hr.position.closed", kind="position"):
    """A position is not to be filled any more."""

    closed_on: Day = Field(examples=["2026-02-20"])
    """When."""
    reason: str = Field(default="", max_length=500, examples=["budget withdrawn"])
    """Why."""


EVENTS = tuple(concrete_events(HrEvent))
