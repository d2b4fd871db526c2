"""How much of a busy topic is shown: no more a second than somebody can look at, spread evenly over what came."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Budget:
    """So many a second; what is not used is saved for a second. Instants in seconds, of any clock that only grows."""

    def __init__(self, per_second: float, now: float) -> None:
        self._per_second = per_second
        self._saved = per_second
        self._at = now

    def spend(self, wanted: int, now: float) -> int:
        """How many of those wanted may be shown now."""
        self._saved = min(self._per_second, self._saved + (now - self._at) * self._per_second)
        self._at = now
        granted = min(wanted, int(self._saved))
        self._saved -= granted
        return granted


def evenly(all_: Sequence[T], count: int) -> list[T]:
    """`count` of them in their order, as far apart as can be; the last is always among them."""
    if count >= len(all_):
        return list(all_)
    return [all_[(n + 1) * len(all_) // count - 1] for n in range(count)] if count > 0 else []
