"""A measure: one number or set of cases that the states of a processor answer, besides its alerts."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from processors.step import State

Answer = Set[str] | Mapping[str, int | Decimal] | int
"""A set of case ids, a count or sum per label, or a number."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is read from each state of one kind of aggregate, and how the readings combine.

    `read` is pure and takes the key (`incident/INC7`) and its state. It gives the labels or ids that this state
    adds (none: nothing), or, to be combined by `maximum`, numbers, or, by `totals`, pairs of a label and a number.
    """

    name: str
    doc: str
    kind: str
    read: Callable[[str, Any], Iterable[Any]]
    combine: Literal["ids", "count", "maximum", "totals"] = "ids"

    def over(self, states: Iterable[tuple[str, State]]) -> Answer:
        """The answer over all states, of which those of other kinds are passed over; 0 is the least maximum."""
        readings = (r for key, state in states if key.partition("/")[0] == self.kind for r in self.read(key, state))
        if self.combine == "ids":
            return frozenset(readings)
        if self.combine == "count":
            return dict(sorted(Counter(readings).items()))
        if self.combine == "totals":
            totals: dict[str, int | Decimal] = {}
            for label, number in readings:
                totals[label] = totals.get(label, 0) + number
            return dict(sorted(totals.items()))
        return max(readings, default=0)


def by_name(*measures: Measure) -> dict[str, Measure]:
    """The measures of a processor, as it names them."""
    return {measure.name: measure for measure in measures}


def cases(name: str, doc: str, kind: str, holds: Callable[[Any], object]) -> Measure:
    """The ids of those states for which `holds`."""

    def read(key: str, state: Any) -> tuple[str, ...]:
        return (key.partition("/")[2],) if holds(state) else ()

    return Measure(name, doc, kind, read)
