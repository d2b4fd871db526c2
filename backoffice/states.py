"""The state of a processor, read back from its changelog: every key, or one."""

import asyncio
from collections.abc import Iterator

from processors.engine import changelog
from processors.fold import Fold
from processors.processor import Processor
from processors.shelf import Shelf
from processors.step import State
from schemas.topics import Space
from schemas.topics import changelog as changelog_of


def states(bootstrap: str, space: Space, processor: Processor, partitions: int) -> Iterator[tuple[str, State]]:
    """Every key of a processor with its state, as last committed."""
    for partition in range(partitions):
        yield from restored(bootstrap, space, processor, partition).states().items()


def restored(bootstrap: str, space: Space, processor: Processor, partition: int, shelf: Shelf | None = None) -> Fold:
    """A partition as its changelog has it. Raises ValueError for a row that is not of this processor, or unreadable."""
    return asyncio.run(_restored(bootstrap, space, Fold(processor, partition, shelf=shelf)))


async def _restored(bootstrap: str, space: Space, fold: Fold) -> Fold:
    processor, partition = fold.processor, fold.partition
    async with changelog.opened(bootstrap, space.topic(changelog_of(processor.name)), partition) as log:
        async for rows in log.rows():
            fold.load(rows)
    fold.loaded()
    return fold
