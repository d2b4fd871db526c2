"""Plots: for a rule, a short story in which it fires and its alert ends; and what Hypothesis makes of one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from processors.processor import Processor
from schemas.envelope import Event
from schemas.money import Money
from schemas.reviews import Review
from tests.happenings import Happening, happenings

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Plot:
    """What is said of one or a few keys, and the settings under which it is watched."""

    story: tuple[Happening, ...]
    settings: dict[str, Any] = field(default_factory=dict)


def tells(subject: str, *said: Event | timedelta) -> tuple[Happening, ...]:
    """Events of one key, a minute apart; a span between two of them lets so much time pass instead."""
    story, gap = list[Happening](), MINUTE
    for each in said:
        if isinstance(each, timedelta):
            gap = each
        else:
            story.append(Happening(subject, each, gap))
            gap = MINUTE
    return tuple(story)


def plot(subject: str, *said: Event | timedelta, **settings: Any) -> Plot:
    """A plot about one key."""
    return Plot(tells(subject, *said), settings)


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount))


def day(n: int) -> date:
    """The n-th of January 2026, which begins to be told on the 5th, a Monday; more than 31 go on."""
    return date(2025, 12, 31) + timedelta(days=n)


def at(n: int, hour: float) -> datetime:
    """An hour of that day, UTC."""
    return datetime(2025, 12, 31, tzinfo=UTC) + timedelta(days=n, hours=hour)


R = TypeVar("R", bound=Review)


def settled(cls: type[R], rule: str, **identity: str) -> R:
    """Somebody has reviewed this finding, and it is all right."""
    return cls(rule=rule, identity=identity, by="karl", outcome="justified")


def distinct(cls: type[R], rule: str) -> R:
    """Somebody has found that these are two."""
    return cls(rule=rule, by="karl", outcome="distinct")


@st.composite
def told(draw: st.DrawFn, processor: Processor, of: Plot) -> list[Happening]:
    """The plot as it is; or with other things in between, some of it twice, sooner, later, or in another order."""
    story = list(of.story)
    if not draw(st.booleans()):
        return story
    spans = st.sampled_from([timedelta(), MINUTE, HOUR, DAY])
    for n in draw(st.lists(st.integers(0, len(story) - 1), max_size=2)):
        again = story[n]
        story.insert(draw(st.integers(0, len(story))), Happening(again.subject, again.event, draw(spans)))
    for other in _others(draw(st.lists(happenings(processor, max_size=4), max_size=1))):
        story.insert(draw(st.integers(0, len(story))), other)
    return draw(st.permutations(story)) if draw(st.booleans()) else story


def _others(stories: Iterable[list[Happening]]) -> list[Happening]:
    return [happening for story in stories for happening in story]
