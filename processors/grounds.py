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


_NO_MORE = "-"
"""Before the name of a field to which a record gave a value that another one has taken back."""
_EMPTIED = "!"
"""Before the name of a field that a record has emptied."""
_MARKS = _NO_MORE + _EMPTIED

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
    needed: bool = False,
) -> Grounds:
    """The grounds after one record more.

    `states`: before it, after it, and what it makes of a state that knows nothing. What this gives by itself needs no
    other record. `said`: fields that a record gives a new value; `added`: fields that it adds to, such as a count.
    `needed`: the record will be named in any case, so that others need not be for what it repeats.
    """
    if record is None:
        return grounds
    before, after, alone = states
    blank = type(alone)()
    given, overtaken, emptied = set[str](), set[str](), set[str]()
    for name in (*said, *added):
        was, now, own = (getattr(state, name) for state in (before, after, alone))
        if now == getattr(blank, name):
            if name in added:
                overtaken.add(name)
            elif was != now:
                emptied.add(name)
            continue
        many = name in added and sum(name in ground.of for ground in grounds) > 1
        if was != now or (own == now and (name in said or many)):
            given.add(name)
        if was != now if name in said else own == now and name in given:
            overtaken.add(name)
    kept = _kept(grounds, overtaken, emptied)
    emptied = {name for name in emptied if any(_NO_MORE + name in ground.of for ground in kept)}
    if not (emptied or needed) and any(given.issubset(ground.of) for ground in kept if given.isdisjoint(added)):
        return kept  # one of them says all that already
    alone_says = overtaken.union(name for name in said if name in given)
    kept = tuple(ground for ground in kept if not (given & alone_says).issuperset(ground.of))
    if not given and not emptied:
        return kept
    of = (*sorted(given), *(_EMPTIED + name for name in sorted(emptied)))
    return (*kept, Ground(record, of))[-MOST_ADDED:]


def _kept(grounds: Grounds, overtaken: set[str], emptied: set[str]) -> Grounds:
    """What is left of them. That a record had said what was taken back since is still to be known of it."""
    if not overtaken and not emptied:
        return grounds
    left = []
    for ground in grounds:
        left_of = (name for name in ground.of if name.lstrip(_MARKS) not in overtaken)
        of = tuple(_NO_MORE + name if name in emptied else name for name in left_of)
        if any(not name.startswith(_NO_MORE) for name in of):
            left.append(Ground(ground.record, of))
    return tuple(left)


def resting_on(
    grounds: Grounds, said: Collection[str], added: Collection[str] = (), besides: Collection[Evidence] = ()
) -> list[Evidence]:
    """The records that give these fields their values, oldest first: as few as do, and all that added to one.

    What emptied a field is named only with a record that had given it a value. `besides`: records that are named in
    any case, and so need no others for what they say.
    """
    needed = [each for each in grounds if each.record in besides or not set(added).isdisjoint(each.of)]
    missing = {name for name in said if all(name not in ground.of for ground in needed)}
    while missing and grounds:
        best = max(grounds, key=lambda ground: _worth(ground, missing, said))
        if missing.isdisjoint(best.of):
            break
        needed.append(best)
        missing.difference_update(best.of)
    for name in said:
        if any(_NO_MORE + name in ground.of for ground in needed):
            needed.extend(ground for ground in grounds if _EMPTIED + name in ground.of)
    return in_order(besides, (ground.record for ground in needed))


def _worth(ground: Ground, missing: set[str], said: Collection[str]) -> tuple[int, bool]:
    """How much of what is missing it says; of two that say as much rather one of which nothing was taken back."""
    return len(missing.intersection(ground.of)), all(_NO_MORE + name not in ground.of for name in said)


def least(parts: Sequence[P], holds: Callable[[Sequence[P]], bool]) -> list[P]:
    """As many of these parts as are needed, in their order: each that can be left out is, the first ones first."""
    needed = list(parts)
    for part in parts:
        others = [each for each in needed if each is not part]
        if holds(others):
            needed = others
    return needed


def in_order(*records: Iterable[Evidence | None]) -> list[Evidence]:
    """Each of these records of one partition once, oldest first."""
    known = {record for some in records for record in some if record is not None}
    return sorted(known, key=lambda record: record.offset)


def evidence(*records: Evidence | None) -> tuple[Evidence, ...]:
    """Those that are known, each once."""
    return tuple(dict.fromkeys(record for record in records if record is not None))
