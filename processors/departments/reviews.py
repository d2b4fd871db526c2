"""Reviews, as departments apply them; and those that go on to the rules over several keys."""

from datetime import datetime

from processors.processor import Aggregate
from processors.reviews import SETTLING, Reviewed, is_reviewed, review
from processors.step import S, State, Step
from schemas import facts
from schemas.envelope import Event
from schemas.reviews import Review

__all__ = ["ELSEWHERE", "SETTLING", "Reviewed", "hand_on", "is_reviewed", "review"]


def hand_on(now: Step[S], event: Event) -> Step[S]:
    """A review of what a rule over several keys has found becomes a fact at the same subject."""
    if not isinstance(event, Review):
        return now
    said = event.model_dump(include={"rule", "identity", "by", "outcome", "until"})
    return now.emits(now.state.key, facts.FindingReviewed(**said))


def _step(state: State, event: Event, at: datetime) -> Step[State]:
    return hand_on(Step(state), event)


ELSEWHERE = Aggregate(State, _step)
"""A kind of key at which a department keeps nothing, but rules over several keys make findings of its own."""
