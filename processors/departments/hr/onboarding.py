"""Onboarding: every step of the checklist is done by its day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from processors.departments.hr.employee import Employee
from processors.departments.hr.rows import OnboardingStep
from processors.grounds import evidence
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.hr import (
    ChecklistDeclared,
    EmployeeHired,
    EmployeeMerged,
    EmployeeTerminated,
    OnboardingStepCompleted,
    RecordCorrected,
    TerminationWithdrawn,
)
from schemas.processing import DeadlinePassed

OVERDUE = Rule(
    "hr.onboarding_overdue",
    "warning",
    "a step of an employee's onboarding checklist is past its day; one alert lists all of them",
    "none is past its day any more, or the employment ends",
    settings=("onboarding_checklist", "calendar"),
)

PREFIX = "onboarding/"


def check(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    match event:
        case EmployeeHired() if not now.state.own_checklist:
            return _plan(now, event, _usual(now.state, event.start_on), at)
        case RecordCorrected() if event.start_on and now.state.role and not now.state.own_checklist:
            return _plan(now, event, _usual(now.state, event.start_on), at)
        case ChecklistDeclared():
            steps = {step.step: step.due_on for step in event.steps}
            return _plan(now.evolve(own_checklist=True), event, steps, at)
        case OnboardingStepCompleted():
            return _say(_done(now, event), event, at)
        case EmployeeTerminated() | TerminationWithdrawn() | EmployeeMerged():
            return _follow(now, event, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            overdue = (*now.state.overdue_steps, name.removeprefix(PREFIX))
            return _say(now.evolve(overdue_steps=tuple(dict.fromkeys(overdue))), event, at, due)
    return now


def _usual(employee: Employee, start_on: date) -> Mapping[str, date]:
    checklist = employee.settings.onboarding_checklist
    return {step: employee.calendar.add_business_days(start_on, days) for step, days in checklist.items()}


def _plan(now: Step[Employee], event: Event, steps: Mapping[str, date], at: datetime) -> Step[Employee]:
    """A checklist takes the place of the one before; what is done stays done."""
    for name, old in [(name, old) for name, old in now.state.steps.items() if name not in steps]:
        now = _put(now, name, replace(old, due_on=None))
        if not old.done:
            now = now.evolve(steps=now.state.steps.drop(name))
    for name, due_on in steps.items():
        step = now.state.steps.get(name, OnboardingStep())
        now = _put(now, name, replace(step, due_on=due_on, declared_by=_grounds(now.state, event)))
    open_steps = tuple(name for name in sorted(steps) if not now.state.steps[name].done)
    return _say(_progress(now, open_steps), event, at)


def _grounds(employee: Employee, event: Event) -> tuple[Evidence, ...]:
    """A corrected first day moves what a role needs."""
    return evidence(employee.role_record if isinstance(event, RecordCorrected) else None, event.about.record)


def _done(now: Step[Employee], event: OnboardingStepCompleted) -> Step[Employee]:
    known = now.state.steps.get(event.step, OnboardingStep())
    done_at = min(known.done_at or event.about.time, event.about.time)
    now = _put(now, event.step, replace(known, done=True, done_at=done_at))
    if event.step not in now.state.open_steps:
        return now
    return _progress(now, tuple(name for name in now.state.open_steps if name != event.step))


def _progress(now: Step[Employee], open_steps: tuple[str, ...]) -> Step[Employee]:
    """These steps are left. Once there are none, the employee is onboarded since the last one was done."""
    done = (step.done_at for step in now.state.steps.values() if step.due_on) if not open_steps else ()
    onboarded_at = max((instant for instant in done if instant), default=None)
    return now.evolve(open_steps=open_steps, onboarded_at=onboarded_at)


def _follow(now: Step[Employee], event: Event, at: datetime) -> Step[Employee]:
    """Who leaves, or is known under another id, need not go on; who stays after all must."""
    employee = now.state
    if employee.employed:
        for name, step in employee.steps.items():
            now = _put(now, name, step)
        return _say(now, event, at)
    for name in employee.steps:
        now = now.awaits(PREFIX + name, None)
    return _say(now.evolve(overdue_steps=()), event, at)


def _put(now: Step[Employee], name: str, step: OnboardingStep) -> Step[Employee]:
    """Keeps a step, and waits for its day as long as it is not done."""
    employee = now.state
    due = None
    if step.due_on is not None and not step.done and employee.employed:
        due = employee.calendar.end_of_business_day(step.due_on)
    overdue = tuple(other for other in employee.overdue_steps if other != name)
    return now.evolve(steps=employee.steps.put(name, step), overdue_steps=overdue).awaits(PREFIX + name, due)


def _say(now: Step[Employee], event: Event, at: datetime, due: datetime | None = None) -> Step[Employee]:
    employee = now.state
    overdue = employee.overdue_steps
    if not overdue:
        return now.resolves(OVERDUE, at, "nothing is past its day any more", by=[event])
    declared = (record for name in overdue for record in employee.steps[name].declared_by)
    return now.fires(
        OVERDUE,
        at,
        f"Onboarding of employee {employee.id}: {', '.join(overdue)} past their day",
        because=declared,
        due=due,
    )
