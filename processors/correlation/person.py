"""A person as several departments know one: what facts say, before any rule reads them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from processors.calendar import Calendar
from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.reviews import Reviewed
from processors.rows import Rows
from schemas.envelope import Event, Evidence
from schemas.facts import (
    AccountStated,
    EmploymentStated,
    LeaveStated,
    ReportStated,
    ShiftStated,
    TrainingState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """An employment as HR knows it; revision 0: HR has said nothing."""

    role: str | None = None
    start_on: date | None = None
    last_day: date | None = None
    manager: str | None = None
    manager_since: date | None = None
    onboarded: bool = True
    onboarded_at: datetime | None = None
    merged_into: str | None = None
    revision: int = 0
    record: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Days away. `ends_on` None: nobody knows yet."""

    leave: str
    starts_on: date
    ends_on: date | None
    delegate: str | None
    holds: bool
    revision: int
    record: Evidence | None

    def covers(self, day: date) -> bool:
        return self.holds and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Lapse:
    """A span in which a training is held or has lapsed."""

    training: str
    holds: bool
    since: datetime
    until: datetime | None
    required: bool
    revision: int
    record: Evidence | None

    def covers(self, instant: datetime) -> bool:
        lapsed = self.required and not self.holds
        return lapsed and self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody who reports to this person."""

    employee: str
    since: date | None
    holds: bool
    revision: int
    record: Evidence | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of this person."""

    account: str
    active: bool
    revision: int
    record: Evidence | None


@dataclass(frozen=True, slots=True)
class Shift:
    """When this person was to work."""

    starts_at: datetime
    ends_at: datetime
    holds: bool
    revision: int

    def covers(self, instant: datetime, grace: timedelta) -> bool:
        return self.holds and self.starts_at <= after(instant, grace) and instant <= after(self.ends_at, grace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Somebody wants to know whether this person might approve an invoice, and what was answered last."""

    vendor: str
    invoice: str
    approver: str
    at: datetime
    holds: bool
    revision: int
    record: Evidence | None
    answers: int = 0
    eligible: bool = True
    why: str = ""
    delegate: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """An emergency access, and from when on it is judged."""

    access: str
    patient: str
    at: datetime
    admitted: bool
    incident: str | None
    revision: int
    record: Evidence | None
    judged_from: datetime
    told_first: Evidence | None = None
    """What told of it first, from when on `judged_from` counts."""
    judged_alone_from: datetime | None = None
    """From when on it would be judged by `record` alone."""


@dataclass(frozen=True, kw_only=True)
class Person(Reviewed):
    """Everything that departments say of one person. What is over is forgotten after some days: that bounds
    what a fact about the person costs.
    """

    settings: CorrelationSettings = field(default=DEFAULTS)
    employment: Employment = field(default=Employment())
    leaves: Rows[Leave] = field(default_factory=Rows)
    lapses: Rows[Lapse] = field(default_factory=Rows)
    """By training and beginning."""
    reports: Rows[Report] = field(default_factory=Rows)
    accounts: Rows[Account] = field(default_factory=Rows)
    shifts: Rows[Shift] = field(default_factory=Rows)
    questions: Rows[Question] = field(default_factory=Rows)
    """By vendor, invoice and approver."""
    accesses: Rows[Access] = field(default_factory=Rows)

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)

    def remembered(self, at: datetime, over: datetime) -> datetime:
        """Until when something that is over at an instant is remembered."""
        return after(max(at, over), timedelta(days=self.settings.person_memory_days))


def record(person: Person, event: Event, at: datetime) -> Person:
    """The person after this fact; the very same one when a later revision of it is known already."""
    match event:
        case EmploymentStated() if event.revision > person.employment.revision:
            return person.evolve(employment=Employment(**event.model_dump(exclude={"record"}), record=event.record))
        case LeaveStated():
            return _leave(person, event, at)
        case TrainingState():
            return _training(person, event, at)
        case ReportStated() if _is_news(person.reports.get(event.employee), event.revision):
            report = Report(event.employee, event.since, event.holds, event.revision, event.record)
            forget = None if event.holds else person.remembered(at, at)
            return person.evolve(reports=person.reports.put(event.employee, report, forget))
        case AccountStated() if _is_news(person.accounts.get(event.account), event.revision):
            account = Account(event.account, event.active, event.revision, event.record)
            forget = None if event.active else person.remembered(at, at)
            return person.evolve(accounts=person.accounts.put(event.account, account, forget))
        case ShiftStated() if _is_news(person.shifts.get(event.shift), event.revision):
            shift = Shift(event.starts_at, event.ends_at, event.holds, event.revision)
            return person.evolve(shifts=person.shifts.put(event.shift, shift, person.remembered(at, event.ends_at)))
    return person


def _is_news(known: Leave | Lapse | Report | Account | Shift | None, revision: int) -> bool:
    return known is None or known.revision < revision


def _leave(person: Person, event: LeaveStated, at: datetime) -> Person:
    if not _is_news(person.leaves.get(event.leave), event.revision):
        return person
    leave = Leave(
        event.leave, event.starts_on, event.ends_on, event.delegate, event.holds, event.revision, event.record
    )
    forget = person.remembered(at, person.calendar.end_of_day(event.ends_on)) if event.ends_on else None
    if not event.holds:
        forget = person.remembered(at, at)
    return person.evolve(leaves=person.leaves.put(event.leave, leave, forget))


def _training(person: Person, event: TrainingState, at: datetime) -> Person:
    entry = f"{event.training}\x1f{event.since.isoformat()}"
    if not _is_news(person.lapses.get(entry), event.revision):
        return person
    lapse = Lapse(event.training, event.holds, event.since, event.until, event.required, event.revision, event.record)
    over = event.until if not event.holds else at
    forget = person.remembered(at, over) if over else None
    return person.evolve(lapses=person.lapses.put(entry, lapse, forget))
