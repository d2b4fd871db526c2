"""Labels: their order in a notice, and what several alerts have in common."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Labels = Mapping[str, str]

_FIRST = ("job", "instance")
"""Alertmanager sorts by these before it looks at the others."""


def order(all_labels: Iterable[Labels]) -> Callable[[Labels], tuple[Any, ...]]:
    """The key by which these labels are sorted as Alertmanager's `AlertSlice` sorts: by job, by instance, by number;
    then name by name in their order, where one that has the name comes after one that does not."""
    names = sorted(set[str]().union(*all_labels), reverse=True)
    ranks = {name: rank for rank, name in enumerate(names)}

    def key(labels: Labels) -> tuple[Any, ...]:
        first = [part for name in _FIRST for part in (name not in labels, labels.get(name, ""))]
        rest = [part for name in sorted(labels) for part in (ranks[name], labels[name])]
        return (*first, len(labels), *rest)

    return key


def common(all_labels: Sequence[Labels]) -> dict[str, str]:
    """What all of them say alike."""
    if not all_labels:
        return {}
    found = dict(all_labels[0])
    for labels in all_labels[1:]:
        for name in [name for name, value in found.items() if labels.get(name) != value]:
            del found[name]
        if not found:
            break
    return found
