"""Findings that a person has reviewed: resolved, and remembered so that the same finding does not fire again."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step, firing_entry
from schemas.reviews import Review

SETTLING = frozenset({"accepted", "corrected", "justified", "distinct", "waived"})
"""Outcomes that end a finding. `confirmed` says that it is right, so it stays."""


@dataclass(frozen=True, kw_only=True)
class Reviewed(State):
    """A state that remembers reviews."""

    reviewed: Rows[str] = field(default_factory=Rows)
    """The outcome, by `firing_entry` of the finding. It expires with the review."""


S = TypeVar("S", bound=Reviewed)


def is_reviewed(state: Reviewed, rule: Rule, **labels: str) -> bool:
    """Whether somebody has settled this very finding."""
    return firing_entry(rule, labels) in state.reviewed


def review(now: Step[S], event: Review, at: datetime, rule: Rule, outcomes: Collection[str] = SETTLING) -> Step[S]:
    """Applies a review of one of the rule's findings. `outcomes`: those that settle it; another one takes that back.

    A review that names no finding of the rule, or that has lapsed already, changes nothing.
    """
    if any(name not in event.identity for name in rule.distinguish):
        return now
    if event.until is not None and event.until <= at:
        return now
    labels = {name: event.identity[name] for name in rule.distinguish}
    entry, reviewed = firing_entry(rule, labels), now.state.reviewed
    if event.outcome not in outcomes:
        return now.evolve(reviewed=reviewed.drop(entry))
    now = now.evolve(reviewed=reviewed.put(entry, event.outcome, event.until))
    return now.resolves(rule, at, f"reviewed by {event.by}: {event.outcome}", by=[event], **labels)
