"""Freezes: told to correlation, which knows the changes that they forbid."""

from dataclasses import dataclass
from datetime import datetime

from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import FREEZES, FreezeTold
from schemas.it import FreezeDeclared, FreezeLifted


@dataclass(frozen=True, kw_only=True)
class Freeze(State):
    """What was declared last, by its own time."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    services: tuple[str, ...] = ()
    lifted: bool = False
    said_at: datetime | None = None
    publications: int = 0
    record: Evidence | None = None


def step(state: Freeze, event: Event, at: datetime) -> Step[Freeze]:
    """A freeze is declared, moved or lifted. Of two the one said later counts, in whatever order they come."""
    if not isinstance(event, FreezeDeclared | FreezeLifted):
        return Step(state)
    time = event.about.time
    if state.said_at is not None and time < state.said_at:
        return Step(state)
    if isinstance(event, FreezeLifted):
        return _published(state.evolve(lifted=True, said_at=time))
    declared = state.evolve(
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        services=tuple(sorted(set(event.services))),
        lifted=False,
        said_at=time,
        record=event.about.record,
    )
    return _published(declared)


def _published(freeze: Freeze) -> Step[Freeze]:
    """One that was lifted before it was declared forbids nothing yet."""
    if freeze.starts_at is None or freeze.ends_at is None:
        return Step(freeze)
    now = freeze.evolve(publications=freeze.publications + 1)
    fact = FreezeTold(
        freeze=freeze.id,
        starts_at=freeze.starts_at,
        ends_at=freeze.ends_at,
        services=freeze.services,
        holds=not freeze.lifted,
        revision=now.publications,
        record=freeze.record,
    )
    return Step(now).emits(FREEZES, fact)
