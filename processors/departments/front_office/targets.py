"""Targets of a complaint: first response, next response and resolution, in working hours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.departments.front_office.complaint import Complaint
from processors.departments.front_office.settings import FrontOfficeSettings
from processors.grounds import resting_on
from processors.rule import Rule
from processors.sla import SlaClock
from processors.step import Step
from schemas.envelope import Event
from schemas.processing import DeadlinePassed

FIRST_RESPONSE = Rule(
    "front_office.first_response",
    "warning",
    "a complaint has no answer within the target; error at twice the target; waiting for the client pauses",
    "it is answered, which is recorded as missed",
    settings=("first_response_minutes", "calendar"),
)
NEXT_RESPONSE = Rule(
    "front_office.next_response",
    "warning",
    "a client who wrote again has no answer within the target; error at twice the target",
    "it is answered, which is recorded as missed",
    settings=("next_response_minutes", "calendar"),
)
RESOLUTION = Rule(
    "front_office.resolution",
    "warning",
    "a complaint is not settled within the target; error at twice the target; waiting for the client pauses",
    "it is resolved, which is recorded as missed",
    settings=("resolution_minutes", "calendar"),
)
RULES = (FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION)

DUE, DOUBLE = "due", "double"
"""The target is used up; twice the target is."""


@dataclass(frozen=True, slots=True)
class Target:
    """One of the three."""

    rule: Rule
    what: str
    done: str
    clock: Callable[[Complaint], SlaClock]
    owed: Callable[[Complaint], bool]
    needs: tuple[str, ...]
    """Fields that it rests on besides its clock."""
    minutes: Callable[[FrontOfficeSettings], int | None]
    """None: there is no target."""


TARGETS = (
    Target(
        FIRST_RESPONSE,
        "has no first answer",
        "it was answered",
        lambda c: c.clock,
        lambda c: c.received_at is not None and c.answered_at is None and not c.over,
        ("received_at",),
        lambda s: s.first_response_minutes,
    ),
    Target(
        NEXT_RESPONSE,
        "has no answer to what its client wrote last",
        "it was answered",
        lambda c: c.next_clock,
        lambda c: c.next_clock.started and not c.over,
        (),
        lambda s: s.next_response_minutes,
    ),
    Target(
        RESOLUTION,
        "is not settled",
        "it was settled",
        lambda c: c.clock,
        lambda c: c.received_at is not None and not c.over,
        ("received_at",),
        lambda s: s.resolution_minutes,
    ),
)
_BY_RULE = {target.rule.name: target for target in TARGETS}


def kept(step: Step[Complaint], event: Event, at: datetime) -> Step[Complaint]:
    """Each target's deadlines as the clock now stands; what is no longer owed is over."""
    for target in TARGETS:
        minutes = target.minutes(step.state.settings)
        owed = minutes is not None and target.owed(step.state)
        step = _owed(step, target, minutes or 0, at) if owed else _done(step, target, event, at)
    return step


def passed(complaint: Complaint, event: DeadlinePassed, at: datetime) -> Step[Complaint] | None:
    """A target's deadline has passed; None when the deadline is not one of a target."""
    rule, _, level = event.name.partition("/")
    target = _BY_RULE.get(rule)
    if target is None or level not in (DUE, DOUBLE):
        return None
    if target.minutes(complaint.settings) is None:
        return Step(complaint)
    missed = tuple(sorted({*complaint.missed, rule}))
    overdue = tuple(sorted({*complaint.overdue, event.name}))
    return _missed(Step(complaint.evolve(missed=missed, overdue=overdue)), target, at, event.due)


def _missed(step: Step[Complaint], target: Target, at: datetime, due: datetime) -> Step[Complaint]:
    complaint, clock = step.state, target.clock(step.state)
    twice = f"{target.rule.name}/{DOUBLE}" in complaint.overdue
    minutes, hours = target.minutes(complaint.settings) or 0, complaint.settings.hours
    double = clock.until(due).due(timedelta(minutes=2 * minutes), hours)
    paused_since = not twice and double is not None and double < at
    records = clock.because(None if paused_since else due)
    return step.fires(
        target.rule,
        at,
        f"Complaint {complaint.id} {target.what} in {'twice its' if twice else 'its'} target time",
        severity="error" if twice else "warning",
        because=resting_on(complaint.grounds, (*target.needs, *LABELS), besides=records),
        labels=labels(complaint),
        due=due,
    )


LABELS = ("product", "service", "company")


def labels(complaint: Complaint) -> dict[str, str]:
    """What alerts of a complaint are routed by."""
    return {name: value for name in LABELS if (value := getattr(complaint, name))}


def _owed(step: Step[Complaint], target: Target, minutes: int, at: datetime) -> Step[Complaint]:
    """What has passed already is said at once, and what was said follows the labels."""
    clock, hours, rule = target.clock(step.state), step.state.settings.hours, target.rule
    overdue, passed = {*step.state.overdue}, list[datetime]()
    for level, times in ((DUE, 1), (DOUBLE, 2)):
        name, due = f"{rule.name}/{level}", clock.due(timedelta(minutes=minutes * times), hours)
        if due is not None and due < at:
            overdue.add(name)
            passed.append(due)
        step = step.awaits(name, None if name in overdue else due)
    if not passed:
        return step
    missed = tuple(sorted({*step.state.missed, rule.name}))
    return _missed(step.evolve(missed=missed, overdue=tuple(sorted(overdue))), target, at, passed[-1])


def _done(step: Step[Complaint], target: Target, event: Event, at: datetime) -> Step[Complaint]:
    names = {f"{target.rule.name}/{level}" for level in (DUE, DOUBLE)}
    for name in sorted(names):
        step = step.awaits(name, None)
    step = step.evolve(overdue=tuple(name for name in step.state.overdue if name not in names))
    return step.resolves(target.rule, at, f"{target.done}, too late", by=[event])
