"""A difference over time: how many alerts were added, removed and moved in each stretch of the window. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.what_if.difference import Difference

MOST = 40
"""Stretches, at most: so many lines fit a screen."""

LENGTHS = (
    *(timedelta(minutes=m) for m in (1, 5, 15, 30)),
    *(timedelta(hours=h) for h in (1, 3, 6, 12)),
    *(timedelta(days=d) for d in (1, 2, 7, 14, 28, 91, 364)),
)
"""What a stretch may be long; longer ones are multiples of the last."""

_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)
"""A Monday: stretches of whole weeks begin on one."""


@dataclass(slots=True)
class Stretch:
    """A piece of the window, and what differs in it. `begin`: in UTC."""

    begin: datetime
    added: int = 0
    removed: int = 0
    moved: int = 0


def timeline(difference: Difference) -> tuple[timedelta, Sequence[Stretch]]:
    """The stretches from the first in which something differs to the last, and how long each is; none without."""
    window = difference.window
    instants = [
        *((window.shows(episode), "added") for episode in difference.added),
        *((window.shows(episode), "removed") for episode in difference.removed),
        *((at, "moved") for moved in difference.moved if (at := moved.at(window)) is not None),
    ]
    if not instants:
        return LENGTHS[0], ()
    first, last = min(at for at, _ in instants), max(at for at, _ in instants)
    length = _length(last - first)
    begin = _EPOCH + (first - _EPOCH) // length * length
    stretches = [Stretch(begin + n * length) for n in range((last - begin) // length + 1)]
    for at, kind in instants:
        stretch = stretches[(at - begin) // length]
        setattr(stretch, kind, getattr(stretch, kind) + 1)
    return length, stretches


def _length(span: timedelta) -> timedelta:
    """The least length at which there are not too many stretches, one being cut by the beginning."""
    fits = (length for length in LENGTHS if span // length + 2 <= MOST)
    return next(fits, LENGTHS[-1] * (span // LENGTHS[-1] // (MOST - 1) + 1))
