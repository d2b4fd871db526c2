"""Every shelf there is, for the suites that hold for all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from processors.engine.rocks import RocksShelf, memory_of
from processors.shelf import MemoryShelf, Shelf

SHELVES: dict[str, Callable[[Path], Shelf]] = {
    "memory": lambda directory: MemoryShelf(),
    "rocksdb": lambda directory: RocksShelf.open(directory / "0", "tests", memory_of(64 * 1024 * 1024)),
}
"""By name: a new shelf, which may keep what it likes in an empty directory of its own."""

EVERY_SHELF = pytest.mark.parametrize("make", SHELVES.values(), ids=SHELVES)
