"""Expectations: what executives and the front office expect of a measure is met at its date."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from processors.departments.judging import found, moment, settle
from processors.departments.management.settings import DEFAULTS, ManagementSettings
from processors.departments.reviews import Reviewed
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.management import ExpectationStated, ExpectationWithdrawn, MeasureReported
from schemas.processing import DeadlinePassed

UNMET = Rule(
    "management.expectation_unmet",
    "warning",
    "a stated expectation's measure misses its target at its date, or no measure came since it was stated",
    "a later measure meets it, it is restated or withdrawn, or it is reviewed",
    distinguish=("expectation",),
    settings=("calendar",),
)
RULES = (UNMET,)

DUE = "expectation/"

REMEMBERED = timedelta(days=400)
"""An expectation is forgotten so long after its date, or its withdrawal."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation, as it was stated last."""

    target: Decimal
    direction: Literal["at_least", "at_most"]
    due_on: date
    since: datetime
    """When it was first stated: an older value does not answer it."""
    told_at: datetime
    record: Evidence | None
    withdrawn: bool = False

    def met_by(self, value: Decimal) -> bool:
        return value >= self.target if self.direction == "at_least" else value <= self.target


@dataclass(frozen=True, kw_only=True)
class Measure(Reviewed):
    """A measure's latest value, and what is expected of it. What is expected of one measure are few things."""

    settings: ManagementSettings = field(default=DEFAULTS)
    value: Decimal | None = None
    as_of: datetime | None = None
    record: Evidence | None = None
    expectations: Rows[Expectation] = field(default_factory=Rows)


def step(state: Measure, event: Event, at: datetime) -> Step[Measure]:
    """One event of a measure, or the date of an expectation."""
    match event:
        case ExpectationStated() | ExpectationWithdrawn():
            return _unmet(Step(_stated(state, event, at)), event.expectation, event, at)
        case MeasureReported():
            as_of = event.as_of or event.about.time
            if state.as_of is not None and as_of < state.as_of:
                return Step(state)
            now = Step(state.evolve(value=event.value, as_of=as_of, record=event.about.record))
            for name in state.expectations:
                now = _unmet(now, name, event, at)
            return now
        case DeadlinePassed(name=name) if name.startswith(DUE):
            return _unmet(Step(state), name.removeprefix(DUE), event, at)
    return settle(Step(state), event, at, {UNMET: _unmet})


def _stated(measure: Measure, event: ExpectationStated | ExpectationWithdrawn, at: datetime) -> Measure:
    known, time = measure.expectations.get(event.expectation), event.about.time
    if known is not None and time < known.told_at:
        return measure
    withdrawn = isinstance(event, ExpectationWithdrawn)
    if isinstance(event, ExpectationStated):
        since = min(known.since, time) if known else time
        now = Expectation(event.target, event.direction, event.due_on, since, time, event.about.record)
    elif known is None:
        now = Expectation(Decimal(0), "at_least", date.min, time, time, event.about.record, withdrawn)
    else:
        now = Expectation(known.target, known.direction, known.due_on, known.since, time, known.record, withdrawn)
    until = after(max(measure.settings.hours.end_of_day(now.due_on), at), REMEMBERED)
    return measure.evolve(expectations=measure.expectations.put(event.expectation, now, until))


def _unmet(now: Step[Measure], name: str, event: Event, at: datetime) -> Step[Measure]:
    measure, expected = now.state, now.state.expectations.get(name)
    if expected is None or expected.withdrawn:
        return now.awaits(DUE + name, None).resolves(UNMET, at, "nobody expects it", by=[event], expectation=name)
    due = measure.settings.hours.end_of_day(expected.due_on)
    if due >= moment(event, at):
        now = now.awaits(DUE + name, due)
        return now.resolves(UNMET, at, f"it is expected by {expected.due_on}", by=[event], expectation=name)
    now = now.awaits(DUE + name, None)
    came = measure.value is not None and measure.as_of is not None and measure.as_of >= expected.since
    if came and measure.value is not None and expected.met_by(measure.value):
        return now.resolves(UNMET, at, "it is met", by=[event], expectation=name)
    bound = "at least" if expected.direction == "at_least" else "at most"
    how = f"it is {measure.value}" if came else "no value came"
    summary = f"{measure.id} was to be {bound} {expected.target} by {expected.due_on}: {how}"
    records = [expected.record, measure.record if came else None]
    return found(now, UNMET, at, summary, records, {"expectation": name}, event=event)
