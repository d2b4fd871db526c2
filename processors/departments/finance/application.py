"""An application: what clients ask for is decided in time, by somebody else than who took it in."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from processors.calendar import AROUND_THE_CLOCK
from processors.departments import credits
from processors.departments.credits import Credited
from processors.departments.finance.account import fires
from processors.departments.finance.four_eyes import FOUR_EYES, accuse
from processors.departments.finance.settings import DEFAULTS, FinanceSettings
from processors.departments.reviews import Reviewed, review
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event, Evidence
from schemas.finance import (
    ApplicationAdvanced,
    ApplicationDecided,
    ApplicationReopened,
    ApplicationSubmitted,
    ApplicationWorked,
    DeadlineCredited,
    FindingReviewed,
    OfferSent,
)
from schemas.money import Money
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

MAX_ACTS = 50
"""Acts of people that are compared for four eyes, the latest."""


@dataclass(frozen=True, slots=True)
class Act:
    """A person had a part in it."""

    person: str
    releases: bool
    """True: approved it. False: took it in, or moved it on in a stage that counts as that."""
    record: Evidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A kind of work, and how often it was begun and done."""

    scheduled: int = 0
    started: int = 0
    completed: int = 0


NO_WORK = Work()


@dataclass(frozen=True, kw_only=True)
class Application(Reviewed, Credited):
    """What is known of one application. Its events may come in any order."""

    label_fields = ("product",)

    settings: FinanceSettings = field(default=DEFAULTS)
    amount: Money | None = None
    product: str | None = None
    needs_service: str | None = None
    """Without which IT service it cannot be decided."""
    submitted_at: datetime | None = None
    """The first submission."""
    told_at: datetime | None = None
    """When amount and product were last said."""
    record: Evidence | None = None
    """The first submission's record, that of the latest one, and of the latest return to work."""
    told: Evidence | None = None
    reopened: Evidence | None = None
    approved_at: datetime | None = None
    declined_at: datetime | None = None
    cancelled_at: datetime | None = None
    """The first of each outcome, also when it was taken back."""
    decided_at: datetime | None = None
    """The last decision."""
    reopened_at: datetime | None = None
    offers: int = 0
    acts: tuple[Act, ...] = ()
    acts_without_person: int = 0
    """Events of which nobody said who did it."""
    stages: Rows[datetime] = field(default_factory=Rows)
    """When each stage was last reached."""
    work: Rows[Work] = field(default_factory=Rows)

    @property
    def is_decided(self) -> bool:
        if self.decided_at is None:
            return False
        return self.reopened_at is None or self.reopened_at < self.decided_at

    @property
    def target(self) -> timedelta:
        return timedelta(days=self.settings.target_days(self.product))

    @property
    def owed_since(self) -> datetime | None:
        """From when on a decision is owed; None when none is."""
        if self.submitted_at is None or self.is_decided:
            return None
        return max(self.submitted_at, self.reopened_at or self.submitted_at)


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
    now = Step(_acted(_told(application, event), event))
    return _four_eyes(_settle(now, event, at), at)


def _told(application: Application, event: Event) -> Application:
    time = event.about.time
    match event:
        case ApplicationSubmitted():
            return _submitted(application, event)
        case ApplicationAdvanced():
            reached = max(time, application.stages.get(event.stage, time))
            return application.evolve(stages=application.stages.put(event.stage, reached))
        case ApplicationWorked():
            known = application.work.get(event.work, NO_WORK)
            more = replace(known, **{event.phase: getattr(known, event.phase) + 1})
            return application.evolve(work=application.work.put(event.work, more))
        case OfferSent():
            return application.evolve(offers=application.offers + 1)
        case ApplicationDecided():
            first = getattr(application, f"{event.outcome}_at")
            decided_at = max(time, application.decided_at or time)
            return application.evolve(decided_at=decided_at, **{f"{event.outcome}_at": min(time, first or time)})
        case ApplicationReopened():
            newest = application.reopened_at is None or application.reopened_at <= time
            return application.evolve(reopened_at=time, reopened=event.about.record) if newest else application
    return application


def _submitted(application: Application, event: ApplicationSubmitted) -> Application:
    time = event.about.time
    applied_at = event.submitted_at or time
    if application.submitted_at is None or applied_at < application.submitted_at:
        application = application.evolve(submitted_at=applied_at, record=event.about.record)
    if application.told_at is not None and time < application.told_at:
        return application
    return application.evolve(
        amount=event.amount,
        product=event.product,
        needs_service=event.needs_service,
        told_at=time,
        told=event.about.record,
    )


def _acted(application: Application, event: Event) -> Application:
    """Remembers each person's part once."""
    person = getattr(event, "by", None)
    if person is None:
        return application.evolve(acts_without_person=application.acts_without_person + 1)
    match event:
        case ApplicationSubmitted():
            counts, releases = "submitted" in application.settings.entering_stages, False
        case ApplicationAdvanced():
            counts, releases = event.stage in application.settings.entering_stages, False
        case ApplicationDecided(outcome="approved"):
            counts, releases = True, True
        case _:
            return application
    known = any((act.person, act.releases) == (person, releases) for act in application.acts)
    if known or not counts or person in application.settings.automatic_users:
        return application
    act = Act(person, releases, event.about.record)
    return application.evolve(acts=(*application.acts, act)[-MAX_ACTS:])


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
