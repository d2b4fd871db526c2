"""Every shelf there is, for the suites that hold for all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from processors.shelf import MemoryShelf, Shelf

SHELVES: dict[str, Callable[[Path], Shelf]] = {
    "memory": lambda directory: MemoryShelf(),
}
"""By name: a new shelf, which may keep what it likes in an empty directory of its own."""

EVERY_SHELF = pytest.mark.parametrize("make", SHELVES.values(), ids=SHELVES)
