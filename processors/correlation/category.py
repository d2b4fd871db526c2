"""Bursts: many incidents of one category within one hour of the clock.

What is said of a burst is about the hour and does not depend on who was heard of first: it is said once, when the last
incident that it takes is told of, whichever that is, and it begins and ends with the hour. How many came in the end is
a measure.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import IncidentOpened
from schemas.processing import DeadlinePassed

INCIDENT_BURST = Rule(
    "it.incident_burst",
    "warning",
    "10 or more incidents of one category are opened within one hour of the clock",
    "the hour is over",
    distinguish=("hour",),
    settings=("burst_incidents", "burst_memory_days", "burst_late_days"),
)
RULES = (INCIDENT_BURST,)

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """How many incidents were opened in an hour, and the records of the first ones, as many as a burst needs."""

    incidents: int = 0
    records: tuple[Evidence, ...] = ()
    burst: bool = False
    """Whether it was said to be a burst."""


@dataclass(frozen=True, kw_only=True)
class Category(State):
    """The hours of one category of incidents, by `YYYY-MM-DDTHH` in UTC."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    hours: Rows[Hour] = field(default_factory=Rows)


def step(state: Category, event: Event, at: datetime) -> Step[Category]:
    """An incident was opened, or an hour is over."""
    match event:
        case IncidentOpened():
            return _opened(state, event, at)
        case DeadlinePassed(name=name, due=ends):
            hour = name.partition("/")[2]
            return Step(state).resolves(INCIDENT_BURST, ends, "the hour is over", by=[event], hour=hour)
    return Step(state)


def _opened(category: Category, event: IncidentOpened, at: datetime) -> Step[Category]:
    """Each incident is published once, so counting facts counts incidents."""
    settings = category.settings
    begins = event.opened_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    ends, name = after(begins, HOUR), begins.strftime("%Y-%m-%dT%H")
    known = category.hours.get(name, Hour())
    records = known.records
    if event.record is not None and len(records) < settings.burst_incidents:
        records = (*records, event.record)
    now = Hour(known.incidents + 1, records, known.burst or known.incidents + 1 >= settings.burst_incidents)
    days = settings.burst_memory_days if now.burst else settings.burst_late_days
    step = Step(category.evolve(hours=category.hours.put(name, now, after(max(at, ends), timedelta(days=days)))))
    if known.burst or not now.burst:
        return step
    summary = f"{now.incidents} or more incidents of category {category.id} were opened within one hour"
    step = step.fires(INCIDENT_BURST, begins, summary, because=now.records, labels={"hour": name})
    return step.awaits(f"{INCIDENT_BURST.name}/{name}", ends)
