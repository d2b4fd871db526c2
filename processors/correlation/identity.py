"""Duplicates: one person, or one patient, under two ids."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import FindingReviewed, IdentitySeen

DUPLICATE_PERSON = Rule(
    "hr.duplicate_person",
    "error",
    "two employee ids have the same identity hash",
    "merged, or reviewed as distinct; it fires again when a further id appears",
)
DUPLICATE_PATIENT = Rule(
    "health.duplicate_patient",
    "warning",
    "two patient ids have the same identity hash",
    "merged, or reviewed as distinct; it fires again when a further id appears",
)
RULES = (DUPLICATE_PERSON, DUPLICATE_PATIENT)

RULE_OF = {"employee": DUPLICATE_PERSON, "patient": DUPLICATE_PATIENT}

SHOWN = 20
"""An alert names at most this many ids. Where there are more, the hash is wrong rather than the ids."""


FEWEST = 2
"""So many ids are a duplicate."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An id that has this identity, or was thought to."""

    id: str
    holds: bool
    revision: int
    record: Evidence | None


@dataclass(frozen=True, slots=True)
class Cleared:
    """Ids that a person has found to be different people, as far as they were named; and how many there were."""

    ids: tuple[str, ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class Identity(State):
    """The ids of one identity."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    employees: int = 0
    """How many employee ids have this identity now."""
    patients: int = 0
    """How many patient ids do."""
    employee_ids: Rows[Sighting] = field(default_factory=Rows)
    patient_ids: Rows[Sighting] = field(default_factory=Rows)
    named: Rows[tuple[Evidence, ...]] = field(default_factory=Rows)
    """The records of the first two ids of each kind: an alert that cannot name all names these."""
    cleared: Rows[Cleared] = field(default_factory=Rows)
    """By rule."""

    def ids(self, of: str) -> Rows[Sighting]:
        return self.employee_ids if of == "employee" else self.patient_ids

    def count(self, of: str) -> int:
        return self.employees if of == "employee" else self.patients

    def with_sighting(self, of: str, sighting: Sighting, until: datetime | None, more: int) -> "Identity":
        ids = self.ids(of).put(sighting.id, sighting, until)
        if of == "employee":
            return self.evolve(employee_ids=ids, employees=self.employees + more)
        return self.evolve(patient_ids=ids, patients=self.patients + more)


def step(state: Identity, event: Event, at: datetime) -> Step[Identity]:
    """An id was seen or merged, or somebody looked at a duplicate."""
    match event:
        case IdentitySeen():
            return _seen(state, event, at)
        case FindingReviewed():
            return _reviewed(state, event, at)
    return Step(state)


def _seen(identity: Identity, event: IdentitySeen, at: datetime) -> Step[Identity]:
    known = identity.ids(event.of).get(event.id)
    if known and known.revision >= event.revision:
        return Step(identity)
    forget = None if event.holds else after(at, timedelta(days=identity.settings.identity_memory_days))
    sighting = Sighting(event.id, event.holds, event.revision, event.record)
    more = event.holds - bool(known and known.holds)
    now = identity.with_sighting(event.of, sighting, forget, more)
    named = identity.named.get(event.of, ())
    if more > 0 and event.record is not None and len(named) < FEWEST:
        now = now.evolve(named=now.named.put(event.of, (*named, event.record)))
    return _judge(Step(now), event, event.of, at)


def _judge(now: Step[Identity], event: Event, of: str, at: datetime) -> Step[Identity]:
    identity, rule = now.state, RULE_OF[of]
    count = identity.count(of)
    if count < FEWEST:
        return now.resolves(rule, at, "it is one id now", by=[event])
    shown = _shown(identity, of)
    if _is_cleared(identity.cleared.get(rule.name), shown, count):
        return now.resolves(rule, at, "the ids are of different people", by=[event])
    ids = ", ".join(sighting.id for sighting in shown) or f"{count} ids: the hash itself must be wrong"
    return now.fires(
        rule,
        at,
        f"One {of} has several ids: {ids}",
        because=[sighting.record for sighting in shown if sighting.record] or identity.named.get(of, ()),
    )


def _shown(identity: Identity, of: str) -> tuple[Sighting, ...]:
    """Every id that has this identity; none when they are too many to be true."""
    if identity.count(of) > SHOWN:
        return ()
    return tuple(sighting for sighting in identity.ids(of).values() if sighting.holds)


def _is_cleared(cleared: Cleared | None, shown: tuple[Sighting, ...], count: int) -> bool:
    return cleared is not None and count <= cleared.count and {s.id for s in shown} <= {*cleared.ids}


def _reviewed(identity: Identity, event: FindingReviewed, at: datetime) -> Step[Identity]:
    """`distinct` clears exactly the ids of now; any other outcome takes that back."""
    of = next((of for of, rule in RULE_OF.items() if rule.name == event.rule), None)
    if of is None or (event.until is not None and event.until <= at):
        return Step(identity)
    cleared = identity.cleared.drop(event.rule)
    if event.outcome == "distinct":
        ids = tuple(sighting.id for sighting in _shown(identity, of))
        cleared = cleared.put(event.rule, Cleared(ids, identity.count(of)), event.until)
    return _judge(Step(identity.evolve(cleared=cleared)), event, of, at)
