"""An application: what clients ask for, how far it got, and who had a part in it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from processors.departments.credits import Credited
from processors.departments.finance.settings import DEFAULTS, FinanceSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from schemas.envelope import Event, Evidence
from schemas.finance import (
    ApplicationAdvanced,
    ApplicationDecided,
    ApplicationReopened,
    ApplicationSubmitted,
    ApplicationWorked,
    OfferSent,
)
from schemas.money import Money

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


def told(application: Application, event: Event) -> Application:
    """The application after this event. Events may come in any order."""
    return _acted(_heard(application, event), event)


def _heard(application: Application, event: Event) -> Application:
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
