"""A service's state: its outages, measures, upgrades and designs."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from processors.departments.it.settings import DEFAULTS, ITSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from schemas.envelope import Evidence
from schemas.it import Impact


@dataclass(frozen=True, slots=True)
class Word:
    """When something was said. A correction outranks a first report; of corrections the latest counts, of
    reports the earliest, in whatever order they are heard."""

    at: datetime
    corrects: bool

    def outranks(self, other: "Word | None") -> bool:
        if other is None or self.corrects != other.corrects:
            return other is None or self.corrects
        return self.at >= other.at if self.corrects else self.at < other.at


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change that may have caused an outage. `holds` False: it was thought so."""

    holds: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage. `since` None: only its end was told so far."""

    since: datetime | None = None
    since_by: Word | None = None
    until: datetime | None = None
    until_by: Word | None = None
    impact: Impact = "complete"
    impact_at: datetime | None = None
    """When its impact was last said."""
    revision: int = 0
    """How often its interval was published."""
    record: Evidence | None = None
    """The record that told of it first."""
    begun: Evidence | None = None
    """What said that it began, when it ended, and how bad it is; the first and the last by one record if possible."""
    ended: Evidence | None = None
    judged: Evidence | None = None
    suspects: dict[str, Suspect] = field(default_factory=dict)
    """By change and the service that was changed: `CHG-7 of core-network`."""

    @property
    def open(self) -> bool:
        return self.since is not None and self.until is None


@dataclass(frozen=True, slots=True)
class Sample:
    """A measure kept for the trend."""

    at: datetime
    used_percent: Decimal


@dataclass(frozen=True, slots=True)
class Start:
    """An outage began. `ended`: the record that had ended it before, when it began again."""

    at: datetime
    outage: str
    record: Evidence | None
    ended: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that fills up. `over` None: it is not too full."""

    as_of: datetime
    over: datetime | None = None
    """Since when it is measured too full."""
    samples: tuple[Sample, ...] = ()
    because: Evidence | None = None
    """The first measure that was too full."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A measured quality of a telecom service. `over` None: it is good enough."""

    as_of: datetime
    over: datetime | None = None
    """Since when it is measured beyond its limit."""
    because: tuple[Evidence, ...] = ()
    """What declared that limit, and the first measure beyond it."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """An upgrade. `due_on` None: it was performed before anybody said it was due."""

    due_on: date | None = None
    performed: bool = False
    record: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Design:
    """A network design. `submitted_at` None: it was decided before its submission was told."""

    submitted_at: datetime | None = None
    decided: bool = False
    record: Evidence | None = None


@dataclass(frozen=True, kw_only=True)
class Service(Reviewed):
    """What is known of one service."""

    label_fields = ("category", "criticality", "site")

    settings: ITSettings = field(default=DEFAULTS)
    category: str | None = None
    criticality: str | None = None
    site: str | None = None
    declared: Evidence | None = None
    """Its latest declaration."""
    dependencies: tuple[str, ...] = ()
    declarations: int = 0
    """How often other dependencies were declared."""
    designs_told: int = 0
    """How often something was told of a design to those who build it."""
    max_loss_percent: Decimal | None = None
    max_jitter_ms: Decimal | None = None
    max_failed_calls_percent: Decimal | None = None
    open_outages: tuple[str, ...] = ()
    starts: tuple[Start, ...] = ()
    """How its latest outages began, oldest first; as many as flapping needs."""
    last_turn: datetime | None = None
    """When it last went down or came back."""
    dependents: Rows[tuple[str, ...]] = field(default_factory=Rows)
    """Services that cannot work without this one, and those behind each of them."""
    outages: Rows[Outage] = field(default_factory=Rows)
    resources: Rows[Resource] = field(default_factory=Rows)
    qualities: Rows[Quality] = field(default_factory=Rows)
    upgrades: Rows[Upgrade] = field(default_factory=Rows)
    designs: Rows[Design] = field(default_factory=Rows)

    @property
    def down(self) -> bool:
        return bool(self.open_outages)

    @property
    def downstream(self) -> tuple[str, ...]:
        """Every service that stands still with this one, directly or not."""
        behind = (name for names in self.dependents.values() for name in names)
        return tuple(sorted({*self.dependents, *behind} - {self.id}))

    def limit(self, measure: str) -> Decimal | None:
        """The declared limit of a telecom measure; None: not watched."""
        limits = {
            "loss": self.max_loss_percent,
            "jitter": self.max_jitter_ms,
            "failed_calls": self.max_failed_calls_percent,
        }
        return limits.get(measure)
