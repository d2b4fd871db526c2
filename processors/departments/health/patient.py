"""A patient: visits, who is linked to the patient, and what is asked of the record. Contents stay out of alerts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from processors.departments.credits import Credited
from processors.departments.health.settings import DEFAULTS, HealthSettings
from processors.departments.health.visit import NO_VISIT, Visit
from processors.departments.reviews import Reviewed, is_reviewed
from processors.rows import Rows
from processors.rule import Rule, Severity
from processors.step import Step
from schemas.envelope import Event, Evidence


@dataclass(frozen=True, slots=True)
class Relation:
    """Why somebody may read the record: from `since` on, until some time after `until` (None: open).

    `of`: the visit or the appointment it comes from; `team` for the care team.
    """

    of: str
    since: datetime
    until: datetime | None
    is_appointment: bool = False


@dataclass(frozen=True, slots=True)
class Appointment:
    """With whom, where and when."""

    clinician: str | None
    unit: str | None
    at: datetime
    told_at: datetime
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result as it was last told. It may be acknowledged before it is told."""

    told_at: datetime | None = None
    critical: bool = False
    acknowledged_at: datetime | None = None
    because: Evidence | None = None
    """What told of it when its clock began."""

    @property
    def owed(self) -> bool:
        """Critical, and nobody has seen it as it is now."""
        if not self.critical or self.told_at is None:
            return False
        return self.acknowledged_at is None or self.acknowledged_at < self.told_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The last two values of one test, for measures."""

    result: str = ""
    """The latest result that had a value."""
    last: Decimal | None = None
    previous: Decimal | None = None
    was_critical: bool = False
    without_value: int = 0
    """How many results had none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A record that somebody asked for. It may be there before the request is told."""

    by: str = ""
    requested_at: datetime | None = None
    needs_service: str | None = None
    done_at: datetime | None = None
    """Retrieved, or not needed any more."""
    record: Evidence | None = None
    """The first request."""


@dataclass(frozen=True, slots=True)
class Access:
    """A reading of the record."""

    access: str
    by: str
    unit: str | None
    at: datetime
    record: Evidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a patient said of a purpose, in the order of its own time, and who has read for it lately."""

    turns: tuple[tuple[datetime, bool], ...] = ()
    told_by: tuple[Evidence | None, ...] = ()
    """The record of each of them."""
    reads: tuple[Access, ...] = ()

    def withdrawn(self, at: datetime) -> bool:
        """Whether it was withdrawn at this time, and not given again."""
        known = [given for time, given in self.turns if time <= at]
        return bool(known) and not known[-1]

    def record_at(self, at: datetime) -> Evidence | None:
        """What was said last of this time."""
        n = sum(time <= at for time, _ in self.turns)
        return self.told_by[n - 1] if 0 < n <= len(self.told_by) else None

    def turn(self, at: datetime, given: bool, record: Evidence | None, most: int) -> "Consent":
        """With one more turn, of those at the same time the latest; `most` are remembered."""
        known = zip(self.turns, self.told_by or (None,) * len(self.turns), strict=True)
        turns = sorted([*((t, r) for t, r in known if t[0] != at), ((at, given), record)], key=lambda each: each[0])
        latest = turns[-most:]
        return replace(self, turns=tuple(t for t, _ in latest), told_by=tuple(r for _, r in latest))


@dataclass(frozen=True, slots=True)
class Emergency:
    """Somebody broke the glass."""

    by: str
    at: datetime
    incident: str | None
    record: Evidence | None
    admitted: bool
    """Whether the patient was admitted then, as far as was published."""
    revision: int
    first: Evidence | None = None
    """The record that told of it first, where that named somebody else: from then on the time for its review runs."""


NO_RESULT, NO_TREND, NO_REQUEST, NO_CONSENT = Result(), Trend(), Request(), Consent()
"""What is known of one that was never heard of."""


@dataclass(frozen=True, kw_only=True)
class Patient(Reviewed, Credited):
    """Everything Health knows of a patient, by ids."""

    label_fields = ("unit",)

    settings: HealthSettings = field(default=DEFAULTS)
    events: int = 0
    """How much was heard of the patient."""
    began_with: str = ""
    """The type of what was heard first."""
    identity_hash: str | None = None
    identity_told_at: datetime | None = None
    identity_revision: int = 0
    merged_into: str | None = None
    unit: str | None = None
    """The unit that sees the patient, or was the last one to do so."""
    unit_at: datetime | None = None
    """When that was said."""
    visit: str = ""
    """The latest visit."""
    visits_counted: int = 0
    stays: tuple[str, ...] = ()
    """The latest visits with an admission."""
    last_discharge: datetime | None = None
    last_discharged: str = ""
    """The visit that ended then."""
    normal_since: datetime | None = None
    """The first admission to normal care."""
    intensive_at: datetime | None = None
    """The last admission to intensive care."""
    criteria: tuple[str, ...] = ()
    """Criteria that were ever met."""
    unexplained: tuple[Access, ...] = ()
    """The latest readings that nothing explains yet."""
    emergencies_used: tuple[str, ...] = ()
    """The latest emergency accesses."""
    visits: Rows[Visit] = field(default_factory=Rows)
    relations: Rows[tuple[Relation, ...]] = field(default_factory=Rows)
    """By `person(id)` or `unit(id)`, the latest."""
    appointments: Rows[Appointment] = field(default_factory=Rows)
    results: Rows[Result] = field(default_factory=Rows)
    tests: Rows[Trend] = field(default_factory=Rows)
    requests: Rows[Request] = field(default_factory=Rows)
    consents: Rows[Consent] = field(default_factory=Rows)
    """By purpose."""
    emergencies: Rows[Emergency] = field(default_factory=Rows)

    def a_visit(self, name: str) -> Visit:
        return self.visits.get(name, NO_VISIT)

    def with_visit(self, name: str, **changes: object) -> "Patient":
        changed = replace(self.a_visit(name), **changes)  # type: ignore[arg-type]
        return self.evolve(visits=self.visits.put(name, changed))

    def was_admitted(self, at: datetime) -> bool:
        """Whether one of the latest admissions covers this instant."""
        stays = (self.a_visit(name) for name in self.stays)
        return any(
            v.admitted_at is not None and v.admitted_at <= at and (v.discharged_at is None or at <= v.discharged_at)
            for v in stays
        )


def fires(
    now: Step[Patient],
    rule: Rule,
    at: datetime,
    summary: str,
    *,
    because: Iterable[Event | Evidence | None],
    labels: Mapping[str, str],
    severity: Severity | None = None,
    due: datetime | None = None,
) -> Step[Patient]:
    """`Step.fires`, unless somebody has settled this very finding."""
    if is_reviewed(now.state, rule, **{name: labels[name] for name in rule.distinguish}):
        return now
    records = [record for record in because if record is not None]
    return now.fires(rule, at, summary, because=records, labels=labels, severity=severity, due=due)
