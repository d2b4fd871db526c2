"""Surges: many more complaints about one service or product than there are at this hour."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from processors.correlation.settings import CorrelationSettings
from processors.correlation.usual import DAY, QUARTER, Complained, complaints_in, count, quarter_of, usual_at
from processors.instants import after
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence

SURGE = Rule(
    "front_office.surge",
    "error",
    "10 or more complaints name one service or product within a quarter of an hour of the clock, and they lie more "
    "than 3 standard deviations above what the last 4 weeks had at this hour, on weekdays or on weekends",
    "a quarter of an hour is as usual",
    settings=("surge_complaints", "surge_deviations", "surge_weeks", "calendar"),
    measure="the complaints of the last 4 weeks at this hour",
)
RULES = (SURGE,)

OVER = f"{SURGE.name}/over"

S = TypeVar("S", bound=Complained)

Explains = Callable[[datetime, datetime], tuple[str, tuple[Evidence, ...]]]
"""Words and records of what explains complaints between two instants; no words: nothing does."""


def nothing_explains(since: datetime, until: datetime) -> tuple[str, tuple[Evidence, ...]]:
    return "", ()


def counted(step: Step[S], settings: CorrelationSettings, received_at: datetime, more: int, at: datetime) -> Step[S]:
    """So many more complaints: looks again at the quarters that count now. `judged` says what follows.

    One from the future is a mistyped year, and is not counted.
    """
    if received_at > after(at, DAY):
        return step
    step = step.evolve(**count(step.state, settings, received_at, more))
    now = quarter_of(at)
    candidates = {quarter_of(received_at), now - QUARTER, now, *step.state.surging}
    surging = [begins for begins in candidates if _counts(begins, at) and _is_surge(step.state, settings, begins)]
    return step.evolve(surging=tuple(sorted(surging)))


def judged(
    step: Step[S], settings: CorrelationSettings, event: Event, at: datetime, explains: Explains = nothing_explains
) -> Step[S]:
    """The alert as it must be now: there is one while the last whole quarter, or the one that runs, is a surge."""
    surging = tuple(begins for begins in step.state.surging if _counts(begins, at))
    step = step.evolve(surging=surging)
    if not surging:
        return step.awaits(OVER, None).resolves(SURGE, at, "it is as usual again", by=[event])
    begins = surging[-1]
    usual = usual_at(step.state, settings, begins)
    complaints = complaints_in(step.state, settings, begins)
    because, records = explains(begins, after(begins, QUARTER))
    here = event.about.record
    return step.awaits(OVER, after(begins, 2 * QUARTER)).fires(
        SURGE,
        at,
        f"{complaints} complaints name {step.state.id} within a quarter of an hour, usually {usual.mean:.1f}{because}",
        because=[*records, *([here] if here else [])],
        annotations={"quarter": begins.isoformat()},
        measured=f"{complaints} complaints, usually {usual.mean:.1f} in a quarter of an hour, by {usual.quarters}",
    )


def _counts(begins: datetime, at: datetime) -> bool:
    """Whether a quarter is the one that runs, or the one before: after another whole one it is the past."""
    return at < after(begins, 2 * QUARTER)


def _is_surge(state: Complained, settings: CorrelationSettings, begins: datetime) -> bool:
    complaints = complaints_in(state, settings, begins)
    if complaints < settings.surge_complaints:
        return False
    return usual_at(state, settings, begins).is_exceeded(complaints, settings.surge_deviations)
