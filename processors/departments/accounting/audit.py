"""Audits: their steps are done in time and in order, their findings closed."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from processors.calendar import Calendar
from processors.departments import credits
from processors.departments.accounting.settings import AccountingSettings
from processors.departments.credits import Credited
from processors.rows import Rows
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import (
    AuditFindingClosed,
    AuditFindingRecorded,
    AuditPlanned,
    AuditStepCompleted,
    DeadlineCredited,
)
from schemas.envelope import Event, Evidence
from schemas.processing import DeadlinePassed

STEP_OVERDUE = Rule(
    "accounting.audit_step_overdue",
    "error",
    "a planned audit step is not done by closing time of its date; while a service that it needs is down, its time "
    "stands still",
    "done or planned anew",
    distinguish=("step",),
    settings=("calendar",),
)
OUT_OF_ORDER = Rule(
    "accounting.audit_out_of_order",
    "error",
    "an audit step was done before one that it needs",
    "the step it needs is done, or the audit planned anew",
    distinguish=("step",),
)
FINDING_OPEN = Rule(
    "accounting.audit_finding_open",
    "error",
    "an audit's finding is open past its date",
    "closed",
    distinguish=("finding",),
    settings=("calendar",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step of the plan, or one done outside it (`due_on` None)."""

    due_on: date | None = None
    needs: tuple[str, ...] = ()
    planned: Evidence | None = None
    planned_at: datetime | None = None
    needs_service: str | None = None
    done_at: datetime | None = None
    done: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding. That it was closed may be known before the finding itself."""

    due_on: date | None = None
    record: Evidence | None = None
    closed: bool = False


@dataclass(frozen=True, kw_only=True)
class Audit(Credited):
    """One audit."""

    settings: AccountingSettings = field(default=AccountingSettings())
    steps: Rows[PlannedStep] = field(default_factory=Rows)
    findings: Rows[Finding] = field(default_factory=Rows)

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)


def audit_step(audit: Audit, event: Event, at: datetime) -> Step[Audit]:
    match event:
        case AuditPlanned():
            return _plan(Step(audit), event, at)
        case AuditStepCompleted():
            return _complete(Step(audit), event, at)
        case AuditFindingRecorded():
            return _record(Step(audit), event)
        case AuditFindingClosed():
            closed = replace(audit.findings.get(event.finding, Finding()), closed=True)
            now = Step(audit.evolve(findings=audit.findings.put(event.finding, closed)))
            now = now.awaits(f"finding/{event.finding}", None)
            return now.resolves(FINDING_OPEN, at, "it was closed", by=[event], finding=event.finding)
        case DeadlineCredited():
            entry = event.deadline.removeprefix("step/")
            return credits.credited(Step(audit), event, at, audit.calendar, STEP_OVERDUE, step=entry)
        case DeadlinePassed(name=name, due=due):
            collection, _, entry = name.partition("/")
            late = _step_late if collection == "step" else _finding_late
            return late(Step(audit), entry, due, at)
    return Step(audit)


def _plan(now: Step[Audit], event: AuditPlanned, at: datetime) -> Step[Audit]:
    """The new plan takes the place of the old one; what is done stays done."""
    planned = {step.step: step for step in event.steps}
    for name, step in [(name, step) for name, step in now.state.steps.items() if name not in planned]:
        now = _put(now, name, replace(step, due_on=None, needs=(), planned=None), event, at)
        if step.done_at is None:
            now = now.evolve(steps=now.state.steps.drop(name))
    for name, plan in planned.items():
        known = now.state.steps.get(name, PlannedStep())
        row = replace(
            known,
            due_on=plan.due_on,
            needs=plan.needs,
            planned=event.about.record,
            planned_at=event.about.time,
            needs_service=plan.needs_service,
        )
        now = _put(now, name, row, event, at)
    return _judge_order(now, event, at)


def _put(now: Step[Audit], name: str, step: PlannedStep, event: Event, at: datetime) -> Step[Audit]:
    """Keeps a step, and waits for its date as long as it is not done. Its own alert starts over."""
    now = _waits(now.evolve(steps=now.state.steps.put(name, step)), name, step)
    due = now.state.deadlines.get(f"step/{name}")
    if due is None or due > at:
        why = "it is done" if step.done_at else "it was planned anew"
        now = now.resolves(STEP_OVERDUE, at, why, by=[event], step=name)
    return now


def _waits(now: Step[Audit], name: str, step: PlannedStep) -> Step[Audit]:
    deadline, calendar = f"step/{name}", now.state.calendar
    if step.due_on is None or step.planned_at is None or step.done_at is not None:
        return credits.over(now, deadline, step.done)
    return credits.waits(
        now,
        deadline,
        calendar.end_of_business_day(step.due_on),
        calendar,
        department="accounting",
        service=step.needs_service,
        since=step.planned_at,
        record=step.planned,
    )


def _complete(now: Step[Audit], event: AuditStepCompleted, at: datetime) -> Step[Audit]:
    known = now.state.steps.get(event.step, PlannedStep())
    if known.done_at is None or event.about.time < known.done_at:
        known = replace(known, done_at=event.about.time, done=event.about.record)
    return _judge_order(_put(now, event.step, known, event, at), event, at)


def _judge_order(now: Step[Audit], event: Event, at: datetime) -> Step[Audit]:
    """Each step done must have what it needs. A plan is short, so all of it is looked at."""
    steps = now.state.steps
    for name, step in steps.items():
        missing = [need for need in step.needs if (n := steps.get(need)) is None or n.done_at is None]
        if step.done_at is None or not missing:
            now = now.resolves(OUT_OF_ORDER, at, "what it needs is done", by=[event], step=name)
            continue
        now = now.fires(
            OUT_OF_ORDER,
            at,
            f"Audit {now.state.id}: {name} was done before {', '.join(missing)}",
            because=[r for r in (step.planned, step.done) if r],
            labels={"step": name},
        )
    return now


def _step_late(now: Step[Audit], name: str, due: datetime, at: datetime) -> Step[Audit]:
    step = now.state.steps.get(name, PlannedStep())
    if step.due_on is None or step.done_at is not None:
        return now
    return now.fires(
        STEP_OVERDUE,
        at,
        f"Audit {now.state.id}: {name} was to be done by {step.due_on}",
        because=[step.planned] if step.planned else [],
        labels={"step": name},
        due=due,
    )


def _record(now: Step[Audit], event: AuditFindingRecorded) -> Step[Audit]:
    known = now.state.findings.get(event.finding, Finding())
    row = replace(known, due_on=event.due_on, record=event.about.record)
    now = now.evolve(findings=now.state.findings.put(event.finding, row))
    due = None if row.closed else now.state.calendar.end_of_business_day(event.due_on)
    return now.awaits(f"finding/{event.finding}", due)


def _finding_late(now: Step[Audit], name: str, due: datetime, at: datetime) -> Step[Audit]:
    finding = now.state.findings.get(name, Finding())
    if finding.due_on is None or finding.closed:
        return now
    return now.fires(
        FINDING_OPEN,
        at,
        f"Audit {now.state.id}: finding {name} was to be closed by {finding.due_on}",
        because=[finding.record] if finding.record else [],
        labels={"finding": name},
        due=due,
    )
