"""A person: each fact is kept, then each rule is asked in turn."""

from datetime import datetime

from processors.correlation import access, break_glass, eligibility, managers
from processors.correlation.person import Person, record
from processors.step import Step
from schemas.envelope import Event

RULES = (*access.RULES, *managers.RULES, *break_glass.RULES)

CHECKS = (access.check, managers.check, eligibility.check, break_glass.check)


def step(state: Person, event: Event, at: datetime) -> Step[Person]:
    """A fact about the person, a review or a deadline. Facts may come in any order."""
    now = Step(record(state, event, at))
    for check in CHECKS:
        now = check(now, event, at)
    return now
