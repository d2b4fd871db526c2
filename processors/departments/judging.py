"""What rules share that judge a state at a moment: when a deadline counts as passed, and findings that are settled."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from processors.departments.reviews import Reviewed, is_reviewed, review
from processors.instants import after
from processors.rule import Rule, Severity
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.processing import DeadlinePassed
from schemas.reviews import Review

PASSED = timedelta(milliseconds=1)
"""What is due at an instant is still in time then, and no more the least time later."""

LAPSES = "reviewed/"

S = TypeVar("S", bound=Reviewed)
Judge = Callable[[Step[S], str, Event, datetime], Step[S]]
"""Judges one thing of a state (named by the rule's distinguishing label, or "") anew."""


def moment(event: Event, at: datetime) -> datetime:
    """The moment at which to judge: a deadline has just passed, anything else happens now."""
    return after(at, PASSED) if isinstance(event, DeadlinePassed) else at


def found(
    now: Step[S],
    rule: Rule,
    at: datetime,
    summary: str,
    because: Iterable[Evidence | None],
    labels: Mapping[str, str],
    *,
    event: Event,
    severity: Severity | None = None,
    measured: str | None = None,
) -> Step[S]:
    """The rule's condition holds, unless somebody has settled this very finding. `event`: what showed it."""
    if is_reviewed(now.state, rule, **labels):
        return now
    due = event.due if isinstance(event, DeadlinePassed) else None
    records = (record for record in because if record)
    return now.fires(rule, at, summary, because=records, labels=labels, severity=severity, due=due, measured=measured)


def settle(now: Step[S], event: Event, at: datetime, judges: Mapping[Rule, Judge[S]]) -> Step[S]:
    """Applies a review of one of these rules' findings. Where it holds for a time only, the finding is judged again
    afterwards; one that is confirmed is judged again at once."""
    by_name = {rule.name: rule for rule in judges}
    match event:
        case Review(rule=name) if rule := by_name.get(name):
            return _reviewed(now, event, at, rule, judges[rule])
        case DeadlinePassed(name=name) if name.startswith(LAPSES):
            _, name, label = name.split("/", 2)
            return judges[by_name[name]](now, label, event, at)
    return now


def _reviewed(now: Step[S], event: Review, at: datetime, rule: Rule, judge: Judge[S]) -> Step[S]:
    labels = [event.identity.get(name) for name in rule.distinguish]
    if None in labels:
        return now
    label = (labels or [""])[0] or ""
    now = review(now, event, at, rule)
    lapses = after(event.until, PASSED) if event.until and event.until > at else None
    return judge(now.awaits(f"{LAPSES}{rule.name}/{label}", lapses), label, event, at)
