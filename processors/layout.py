"""How a state lies in rows: one root row and one row per entry of each collection, each JSON by itself."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from processors.rows import Rows
from processors.step import State

S = TypeVar("S", bound=State)

GIVEN = ("key", "settings", "told_settings")
"""Fields the engine gives to a state and does not store."""


class Layout(Generic[S]):
    """The rows of one state type, and their JSON."""

    def __init__(self, state: type[S]) -> None:
        hints = get_type_hints(state, include_extras=True)
        self.state = state
        self.collections: dict[str, TypeAdapter[Any]] = {}
        root: dict[str, Any] = {}
        for field in fields(state):
            if field.name in GIVEN:
                continue
            if get_origin(hints[field.name]) is Rows:
                self.collections[field.name] = TypeAdapter(get_args(hints[field.name])[0])
            else:
                root[field.name] = hints[field.name]
        self.root_fields = tuple(root)
        self.loaders: dict[str, Callable[[bytes], Any]] = {
            name: adapter.validator.validate_json for name, adapter in self.collections.items()
        }
        self.has_settings = "settings" in hints
        self._root: TypeAdapter[Any] = TypeAdapter(TypedDict(f"{state.__name__}Root", root, total=False))  # type: ignore[operator]
        self._empty = state()

    def differ(self, one: S, other: S) -> bool:
        """Whether two states have different root rows."""
        ours, theirs = vars(one), vars(other)
        for name in self.root_fields:
            a, b = ours[name], theirs[name]
            if a is not b and a != b:
                return True
        return False

    def is_empty(self, state: S) -> bool:
        """Whether the root row says no more than the empty state's."""
        return not self.differ(state, self._empty)

    def dump_root(self, state: S) -> bytes:
        values = vars(state)
        return self._root.serializer.to_json({name: values[name] for name in self.root_fields})

    def load_root(self, value: bytes) -> Mapping[str, Any]:
        """The root's fields as keyword arguments; those that an older version did not write keep their defaults."""
        loaded: Mapping[str, Any] = self._root.validator.validate_json(value)
        return loaded

    def dump_row(self, collection: str, row: Any) -> bytes:
        return self.collections[collection].serializer.to_json(row)


_layouts: dict[type[State], Layout[Any]] = {}


def layout_of(state: type[State]) -> Layout[Any]:
    """The layout of a state type, worked out once."""
    if state not in _layouts:
        _layouts[state] = Layout(state)
    return _layouts[state]
