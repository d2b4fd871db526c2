"""The p-chart: whether the share of rejected pieces is in control, with lots of any size.

Source: D. C. Montgomery, Introduction to Statistical Quality Control, 7th ed., 7.2 (variable sample size: the
standardised control chart), 6.2.4 (sensitising rules); Western Electric, Statistical Quality Control Handbook, 1956.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class RunRule:
    """So many of so many lots in a row lie more than some standard deviations above the centre line."""

    name: str
    needed: int
    of: int
    beyond: float

    def broken_by(self, deviations: Sequence[float]) -> bool:
        """Whether the latest of these deviations, oldest first, completes the pattern."""
        latest = deviations[-self.of :]
        if not latest or latest[-1] <= self.beyond:
            return False
        return sum(z > self.beyond for z in latest) >= self.needed


WESTERN_ELECTRIC = (
    RunRule("a lot beyond 3 standard deviations", 1, 1, 3.0),
    RunRule("2 of 3 lots beyond 2 standard deviations", 2, 3, 2.0),
    RunRule("4 of 5 lots beyond 1 standard deviation", 4, 5, 1.0),
    RunRule("8 lots in a row above the centre line", 8, 8, 0.0),
)
"""The four Western Electric rules, on the upper side only: fewer rejected pieces than usual alarm nobody."""


def deviations(lots: Sequence[tuple[int, int]], centre: float | None = None) -> list[float]:
    """Standardised deviations z = (p - c) / sqrt(c (1 - c) / n) of lots given as (rejected, size), sizes above 0.

    `centre` is c, a share from 0 to 1; all rejected pieces over all pieces of these lots when not given. Where it is
    0 or 1, nothing varies: a lot off it deviates without bound.
    """
    if centre is None:
        total = sum(size for _, size in lots)
        centre = sum(rejected for rejected, _ in lots) / total if total else 0.0
    found = []
    for rejected, size in lots:
        off, spread = rejected / size - centre, sqrt(max(centre * (1 - centre), 0.0) / size)
        found.append(off / spread if spread else (float("inf") if off > 0 else 0.0))
    return found


def broken(lots: Sequence[tuple[int, int]], centre: float | None = None) -> tuple[str, ...]:
    """The names of the run rules that the latest lot breaks."""
    z = deviations(lots, centre)
    return tuple(rule.name for rule in WESTERN_ELECTRIC if rule.broken_by(z))
