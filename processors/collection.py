"""A collection of one key: rows decoded when touched, over the shelf that holds all of them."""

from collections.abc import Callable, Iterator
from typing import Any

from processors.rows import Entries
from processors.shelf import Shelf

HOT_ROWS = 10_000
"""Decoded rows of one collection that are kept between transactions."""


class UnreadableRow(RuntimeError):
    """A row on the changelog that does not fit its state. Not the record's fault: the worker must not go on."""


class Collection(Entries[Any]):
    """What the `Rows` of a state look into. It iterates in the order of the entries' names, as after a restart.

    `_hot` holds what was touched: the row, or None for an entry that is not there (any more).
    """

    __slots__ = ("_hot", "_key", "_load", "_name", "_shelf")

    def __init__(self, key: str, name: str, shelf: Shelf, load: Callable[[bytes], Any]) -> None:
        self._key = key
        self._name = name
        self._shelf = shelf
        self._load = load
        self._hot: dict[str, Any] = {}

    def get(self, entry: str, default: Any = None) -> Any:
        try:
            row = self._hot[entry]
        except KeyError:
            row = self._fetch(entry)
        return default if row is None else row

    def _fetch(self, entry: str) -> Any:
        value = self._shelf.get(self._key, self._name, entry)
        if value is None:
            row = None
        else:
            try:
                row = self._load(value)
            except ValueError as error:
                raise UnreadableRow(
                    f"{self._name}[{entry!r}] of {self._key} does not fit its state: {error}"
                ) from error
        self._hot[entry] = row
        return row

    def _entries(self) -> Iterator[str]:
        hot = self._hot
        yield from (entry for entry, row in hot.items() if row is not None)
        yield from (entry for entry in self._shelf.entries(self._key, self._name) if entry not in hot)

    def __len__(self) -> int:
        return sum(1 for _ in self._entries())

    def __bool__(self) -> bool:
        return any(True for _ in self._entries())

    # What only the store does.

    def put(self, entry: str, row: Any) -> None:
        self._hot[entry] = row

    def drop(self, entry: str) -> None:
        self._hot[entry] = None

    def cool(self) -> None:
        """Everything is on the shelf now: forgets what it would take too much room to keep decoded."""
        if len(self._hot) > HOT_ROWS:
            self._hot.clear()
