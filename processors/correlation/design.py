"""Network designs: none is built before it was approved."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import DesignBuilt, DesignTold

DESIGN_UNAPPROVED = Rule(
    "it.design_unapproved",
    "warning",
    "a change began that builds a network design which is not approved: not decided, rejected or never submitted",
    "the design is approved, or the change is rolled back or builds another one",
    distinguish=("change",),
)
RULES = (DESIGN_UNAPPROVED,)

REMEMBERED = timedelta(days=366)
"""A change that builds an approved design is remembered this long, for an approval that is taken back."""


@dataclass(frozen=True, slots=True)
class Building:
    """A change that builds the design, or was thought to."""

    service: str
    built: bool
    revision: int
    record: Evidence | None


@dataclass(frozen=True, kw_only=True)
class Design(State):
    """A design and the changes that build it: a handful."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    submitted: bool = False
    decision: str | None = None
    """The latest one. One that is submitted again stays as decided until it is decided again."""
    revision: int = 0
    """Of the decision."""
    record: Evidence | None = None
    changes: Rows[Building] = field(default_factory=Rows)

    @property
    def standing(self) -> str:
        """In words for people."""
        return self.decision or ("not decided" if self.submitted else "not known")


def step(state: Design, event: Event, at: datetime) -> Step[Design]:
    """A design is submitted or decided, or a change builds it."""
    match event:
        case DesignTold():
            now = Step(_told(state, event))
            for change in state.changes:
                now = _judged(now, change, event, at)
            return now
        case DesignBuilt():
            known = state.changes.get(event.change)
            if known is not None and known.revision >= event.revision:
                return Step(state)
            building = Building(event.service, event.built, event.revision, event.record)
            return _judged(
                Step(state.evolve(changes=state.changes.put(event.change, building))), event.change, event, at
            )
    return Step(state)


def _told(design: Design, event: DesignTold) -> Design:
    design = design.evolve(submitted=True, record=design.record or event.record)
    if event.status == "submitted" or event.revision <= design.revision:
        return design
    return design.evolve(decision=event.status, revision=event.revision, record=event.record)


def _judged(now: Step[Design], change: str, event: Event, at: datetime) -> Step[Design]:
    design, building = now.state, now.state.changes[change]
    if design.decision == "approved" or not building.built:
        because = "the design is approved" if building.built else "the change does not build it any more"
        changes = design.changes.put(change, building, after(at, REMEMBERED))
        return now.evolve(changes=changes).resolves(DESIGN_UNAPPROVED, at, because, by=[event], change=change)
    return now.evolve(changes=design.changes.put(change, building)).fires(
        DESIGN_UNAPPROVED,
        at,
        f"Change {change} of {building.service} builds design {design.id}, which is {design.standing}",
        because=[record for record in (design.record, building.record) if record],
        labels={"change": change, "service": building.service},
    )
