"""Two standings of one partition compared: as it was computed anew, and as the changelog has it."""

import json
from collections.abc import Iterator
from typing import Any

from backoffice.remembered import plain
from processors.collection import UnreadableRow
from processors.fold import Fold
from processors.processor import Processor
from processors.seen import MemorySeen
from processors.shelf import MemoryShelf, Shelf
from processors.standing import META
from processors.step import State
from processors.store import Entity

MOST = 5
"""Fields and rows of one key that are told."""

_UNTOUCHED = {"next_offset": 0, "clock": 0, "settings": {}}
"""What the own row of a partition would say that has none yet: nothing was applied in it."""


class Rebuilt:
    """A fold in memory whose shelf can be looked through."""

    def __init__(self, fold: Fold, shelf: MemoryShelf, seen: MemorySeen) -> None:
        self.fold = fold
        self.shelf = shelf
        self.seen = seen

    @property
    def own(self) -> dict[str, Any]:
        """The partition's own row: where it stands, its clock, settings, streams heard."""
        said: dict[str, Any] = json.loads(self.shelf.get(META, META, META) or b"{}")
        return {**_UNTOUCHED, **said}


def in_memory() -> tuple[MemoryShelf, MemorySeen]:
    """A shelf, and the ids on it."""
    shelf, seen = MemoryShelf(), MemorySeen()
    shelf.seen = seen
    return shelf, seen


def differences(made: Rebuilt, found: Rebuilt) -> Iterator[str]:
    """What the changelog says otherwise, in words: the partition's own row, seen ids, then keys in their order."""
    ours, theirs = made.own, found.own
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield f"its {name} is {theirs.get(name)} on the changelog, {ours.get(name)} by the fold"
    if missing := set(made.seen) - set(found.seen):
        yield f"{len(missing)} ids of events applied are not on the changelog, such as {min(missing)!r}"
    if extra := set(found.seen) - set(made.seen):
        yield f"{len(extra)} ids on the changelog are of no event applied, such as {min(extra)!r}"
    processor = made.fold.processor
    for key in sorted({*made.fold.store.keys(), *found.fold.store.keys()}):
        if said := _of_key(processor, key, made.shelf, found.shelf):
            yield f"the state of {key}: {said}"


def _of_key(processor: Processor, key: str, made: Shelf, found: Shelf) -> str:
    try:
        ours, theirs = Entity(key, processor, made).state, Entity(key, processor, found).state
    except UnreadableRow as error:
        return str(error)
    return "" if ours == theirs else _in_words(changes(theirs, ours))


def _in_words(changed: list[tuple[str, str, str]]) -> str:
    said = [f"{name}: {theirs} on the changelog, {ours} by the fold" for name, theirs, ours in changed[:MOST]]
    return "; ".join([*said, f"and {len(changed) - MOST} more"] if len(changed) > MOST else said)


def changes(before: State, after: State) -> list[tuple[str, str, str]]:
    """What differs between two states of a key: each field or row with its JSON in the one and in the other."""
    ours, theirs = _flat(plain(after)), _flat(plain(before))
    names = [name for name in {**theirs, **ours} if ours.get(name) != theirs.get(name)]
    return [(name, _shown(theirs, name), _shown(ours, name)) for name in names]


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    """By field, and for collections by `field[entry]`."""
    said: dict[str, Any] = {}
    for name, field in value.items():
        if isinstance(field, dict):
            said |= {f"{name}[{entry}]": row for entry, row in field.items()}
        else:
            said[name] = field
    return said


def _shown(values: dict[str, Any], name: str) -> str:
    return json.dumps(values[name], ensure_ascii=False) if name in values else "nothing"
