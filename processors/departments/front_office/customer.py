"""Customers: which id is which other one. Their complaints are counted by correlation."""

from dataclasses import dataclass
from datetime import datetime

from processors.step import State, Step
from schemas.envelope import Event
from schemas.facts import CustomerMerged as Merged
from schemas.front_office import CustomerMerged


@dataclass(frozen=True, kw_only=True)
class Customer(State):
    """What was said last, by its own time."""

    into: str | None = None
    said_at: datetime | None = None
    publications: int = 0


def step(state: Customer, event: Event, at: datetime) -> Step[Customer]:
    """An id turns out to be another one's."""
    if not isinstance(event, CustomerMerged) or event.into in (state.id, state.into):
        return Step(state)
    time = event.about.time
    if state.said_at is not None and time < state.said_at:
        return Step(state)
    now = state.evolve(into=event.into, said_at=time, publications=state.publications + 1)
    return Step(now).emits(state.key, Merged(into=event.into, revision=now.publications))
