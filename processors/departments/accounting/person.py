"""A person as accounting knows one: what the person may do. Rules over several keys look it up."""

from dataclasses import dataclass
from datetime import datetime

from processors.step import State, Step
from schemas.accounting import Duty, PersonAuthorised
from schemas.envelope import Event
from schemas.money import Money


@dataclass(frozen=True, kw_only=True)
class Person(State):
    """The latest authorisation of a person."""

    approval_limit: Money | None = None
    duties: tuple[Duty, ...] = ()
    authorised_at: datetime | None = None


def person_step(person: Person, event: Event, at: datetime) -> Step[Person]:
    """Remembers the authorisation that was said last, by its own time."""
    if not isinstance(event, PersonAuthorised):
        return Step(person)
    if person.authorised_at is not None and event.about.time < person.authorised_at:
        return Step(person)
    return Step(
        person.evolve(
            approval_limit=event.approval_limit,
            duties=event.duties,
            authorised_at=event.about.time,
        )
    )
