"""Consultations: what the front office and executives ask is answered."""

from dataclasses import dataclass, field
from datetime import datetime

from processors.departments.judging import found, moment, settle
from processors.departments.management.settings import DEFAULTS, ManagementSettings
from processors.departments.reviews import Reviewed
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.management import ConsultationAnswered, ConsultationRequested, ConsultationWithdrawn

UNANSWERED = Rule(
    "management.consultation_unanswered",
    "warning",
    "a question of the front office or an executive is open for 2 business days",
    "it is answered or withdrawn, or it is reviewed",
    settings=("consultation_business_days", "consultations_watched", "calendar"),
)
RULES = (UNANSWERED,)

DUE = "unanswered"


@dataclass(frozen=True, kw_only=True)
class Consultation(Reviewed):
    """What is known of one question. Its answer may be known first."""

    label_fields = ("asked_by", "to")

    settings: ManagementSettings = field(default=DEFAULTS)
    asked_by: str | None = None
    asked_at: datetime | None = None
    record: Evidence | None = None
    """What asked it."""
    said_by: Evidence | None = None
    """What said by whom, where that was another."""
    to: str | None = None
    concerns: str | None = None
    settled_at: datetime | None = None
    """When it was last answered or withdrawn."""

    @property
    def is_open(self) -> bool:
        """Asked, and neither answered nor withdrawn since."""
        if self.asked_at is None:
            return False
        return self.settled_at is None or self.settled_at < self.asked_at


def step(state: Consultation, event: Event, at: datetime) -> Step[Consultation]:
    """One event of a question, or the end of the time for answering it."""
    now = _unanswered(Step(_read(state, event)), "", event, at)
    return settle(now, event, at, {UNANSWERED: _unanswered})


def _read(question: Consultation, event: Event) -> Consultation:
    time = event.about.time
    match event:
        case ConsultationRequested():
            return _asked(question, event)
        case ConsultationAnswered() | ConsultationWithdrawn():
            return question.evolve(settled_at=max(question.settled_at or time, time))
    return question


def _asked(question: Consultation, event: ConsultationRequested) -> Consultation:
    """Asked once more while it is open, it has been open since the first time."""
    time, settled = event.about.time, question.settled_at
    if question.asked_at is not None and settled is not None and time <= settled:
        return question
    first = question.asked_at is None or not question.is_open or time < question.asked_at
    if first:
        question = question.evolve(asked_at=time, record=event.about.record, said_by=None)
    elif event.asked_by != question.asked_by:
        question = question.evolve(said_by=event.about.record)
    return question.evolve(
        asked_by=event.asked_by,
        to=event.to,
        concerns=event.concerns,
    )


def _unanswered(now: Step[Consultation], _: str, event: Event, at: datetime) -> Step[Consultation]:
    question, settings = now.state, now.state.settings
    if not question.is_open or question.asked_at is None or question.asked_by not in settings.consultations_watched:
        return now.awaits(DUE, None).resolves(UNANSWERED, at, "it is settled", by=[event])
    calendar, days = settings.hours, settings.consultation_business_days
    due = calendar.end_of_business_day(calendar.add_business_days(calendar.local_date(question.asked_at), days))
    if due >= moment(event, at):
        return now.awaits(DUE, due).resolves(UNANSWERED, at, "it was asked anew", by=[event])
    labels = {"asked_by": question.asked_by} if question.asked_by else {}
    summary = f"Question {question.id} has no answer after {days} business days"
    return found(
        now.awaits(DUE, None), UNANSWERED, at, summary, [question.record, question.said_by], labels, event=event
    )
