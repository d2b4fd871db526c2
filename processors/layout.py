"""How a state lies in rows: one root row and one row per entry of each collection, each JSON by itself."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from processors.rows import Rows
from processors.step import State

S = TypeVar("S", bound=State)

GIVEN = ("key", "settings")
"""Fields the engine gives to a state and does not store."""

ROOT = ""
"""The collection name of the root row."""


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
        self.root_of: Callable[[S], tuple[Any, ...]] = _tuple_getter(self.root_fields)
        self.has_settings = "settings" in hints
        self._root: TypeAdapter[Any] = TypeAdapter(TypedDict(f"{state.__name__}Root", root, total=False))  # type: ignore[operator]
        self.empty_root = self.root_of(state())

    def dump_root(self, state: S) -> bytes:
        return self._root.dump_json(dict(zip(self.root_fields, self.root_of(state), strict=True)))

    def load_root(self, value: bytes) -> Mapping[str, Any]:
        """The root's fields as keyword arguments; those that an older version did not write keep their defaults."""
        loaded: Mapping[str, Any] = self._root.validate_json(value)
        return loaded

    def dump_row(self, collection: str, row: Any) -> bytes:
        return self.collections[collection].dump_json(row)

    def load_row(self, collection: str, value: bytes) -> Any:
        return self.collections[collection].validate_json(value)


def _tuple_getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads several attributes at once; `attrgetter` of one name gives no tuple, and of none it cannot be made."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda state: tuple(getattr(state, name) for name in names)


_layouts: dict[type[State], Layout[Any]] = {}


def layout_of(state: type[State]) -> Layout[Any]:
    """The layout of a state type, worked out once."""
    if state not in _layouts:
        _layouts[state] = Layout(state)
    return _layouts[state]
