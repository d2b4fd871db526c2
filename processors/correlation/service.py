"""A service's state: its outages, changes and complaints, what it needs, who waits for it, what an outage costs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.correlation.usual import Complained
from processors.instants import after
from processors.rows import Rows
from processors.step import Step
from schemas.envelope import Evidence
from schemas.money import Money


@dataclass(frozen=True, slots=True)
class Outage:
    """An interval in which the service was down; `until` None: it still is."""

    since: datetime
    until: datetime | None
    revision: int
    record: Evidence | None
    complaints: int = 0
    """How many it explains."""
    shown: tuple[str, ...] = ()
    """The ids of the first of them, in the order of ids."""
    told_again: bool = False
    """Whether it was told more than once, so that no record alone is why it is known."""

    def covers(self, instant: datetime, grace: timedelta) -> bool:
        return self.overlaps(instant, instant, grace)

    def overlaps(self, since: datetime, until: datetime, grace: timedelta) -> bool:
        """Whether a span touches it; one that begins up to `grace` after its end does."""
        return self.since <= until and (self.until is None or since <= after(self.until, grace))


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint that names the service, or was thought to."""

    received_at: datetime
    names: bool
    revision: int
    record: Evidence | None
    outages: tuple[str, ...] = ()
    """The outages that explain it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of this service."""

    starts_at: datetime
    ends_at: datetime
    began_at: datetime | None
    over_at: datetime | None
    holds: bool
    revision: int
    record: Evidence | None


@dataclass(frozen=True, slots=True)
class Happening:
    """A change's plan or an outage, of this service or of one that needs it."""

    what: Literal["change", "outage"]
    name: str
    service: str
    begins: datetime
    ends: datetime | None
    holds: bool
    revision: int
    record: Evidence | None


@dataclass(frozen=True, slots=True)
class Route:
    """What one dependent passed on of something, and how often it had passed on anything by then."""

    happening: Happening
    distance: int
    told: int


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that happens to a service behind this one, by the dependents that passed it on: one at least."""

    routes: dict[str, Route]

    @property
    def latest(self) -> Route:
        """As it was told last: the shortest route by which it holds, if it does."""
        latest = max(route.happening.revision for route in self.routes.values())
        told = (route for route in self.routes.values() if route.happening.revision == latest)
        return min(told, key=lambda route: (not route.happening.holds, route.distance))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A deadline that can be kept only while the service is up."""

    department: str
    subject: str
    name: str
    since: datetime
    withdrawn: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Impact:
    """Something that went wrong, and the outages it is booked on."""

    what: str
    since: datetime
    until: datetime
    money: Money | None
    hours: Decimal
    holds: bool
    revision: int
    record: Evidence | None
    outages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sums of one outage."""

    counts: dict[str, int] = field(default_factory=dict)
    """How many complaints, orders, invoices and overruns."""
    money: dict[str, Decimal] = field(default_factory=dict)
    """Per currency."""
    hours: Decimal = Decimal(0)
    said: int = 0
    """How many binary digits their number had when it was said last: another one means that it has doubled."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class Service(Complained):
    """What was told of one service in the last days: this bounds what an event costs."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    dependencies: tuple[str, ...] = ()
    """The services it needs."""
    declared: int = 0
    """The revision of what it needs."""
    told: int = 0
    """How often it told other keys anything."""
    outages: Rows[Outage] = field(default_factory=Rows)
    complaints: Rows[Complaint] = field(default_factory=Rows)
    changes: Rows[Change] = field(default_factory=Rows)
    passed: Rows[Passed] = field(default_factory=Rows)
    """What happens to services that need this one, directly or not."""
    suspects: Rows[bool] = field(default_factory=Rows)
    """Changes of this service that may have caused an outage, here or behind it."""
    waiting: Rows[Waiting] = field(default_factory=Rows)
    impacts: Rows[Impact] = field(default_factory=Rows)
    """Looked up one by one: those that are booked are remembered as long as their ledgers."""
    recent_impacts: Rows[bool] = field(default_factory=Rows)
    """Those that an outage may still be told of."""
    ledgers: Rows[Ledger] = field(default_factory=Rows)
    """By outage."""

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.settings.outage_grace_minutes)

    @property
    def memory(self) -> timedelta:
        return timedelta(days=self.settings.outage_memory_days)

    def forget_at(self, ends: datetime | None, at: datetime) -> datetime | None:
        """When something that ended is no longer waited for; None: it has not ended."""
        return None if ends is None else after(max(ends, at), self.grace + self.memory)


def put_outage(step: Step[Service], name: str, outage: Outage, at: datetime) -> Step[Service]:
    service = step.state
    return step.evolve(outages=service.outages.put(name, outage, service.forget_at(outage.until, at)))


def put_complaint(step: Step[Service], name: str, complaint: Complaint, at: datetime) -> Step[Service]:
    service = step.state
    return step.evolve(complaints=service.complaints.put(name, complaint, service.forget_at(complaint.received_at, at)))
