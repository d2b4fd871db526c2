"""Facts in any order and any layout of partitions, and what holds in the end."""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

import pytest

from tests.office import Office

SHUFFLES = 120

ANY_ORDER = pytest.mark.parametrize("seed", range(SHUFFLES))

T = TypeVar("T")


def shuffled(said: Sequence[T], seed: int) -> list[T]:
    """The same in another order."""
    return random.Random(seed).sample(said, len(said))


def interleaved(seed: int, *stories: Sequence[T]) -> list[T]:
    """Each story in its own order, as the records of one key are; among one another in any."""
    rng, left = random.Random(seed), [list(story) for story in stories]
    merged = []
    while left := [story for story in left if story]:
        merged.append(rng.choice(left).pop(0))
    return merged


def layout(seed: int) -> int:
    """How many partitions: what meets must meet in any number of them."""
    return 1 + seed % 7


def holding(office: Office) -> dict[Any, Any]:
    """What holds now and what people read of it, by rule, subject and distinguishing labels."""
    return {where: (c.severity, c.summary, c.annotations) for where, c in office.conditions().items()}
