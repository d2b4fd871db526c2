"""Applications are decided in time, by somebody else than who took them in."""

from datetime import datetime

from processors.calendar import AROUND_THE_CLOCK
from processors.departments import credits
from processors.departments.finance.account import fires
from processors.departments.finance.application import Application, told
from processors.departments.finance.four_eyes import FOUR_EYES, accuse
from processors.departments.reviews import review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event, Evidence
from schemas.finance import DeadlineCredited, FindingReviewed
from schemas.processing import DeadlinePassed

OVERDUE = Rule(
    "finance.application_overdue",
    "warning",
    "an application is not decided within the target time of its product; one that is reopened has it anew. While a"
    " service that it needs is down, its time stands still",
    "decided, or reviewed",
    settings=("application_targets_days",),
)

DEADLINE = "decision"


def application_step(application: Application, event: Event, at: datetime) -> Step[Application]:
    match event:
        case DeadlinePassed(due=due):
            return _overdue(Step(application), due, at)
        case DeadlineCredited():
            return credits.credited(Step(application), event, at, AROUND_THE_CLOCK, OVERDUE)
        case FindingReviewed(rule=OVERDUE.name):
            return review(Step(application), event, at, OVERDUE)
        case FindingReviewed(rule=FOUR_EYES.name):
            return review(Step(application), event, at, FOUR_EYES)
        case FindingReviewed():
            return Step(application)
    now = Step(told(application, event))
    return _four_eyes(_settle(now, event, at), at)


def _settle(now: Step[Application], event: Event, at: datetime) -> Step[Application]:
    now = _waits(now, event)
    due = now.state.deadlines.get(DEADLINE)
    if due is None or due > at:
        why = "it is decided" if now.state.is_decided else "it has more time"
        return now.resolves(OVERDUE, at, why, by=[event])
    return now.awaits(DEADLINE, None) if is_firing(now.state, OVERDUE) else now


def _waits(now: Step[Application], event: Event) -> Step[Application]:
    """Until its target time, in days of 24 hours, has passed without the time in which it could not be decided."""
    application, since = now.state, now.state.owed_since
    if since is None:
        return credits.over(now, DEADLINE, event.about.record)
    return credits.waits(
        now,
        DEADLINE,
        after(since, application.target),
        AROUND_THE_CLOCK,
        department="finance",
        service=application.needs_service,
        since=since,
        record=application.record,
    )


def _overdue(now: Step[Application], due: datetime, at: datetime) -> Step[Application]:
    application = now.state
    if application.owed_since is None:
        return now
    summary = f"Application {application.id} is not decided within {application.target.days} days"
    return fires(now, OVERDUE, at, summary, because=_grounds(application), labels={}, due=due)


def _grounds(application: Application) -> tuple[Evidence | None, ...]:
    """What it was submitted by; what says its product, where that has a target of its own; what opened it again."""
    own_target = application.product in application.settings.application_targets_days
    again = application.owed_since == application.reopened_at
    return application.record, application.told if own_target else None, application.reopened if again else None


def _four_eyes(now: Step[Application], at: datetime) -> Step[Application]:
    acts = now.state.acts
    for released in acts:
        entered = next((a for a in acts if a.person == released.person and not a.releases), None)
        if released.releases and entered is not None:
            what, records = f"application {now.state.id}", [entered.record, released.record]
            now = accuse(now, at, now.state.id, what, released.person, records)
    return now
