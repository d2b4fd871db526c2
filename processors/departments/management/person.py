"""People: required training is completed and holds, employee reviews are held."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from processors.calendar import Calendar
from processors.departments.judging import found, moment, settle
from processors.departments.management.settings import DEFAULTS, ManagementSettings
from processors.departments.management.training import NO_TRAINING, Training
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.management import ReviewDue, ReviewHeld, TrainingAssigned, TrainingCompleted, TrainingExpired
from schemas.processing import DeadlinePassed

TRAINING_LAPSED = Rule(
    "management.training_lapsed",
    "error",
    "a required training is not completed by its date, or has expired",
    "it is completed and holds, its date has moved, it is not required any more, or it is reviewed",
    distinguish=("training",),
    settings=("calendar",),
)
REVIEW_OVERDUE = Rule(
    "management.review_overdue",
    "info",
    "an employee review is not held by its date",
    "it is held, its date has moved, or it is reviewed, as waived say",
    distinguish=("review",),
    settings=("calendar",),
)
RULES = (TRAINING_LAPSED, REVIEW_OVERDUE)

TRAINING, REVIEW = "training/", "review/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """An employee review."""

    due_on: date | None = None
    told_at: datetime | None = None
    held: bool = False
    record: Evidence | None = None


NO_APPRAISAL = Appraisal()


@dataclass(frozen=True, kw_only=True)
class Person(Reviewed):
    """What management knows of a person, by ids alone."""

    settings: ManagementSettings = field(default=DEFAULTS)
    trainings: Rows[Training] = field(default_factory=Rows)
    appraisals: Rows[Appraisal] = field(default_factory=Rows)

    @property
    def calendar(self) -> Calendar:
        return self.settings.hours


def step(state: Person, event: Event, at: datetime) -> Step[Person]:
    """One event of a person, or one of the dates that matter."""
    match event:
        case TrainingAssigned() | TrainingCompleted() | TrainingExpired():
            training = _trained(state.trainings.get(event.training, NO_TRAINING), event)
            now = Step(state.evolve(trainings=state.trainings.put(event.training, training)))
            return _training(now, event.training, event, at)
        case ReviewDue() | ReviewHeld():
            appraisal = _appraised(state.appraisals.get(event.review, NO_APPRAISAL), event)
            now = Step(state.evolve(appraisals=state.appraisals.put(event.review, appraisal)))
            return _review(now, event.review, event, at)
        case DeadlinePassed(name=name) if name.startswith(TRAINING):
            return _training(Step(state), name.removeprefix(TRAINING), event, at)
        case DeadlinePassed(name=name) if name.startswith(REVIEW):
            return _review(Step(state), name.removeprefix(REVIEW), event, at)
    return settle(Step(state), event, at, {TRAINING_LAPSED: _training, REVIEW_OVERDUE: _review})


def _trained(training: Training, event: TrainingAssigned | TrainingCompleted | TrainingExpired) -> Training:
    time, here = event.about.time, event.about.record
    match event:
        case TrainingAssigned() if training.told_at is None or training.told_at <= time:
            return replace(training, required=event.required, due_on=event.due_on, told_at=time, assigned=here)
        case TrainingCompleted() if training.completed_on is None or training.completed_on <= event.completed_on:
            return replace(training, completed_on=event.completed_on, valid_until=event.valid_until, completed=here)
        case TrainingExpired():
            if training.expired_on is None or training.expired_on < event.expired_on:
                return replace(training, expired_on=event.expired_on, expired=here)
    return training


def _appraised(appraisal: Appraisal, event: ReviewDue | ReviewHeld) -> Appraisal:
    if isinstance(event, ReviewHeld):
        return replace(appraisal, held=True)
    if appraisal.told_at is not None and event.about.time < appraisal.told_at:
        return appraisal
    return replace(appraisal, due_on=event.due_on, told_at=event.about.time, record=event.about.record)


def _training(now: Step[Person], name: str, event: Event, at: datetime) -> Step[Person]:
    """Says whether it has lapsed at this moment, and waits for the end of the last day on which it has not."""
    training = now.state.trainings.get(name, NO_TRAINING)
    last_day = training.last_day
    ends = now.state.calendar.end_of_day(last_day) if last_day else None
    in_order = ends is None or ends >= moment(event, at)
    now = _publish(now, name, None if in_order else ends)
    if in_order:
        now = now.awaits(TRAINING + name, ends)
        return now.resolves(TRAINING_LAPSED, at, "it is in order", by=[event], training=name)
    expired = training.completed_on is not None or training.expired_on is not None
    what = f"has expired on {last_day}" if expired else f"was to be completed by {last_day}"
    summary = f"Training {name} of person {now.state.id} {what}"
    return found(
        now.awaits(TRAINING + name, None),
        TRAINING_LAPSED,
        at,
        summary,
        training.because,
        {"training": name},
        event=event,
    )


def _publish(now: Step[Person], name: str, lapsed_at: datetime | None) -> Step[Person]:
    """Since when a required training has lapsed, for rules that ask who might do something then."""
    training, news = now.state.trainings.get(name, NO_TRAINING).told(lapsed_at, now.state.calendar)
    for lapse in news:
        training = replace(training, publications=training.publications + 1)
        now = now.emits(now.state.key, training.fact(name, lapse, training.publications))
    return now.evolve(trainings=now.state.trainings.put(name, training)) if news else now


def _review(now: Step[Person], name: str, event: Event, at: datetime) -> Step[Person]:
    appraisal = now.state.appraisals.get(name, NO_APPRAISAL)
    open_until = None if appraisal.held or appraisal.due_on is None else appraisal.due_on
    ends = now.state.calendar.end_of_day(open_until) if open_until else None
    if ends is None or ends >= moment(event, at):
        because = "it was held" if appraisal.held else "its date has moved"
        return now.awaits(REVIEW + name, ends).resolves(REVIEW_OVERDUE, at, because, by=[event], review=name)
    summary = f"Review {name} of person {now.state.id} was to be held by {open_until}"
    now = now.awaits(REVIEW + name, None)
    return found(now, REVIEW_OVERDUE, at, summary, [appraisal.record], {"review": name}, event=event)
