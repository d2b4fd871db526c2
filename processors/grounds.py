"""Grounds: which records what is known now rests on, so that an alert can name those it needs and no others.

A state that comes about by many records keeps, for each that still matters, what it gave. A record that others have
overtaken drops out, so there are never more than a few, however much is heard.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from schemas.envelope import Evidence

MOST_ADDED = 100
"""Records that have added to something are remembered up to so many, the latest."""


P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Ground:
    """A record, and the fields of a state that it gave their values, or added to."""

    record: Evidence
    of: tuple[str, ...]


Grounds = tuple[Ground, ...]
"""Oldest first."""


def grounded(
    grounds: Grounds,
    record: Evidence | None,
    states: tuple[Any, Any, Any],
    *,
    said: Collection[str],
    added: Collection[str] = (),
) -> Grounds:
    """The grounds after one record more.

    `states`: before it, after it, and what it makes of a state that knows nothing. What this gives by itself needs no
    other record. `said`: fields that a record gives a new value; `added`: fields that it adds to, such as a count.
    """
    before, after, alone = states
    blank = type(alone)()
    if record is None:
        return grounds
    given, gone = set[str](), set[str]()
    for name in (*said, *added):
        was, now, own = (getattr(state, name) for state in (before, after, alone))
        empty = now == getattr(blank, name)
        if not empty and (was != now or own == now):
            given.add(name)
        if empty or (name in said and was != now) or (name in added and own == now):
            gone.add(name)
    kept = _without(grounds, gone)
    if not given:
        return kept
    kept = tuple(g for g in kept if not given.issuperset(g.of) or not gone.union(said).issuperset(g.of))
    return (*kept, Ground(record, tuple(sorted(given))))[-MOST_ADDED:]


def _without(grounds: Grounds, gone: set[str]) -> Grounds:
    if all(gone.isdisjoint(g.of) for g in grounds):
        return grounds
    left = (Ground(g.record, tuple(name for name in g.of if name not in gone)) for g in grounds)
    return tuple(g for g in left if g.of)


def also(grounds: Grounds, of: str, for_: str) -> Grounds:
    """What rests on the same as `of` from here on, whatever becomes of that."""
    return tuple(Ground(g.record, tuple(sorted({*g.of, for_}))) if of in g.of else g for g in grounds)


def resting_on(grounds: Grounds, said: Iterable[str], added: Collection[str] = ()) -> list[Evidence]:
    """The records that give these fields their values, oldest first: as few as do, and all that added to one."""
    needed = [g for g in grounds if not set(added).isdisjoint(g.of)]
    missing = {name for name in said if all(name not in g.of for g in needed)}
    while missing and (best := max(grounds, key=lambda g: len(missing.intersection(g.of)), default=None)) is not None:
        if missing.isdisjoint(best.of):
            break
        needed.append(best)
        missing.difference_update(best.of)
    return [g.record for g in grounds if g in needed]


def least(parts: Sequence[P], holds: Callable[[Sequence[P]], bool]) -> list[P]:
    """As many of these parts as are needed, in their order: each that can be left out is, the first ones first."""
    needed = list(parts)
    for part in parts:
        others = [each for each in needed if each is not part]
        if holds(others):
            needed = others
    return needed
