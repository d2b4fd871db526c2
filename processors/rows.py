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


class Rows(Entries[R]):
    """An immutable mapping of entry → row over a shared base: changing it gives a new one, the base stays.

    The engine owns the base and folds `changes` into it once a step has succeeded, so the cost of a
    change never grows with what the collection holds. It iterates in the order of the entries' names.
    """

    __slots__ = ("_base", "_changes")

    def __init__(self, base: Mapping[str, R] | None = None, changes: Mapping[str, Write[R]] | None = None) -> None:
        self._base: Mapping[str, R] = {} if base is None else base
        self._changes: Mapping[str, Write[R]] = changes or {}

    @property
    def changes(self) -> Mapping[str, Write[R]]:
        return self._changes

    def put(self, entry: str, row: R, until: datetime | None = None) -> "Rows[R]":
        """With this entry; it drops out by itself once the partition's clock has passed `until`."""
        if until is not None and until.tzinfo is None:
            raise ValueError(f"entry {entry!r}: {until} has no time zone")
        return Rows(self._base, {**self._changes, entry: Write(row, until)})

    def drop(self, entry: str) -> "Rows[R]":
        """Without this entry. Nothing happens when it is not there."""
        if entry in self._base:
            return Rows(self._base, {**self._changes, entry: Write(None)})
        if entry in self._changes:
            return Rows(self._base, {e: w for e, w in self._changes.items() if e != entry})
        return self

    @overload
    def get(self, entry: str, /) -> R | None: ...
    @overload
    def get(self, entry: str, /, default: R | T) -> R | T: ...
    def get(self, entry: str, /, default: Any = None) -> Any:
        if self._changes and (change := self._changes.get(entry)) is not None:
            return default if change.row is None else change.row
        return self._base.get(entry, default)

    def _entries(self) -> Iterator[str]:
        yield from (e for e in self._base if e not in self._changes)
        yield from (e for e, w in self._changes.items() if w.row is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self._entries()) if self._changes else len(self._base)

    def __bool__(self) -> bool:
        return any(True for _ in self._entries()) if self._changes else bool(self._base)

    def changes_against(self, base: Mapping[str, R]) -> Mapping[str, Write[R]]:
        """What differs from `base`, also when a step put an unrelated collection in the place of the old one."""
        if self._base is base:
            return self._changes
        kept = {entry: self._changes.get(entry) or Write(row) for entry, row in self.items()}
        return {**{entry: Write(None) for entry in base if entry not in kept}, **kept}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Rows({dict(self)!r})"
