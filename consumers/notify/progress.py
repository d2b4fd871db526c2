"""Progress: which offset may be committed while notices are delivered out of order."""

from collections.abc import Iterable
from typing import Generic, TypeVar

P = TypeVar("P")


class Progress(Generic[P]):
    """Per partition, the records taken and not yet done.

    The offset to commit is that of the oldest record still under way: after a crash everything from
    there comes again, at least once. Offsets need not be contiguous (transaction markers take some).
    """

    def __init__(self) -> None:
        self._taken: dict[P, dict[int, bool]] = {}
        self._commits: dict[P, int] = {}

    @property
    def outstanding(self) -> int:
        return sum(len(offsets) for offsets in self._taken.values())

    def take(self, partition: P, offset: int) -> None:
        """A record was fetched. Offsets of a partition come in order."""
        self._taken.setdefault(partition, {})[offset] = False

    def done(self, partition: P, offset: int) -> None:
        """A record needs nothing more. Ignored for a partition that was taken from us meanwhile."""
        offsets = self._taken.get(partition, {})
        if offset not in offsets:
            return
        offsets[offset] = True
        while offsets and offsets[first := next(iter(offsets))]:
            del offsets[first]
            self._commits[partition] = first + 1

    def take_commits(self) -> dict[P, int]:
        """The next offset to read, for each partition that has advanced since the last call."""
        commits, self._commits = self._commits, {}
        return commits

    def forget(self, partitions: Iterable[P]) -> None:
        """These partitions are no longer ours."""
        for partition in partitions:
            self._taken.pop(partition, None)
            self._commits.pop(partition, None)
