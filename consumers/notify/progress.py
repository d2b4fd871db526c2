"""Progress: which offset may be committed, with which note, while notices are delivered out of order."""

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from consumers.notify import marks

log = logging.getLogger(__name__)

P = TypeVar("P")


class Standing(NamedTuple):
    """What is committed for a partition."""

    offset: int
    """The next one to read; -1 where nothing has been committed yet."""
    note: str = ""
    """Which of the records from there on are open, see `consumers/notify/marks.py`."""


class _Reading:
    """One partition. `open`, ascending: records that are not done, and whether we have them in hand."""

    def __init__(self, standing: Standing) -> None:
        self.committed = self.attempted = standing
        found = _marks(standing)
        self.open = dict.fromkeys(found.open, False)
        self.expected = deque(found.open)
        self.position = found.position
        self.dirty = False

    def take(self, offset: int) -> bool:
        while self.expected and self.expected[0] < offset:
            self.lost(self.expected.popleft())
        if offset >= self.position:
            self.open[offset] = True
            self.position = offset + 1
            return True
        if self.open.get(offset, True):
            return False
        self.open[offset] = True
        return True

    def lost(self, offset: int) -> None:
        """The log has passed it. If we never got it, it is not there any more, and must not be waited for."""
        if self.open.get(offset) is False:
            del self.open[offset]
            self.dirty = True

    def done(self, offset: int) -> None:
        if self.open.pop(offset, None) is not None:
            self.dirty = True

    @property
    def standing(self) -> Standing:
        first = next(iter(self.open), self.position)
        return Standing(first, marks.note(self.open, self.position))


class Progress(Generic[P]):
    """Per partition, the records taken and not yet done.

    The offset to commit is that of the oldest record that is open; the note with it says which later ones are. After a
    crash those come again, and no others. Offsets need not be contiguous: transaction markers take some.
    """

    def __init__(self) -> None:
        self._partitions: dict[P, _Reading] = {}

    @property
    def outstanding(self) -> int:
        """Records in hand, or expected again."""
        return sum(len(reading.open) for reading in self._partitions.values())

    def assigned(self, standings: Mapping[P, Standing]) -> list[P]:
        """These partitions are ours now, and no others. Returns those of which nothing in hand counts any more.

        A partition that stands where we left it has been nobody else's meanwhile: what is in hand goes on.
        """
        before, self._partitions = self._partitions, {}
        for partition, standing in standings.items():
            reading = before.get(partition)
            kept = reading is not None and standing in (reading.committed, reading.attempted)
            self._partitions[partition] = reading if reading and kept else _Reading(standing)
        return [partition for partition, reading in before.items() if self._partitions.get(partition) is not reading]

    def take(self, partition: P, offset: int) -> bool:
        """A record was fetched; those of a partition come in order. False: it is done, in hand already, or not ours."""
        reading = self._partitions.get(partition)
        return reading is not None and reading.take(offset)

    def is_open(self, partition: P, offset: int) -> bool:
        """Whether a record in hand is still to be dealt with, and by us. May be asked in any thread."""
        reading = self._partitions.get(partition)
        return reading is not None and offset in reading.open

    def done(self, partition: P, offset: int) -> None:
        """A record needs nothing more. Ignored for a partition that was taken from us meanwhile."""
        if reading := self._partitions.get(partition):
            reading.done(offset)

    def take_commits(self) -> dict[P, Standing]:
        """What to commit for each partition that has advanced since the last call."""
        commits = {}
        for partition, reading in self._partitions.items():
            if reading.dirty:
                reading.dirty = False
                commits[partition] = reading.attempted = reading.standing
        return commits

    def committed(self, commits: Mapping[P, Standing]) -> None:
        """These commits are on the log."""
        for partition, standing in commits.items():
            if reading := self._partitions.get(partition):
                reading.committed = standing

    def not_committed(self, partitions: Iterable[P]) -> None:
        """Commits that were refused: said again with the next."""
        for partition in partitions:
            if reading := self._partitions.get(partition):
                reading.dirty = True


def _marks(standing: Standing) -> marks.Marks:
    """A note that cannot be read costs repetitions, and no notice."""
    if standing.offset < 0:
        return marks.Marks((), 0)
    try:
        return marks.read(standing.offset, standing.note)
    except marks.BadNote as error:
        log.warning("all notices from offset %d on count as open: %s", standing.offset, error)
        return marks.Marks((), standing.offset)
