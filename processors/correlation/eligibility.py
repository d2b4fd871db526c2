"""Eligibility: who might approve an invoice when it was approved.

Leave, onboarding, the last day and lapsed training decide; of whom nothing was said, nothing is wrong.
The answer goes to the vendor, where the invoice's other approvals are known (`approvals.py`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from processors.correlation.person import Leave, Person, Question
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.facts import EligibilityAsked, EligibilityTold, EmploymentStated, LeaveStated, TrainingState

MOST_WORDS = 480
"""What an answer says of why not, at most, in characters."""


def check(now: Step[Person], event: Event, at: datetime) -> Step[Person]:
    match event:
        case EligibilityAsked():
            return _asked(now, event, at)
        case EmploymentStated() | LeaveStated() | TrainingState():
            for entry, question in now.state.questions.items():
                now = _answer(now, entry, question, at)
    return now


def _asked(now: Step[Person], event: EligibilityAsked, at: datetime) -> Step[Person]:
    entry = f"{event.vendor}\x1f{event.invoice}\x1f{event.approver}"
    known = now.state.questions.get(entry)
    if known is not None and known.revision >= event.revision:
        return now
    question = Question(
        vendor=event.vendor,
        invoice=event.invoice,
        approver=event.approver,
        at=event.at,
        holds=event.holds,
        revision=event.revision,
        record=event.record,
    )
    return _answer(now, entry, question, at)


def _answer(now: Step[Person], entry: str, question: Question, at: datetime) -> Step[Person]:
    """Answers a new question, and an old one again when the answer has changed."""
    person = now.state
    grounds = list(_grounds(person, question.at))
    why = " and ".join(words for words, _ in grounds)[:MOST_WORDS]
    leave = _leave_at(person, question.at)
    delegate = leave.delegate if leave else None
    answer = replace(question, eligible=not grounds, why=why, delegate=delegate)
    if question.answers and answer == question:
        return now
    answer = replace(answer, answers=question.answers + 1)
    kept = person.questions.put(entry, answer, person.remembered(at, question.at))
    told = EligibilityTold(
        invoice=answer.invoice,
        approver=answer.approver,
        person=person.id,
        at=answer.at,
        holds=answer.holds,
        eligible=answer.eligible,
        why=answer.why,
        delegate=answer.delegate,
        question=answer.revision,
        revision=answer.answers,
        record=answer.record,
        because=next((record for _, record in grounds if record), None),
    )
    return now.evolve(questions=kept).emits(f"vendor/{answer.vendor}", told)


def _grounds(person: Person, instant: datetime) -> Iterator[tuple[str, Evidence | None]]:
    """Every reason for which this person could not approve then, and the record that gives it."""
    employment, day = person.employment, person.calendar.local_date(instant)
    if employment.start_on is not None and day < employment.start_on:
        yield f"does not work here before {employment.start_on}", employment.record
    if employment.last_day is not None and day > employment.last_day:
        yield f"left on {employment.last_day}", employment.record
    done_at = employment.onboarded_at
    if not employment.onboarded or (done_at is not None and instant < done_at):
        yield "was not onboarded yet", employment.record
    if leave := _leave_at(person, instant):
        yield "was on leave", leave.record
    lapsed = [lapse for lapse in person.lapses.values() if lapse.covers(instant)]
    if lapsed:
        yield f"lacked required training ({', '.join(sorted({lapse.training for lapse in lapsed}))})", lapsed[0].record


def _leave_at(person: Person, instant: datetime) -> Leave | None:
    """The leave of that day; of several, the one with a delegate that began last."""
    day = person.calendar.local_date(instant)
    covering = [leave for leave in person.leaves.values() if leave.covers(day)]
    return max(covering, key=lambda leave: (leave.delegate is not None, leave.starts_on, leave.leave), default=None)
