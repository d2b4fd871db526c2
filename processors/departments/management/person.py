"""People: required training is completed and holds, employee reviews are held."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from processors.calendar import Calendar
from processors.departments.judging import found, moment, settle
from processors.departments.management.settings import DEFAULTS, ManagementSettings
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
)
REVIEW_OVERDUE = Rule(
    "management.review_overdue",
    "info",
    "an employee review is not held by its date",
    "it is held, its date has moved, or it is reviewed, as waived say",
    distinguish=("review",),
)
RULES = (TRAINING_LAPSED, REVIEW_OVERDUE)

TRAINING, REVIEW = "training/", "review/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One training of a person. What was completed and when it expired may be known before it is required."""

    required: bool = False
    due_on: date | None = None
    told_at: datetime | None = None
    assigned: Evidence | None = None
    completed_on: date | None = None
    valid_until: date | None = None
    completed: Evidence | None = None
    expired_on: date | None = None
    """As was said outright; a later completion is not concerned."""

    @property
    def holds_until(self) -> date | None:
        """The last day on which the latest completion holds; None: for ever."""
        expired = self.expired_on
        if self.completed_on is not None and expired is not None and expired < self.completed_on:
            expired = None
        return min((day for day in (self.valid_until, expired) if day), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """An employee review."""

    due_on: date | None = None
    told_at: datetime | None = None
    held: bool = False
    record: Evidence | None = None


NO_TRAINING, NO_APPRAISAL = Training(), Appraisal()


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
            return replace(training, expired_on=max(event.expired_on, training.expired_on or event.expired_on))
    return training


def _appraised(appraisal: Appraisal, event: ReviewDue | ReviewHeld) -> Appraisal:
    if isinstance(event, ReviewHeld):
        return replace(appraisal, held=True)
    if appraisal.told_at is not None and event.about.time < appraisal.told_at:
        return appraisal
    return replace(appraisal, due_on=event.due_on, told_at=event.about.time, record=event.about.record)


def _training(now: Step[Person], name: str, event: Event, at: datetime) -> Step[Person]:
    """Its date matters until it is completed, afterwards the last day on which that holds."""
    training, calendar = now.state.trainings.get(name, NO_TRAINING), now.state.calendar
    completed = training.completed_on is not None
    last_day = training.holds_until if completed or training.expired_on else training.due_on
    ends = calendar.end_of_day(last_day) if last_day and training.required else None
    if ends is None or ends >= moment(event, at):
        now = now.awaits(TRAINING + name, ends)
        return now.resolves(TRAINING_LAPSED, at, "it is in order", by=[event], training=name)
    expired = completed or training.expired_on is not None
    what = f"has expired on {last_day}" if expired else f"was to be completed by {last_day}"
    records = [training.assigned, training.completed]
    summary = f"Training {name} of person {now.state.id} {what}"
    return found(
        now.awaits(TRAINING + name, None), TRAINING_LAPSED, at, summary, records, {"training": name}, event=event
    )


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
