"""Collections of a state whose entries are rows of their own: loaded when touched, written when changed."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, overload

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Write(Generic[R]):
    """A changed entry: its new row (None: dropped), and when it expires by itself."""

    row: R | None
    until: datetime | None = None


class Entries(Mapping[str, R]):
    """A mapping of entry → row that has `get` and `_entries`. It iterates in the order of the entries' names."""

    __slots__ = ()

    def __getitem__(self, entry: str) -> R:
        if (row := self.get(entry)) is None:
            raise KeyError(entry)
        return row

    def __contains__(self, entry: object) -> bool:
        return isinstance(entry, str) and self.get(entry) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries()))

    @abstractmethod
    def _entries(self) -> Iterator[str]:
        """The entries, in any order."""


Layer = Mapping[str, Write[R]]
"""Some changes, by entry. Never changed itself: collections share it."""

MOST_IN_HAND = 16
"""Changes that are copied with each further one. Most steps make no more than three."""


class Rows(Entries[R]):
    """An immutable mapping of entry → row over a shared base: changing it gives a new one, the base stays.

    The engine owns the base and folds `changes` into it once a step has succeeded, so the cost of a
    change never grows with what the collection holds. It iterates in the order of the entries' names.

    Nor does it grow with what the step has changed before: a few changes are in hand and copied with the next one;
    then they are put on a stack of layers, of which two of a size become one, as in a log-structured merge tree
    (O'Neil et al., 1996). So n changes cost n log n, and an entry is looked for in log n places.
    """

    __slots__ = ("_base", "_in_hand", "_layers")

    def __init__(
        self,
        base: Mapping[str, R] | None = None,
        changes: "Layer[R] | None" = None,
        layers: "tuple[Layer[R], ...]" = (),
    ) -> None:
        """`layers`: earlier changes, oldest first; only with some later ones in `changes`."""
        self._base: Mapping[str, R] = {} if base is None else base
        self._in_hand: Layer[R] = changes or {}
        self._layers = layers

    @property
    def changes(self) -> Mapping[str, Write[R]]:
        """What leads from the base to this collection, each entry once."""
        if not self._layers:
            return self._in_hand
        return {e: w for e, w in self._flat().items() if w.row is not None or e in self._base}

    def put(self, entry: str, row: R, until: datetime | None = None) -> "Rows[R]":
        """With this entry; it drops out by itself once the partition's clock has passed `until`."""
        if until is not None and until.tzinfo is None:
            raise ValueError(f"entry {entry!r}: {until} has no time zone")
        return self._with(entry, Write(row, until))

    def drop(self, entry: str) -> "Rows[R]":
        """Without this entry. Nothing happens when it is not there."""
        if entry in self._base or (self._layers and entry in self):
            return self._with(entry, Write(None))
        if entry in self._in_hand and not self._layers:  # with layers, it is the drop of what lies in one of them
            return Rows(self._base, {e: w for e, w in self._in_hand.items() if e != entry}, self._layers)
        return self

    def _with(self, entry: str, write: Write[R]) -> "Rows[R]":
        if len(self._in_hand) < MOST_IN_HAND:
            return Rows(self._base, {**self._in_hand, entry: write}, self._layers)
        return Rows(self._base, {entry: write}, _stacked(self._layers, self._in_hand))

    def _flat(self) -> dict[str, Write[R]]:
        """All changes, the latest of each entry."""
        flat: dict[str, Write[R]] = {}
        for layer in (*self._layers, self._in_hand):
            flat.update(layer)
        return flat

    def _change(self, entry: str) -> Write[R] | None:
        """What was last done to an entry."""
        change = self._in_hand.get(entry)
        if change is not None:
            return change
        return next((layer[entry] for layer in reversed(self._layers) if entry in layer), None)

    @overload
    def get(self, entry: str, /) -> R | None: ...
    @overload
    def get(self, entry: str, /, default: R | T) -> R | T: ...
    def get(self, entry: str, /, default: Any = None) -> Any:
        if self._in_hand:
            change = self._change(entry) if self._layers else self._in_hand.get(entry)
            if change is not None:
                return default if change.row is None else change.row
        return self._base.get(entry, default)

    def _entries(self) -> Iterator[str]:
        changes = self._flat() if self._layers else self._in_hand
        yield from (e for e in self._base if e not in changes)
        yield from (e for e, w in changes.items() if w.row is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self._entries()) if self._in_hand else len(self._base)

    def __bool__(self) -> bool:
        return any(True for _ in self._entries()) if self._in_hand else bool(self._base)

    def changes_against(self, base: Mapping[str, R]) -> Mapping[str, Write[R]]:
        """What differs from `base`, also when a step put an unrelated collection in the place of the old one."""
        changes = self.changes
        if self._base is base:
            return changes
        kept = {entry: changes.get(entry) or Write(row) for entry, row in self.items()}
        return {**{entry: Write(None) for entry in base if entry not in kept}, **kept}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Rows({dict(self)!r})"


def _stacked(layers: tuple[Layer[R], ...], top: Layer[R]) -> tuple[Layer[R], ...]:
    """One more layer on the stack; those that it is not smaller than become one with it."""
    while layers and len(layers[-1]) <= len(top):
        *below, last = layers
        layers, top = tuple(below), {**last, **top}
    return (*layers, top)
