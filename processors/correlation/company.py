"""Companies that complaints are about: surges, answers that clients dispute, complaints that were sent twice."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import ComplaintAboutCompany
from schemas.processing import DeadlinePassed

SURGE = Rule(
    "front_office.company_surge",
    "warning",
    "10 or more complaints about one company are received on one day",
    "the day is over",
    distinguish=("day",),
    settings=("company_day_complaints",),
)
DISPUTED = Rule(
    "front_office.company_disputed",
    "warning",
    "clients dispute what a company answers to more than 25 % of its complaints, of at least 30",
    "they dispute fewer",
    settings=("company_disputed_percent", "company_disputed_min"),
    measure="all complaints about the company",
)
DUPLICATE = Rule(
    "front_office.duplicate_complaint",
    "info",
    "a complaint says the same as another one about the same company",
    "it is 30 days old, or was corrected",
    distinguish=("complaint",),
    settings=("company_duplicate_days",),
)
RULES = (SURGE, DISPUTED, DUPLICATE)

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A complaint as it was last told."""

    revision: int
    received_on: date
    names: bool = False
    disputed: bool = False
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """How many complaints were received on a day, and the records of the first ones, as many as a surge needs."""

    complaints: int = 0
    records: tuple[Evidence, ...] = ()
    surge: bool = False
    """Whether it was said to be a surge."""


@dataclass(frozen=True, kw_only=True)
class Company(State):
    """The complaints about one company. The totals are of all time."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    complaints: int = 0
    disputed: int = 0
    known: Rows[Known] = field(default_factory=Rows)
    """By complaint."""
    days: Rows[Day] = field(default_factory=Rows)
    """By day, `YYYY-MM-DD`."""
    fingerprints: Rows[str] = field(default_factory=Rows)
    """The first complaint that said this, by its fingerprint."""
    originals: Rows[Evidence] = field(default_factory=Rows)
    """Its record."""

    @property
    def disputed_too_often(self) -> bool:
        limit = self.settings.company_disputed_percent / 100
        return self.complaints >= self.settings.company_disputed_min and self.disputed > limit * self.complaints


def step(state: Company, event: Event, at: datetime) -> Step[Company]:
    """A complaint was told of, or told of again; or a condition has lasted its time."""
    match event:
        case ComplaintAboutCompany():
            return _told(state, event, at)
        case DeadlinePassed(name=name) if name.startswith(f"{SURGE.name}/"):
            return Step(state).resolves(SURGE, at, "the day is over", by=[event], day=name.partition("/")[2])
        case DeadlinePassed(name=name):
            complaint = name.partition("/")[2]
            return Step(state).resolves(DUPLICATE, at, "it has been known for long", by=[event], complaint=complaint)
    return Step(state)


def _told(company: Company, event: ComplaintAboutCompany, at: datetime) -> Step[Company]:
    before = company.known.get(event.complaint)
    if before is None and event.revision > 1 and not event.names:
        return Step(company)
    if before is not None and before.revision >= event.revision:
        return Step(company)
    now = Known(event.revision, event.received_on, event.names, event.names and event.disputed, event.fingerprint)
    until = after(at, timedelta(days=company.settings.company_memory_days))
    old = before or Known(0, event.received_on)
    counted = company.evolve(
        known=company.known.put(event.complaint, now, until),
        complaints=company.complaints + now.names - old.names,
        disputed=company.disputed + now.disputed - old.disputed,
    )
    step = _day(Step(counted), event, at, now.names - old.names)
    return _disputed(_duplicate(step, event, at), event, at)


def _day(step: Step[Company], event: ComplaintAboutCompany, at: datetime, more: int) -> Step[Company]:
    if not more:
        return step
    company, name = step.state, event.received_on.isoformat()
    settings, known = company.settings, company.days.get(name, Day())
    records = known.records
    if more > 0 and event.record is not None and len(records) < settings.company_day_complaints:
        records = (*records, event.record)
    complaints = max(known.complaints + more, 0)
    now = Day(complaints, records, known.surge or complaints >= settings.company_day_complaints)
    ends = after(datetime.combine(event.received_on, time(), UTC), DAY)
    until = after(max(at, ends), timedelta(days=settings.company_memory_days))
    step = step.evolve(days=company.days.put(name, now, until))
    if not now.surge or (known.surge and at >= ends):
        return step
    summary = f"{complaints} complaints about {company.id} were received on {name}"
    step = step.fires(SURGE, at, summary, because=records, labels={"day": name})
    return step.awaits(f"{SURGE.name}/{name}", ends)


def _disputed(step: Step[Company], event: ComplaintAboutCompany, at: datetime) -> Step[Company]:
    company = step.state
    if not company.disputed_too_often:
        return step.resolves(DISPUTED, at, "clients dispute fewer of its answers", by=[event])
    limit = company.settings.company_disputed_percent
    summary = f"Clients dispute more than {limit:g} % of what {company.id} answers"
    share = f"{company.disputed} of {company.complaints}"
    return step.fires(DISPUTED, at, summary, because=[event], annotations={"disputed": share}, measured=share)


def _duplicate(step: Step[Company], event: ComplaintAboutCompany, at: datetime) -> Step[Company]:
    company, complaint = step.state, event.complaint
    lasts = after(at, timedelta(days=company.settings.company_duplicate_days))
    first = company.fingerprints.get(event.fingerprint) if event.names and event.fingerprint else None
    if first is None or first == complaint:
        if event.names and event.fingerprint and first is None:
            step = step.evolve(fingerprints=company.fingerprints.put(event.fingerprint, complaint, lasts))
            if event.record is not None:
                step = step.evolve(originals=company.originals.put(event.fingerprint, event.record, lasts))
        step = step.awaits(f"{DUPLICATE.name}/{complaint}", None)
        return step.resolves(DUPLICATE, at, "it says something else", by=[event], complaint=complaint)
    if f"{DUPLICATE.name}/{complaint}" in company.deadlines:
        return step
    return step.fires(
        DUPLICATE,
        at,
        f"Complaint {complaint} about {company.id} says the same as {first}",
        because=[record for record in (company.originals.get(event.fingerprint or ""), event.record) if record],
        labels={"complaint": complaint, "original": first},
    ).awaits(f"{DUPLICATE.name}/{complaint}", lasts)
