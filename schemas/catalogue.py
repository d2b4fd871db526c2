"""Every event type there is, by name: those of the modules beside this one, and of any package already imported."""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

import schemas
from schemas.envelope import Event, concrete_events


@cache
def _load() -> None:
    for module in pkgutil.iter_modules(schemas.__path__, "schemas."):
        import_module(module.name)


def event_types(packages: Iterable[str] | None = None) -> dict[str, type[Event]]:
    """Event types by their CloudEvents type, sorted. `packages` limits them to classes defined below those names.

    Raises ValueError when two classes claim one type.
    """
    _load()
    prefixes = None if packages is None else tuple(f"{package}." for package in packages)
    found: dict[str, type[Event]] = {}
    for cls in concrete_events(Event):
        if prefixes is not None and not f"{cls.__module__}.".startswith(prefixes):
            continue
        if found.setdefault(cls.type, cls) is not cls:
            raise ValueError(
                f"{cls.type}: both {_name(found[cls.type])} and {_name(cls)} claim this type; rename one of them"
            )
    return dict(sorted(found.items()))


def _name(cls: type[Event]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
