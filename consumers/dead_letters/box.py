"""The letter box: the space's dead letters and what was decided about them, read from their topics."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from consumers.dead_letters.letter import TOPIC, Letter, letter_of
from consumers.dead_letters.standing import Fate, Standing
from consumers.log import Record, Unreachable
from consumers.partition import Partitions, Stood
from schemas.codec import Decoder, Unreadable
from schemas.dead_letters import DECISIONS, HANDLED, LetterDecision
from schemas.topics import Space

T = TypeVar("T")


class NoSuchLetter(Exception):
    """There is no letter with this number, or not any more."""


class LetterBox:
    """Reads on with each `look`. Safe for several threads; each look connects anew. Raises Unreachable."""

    def __init__(self, bootstrap_servers: str, space: Space) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._space = space
        self._decoder = Decoder(DECISIONS)
        self._lock = threading.Lock()
        self._standing = Standing()
        self._letters_read = 0
        self._decisions_read = 0

    def look(self, at: Callable[[Standing], T]) -> T:
        """Reads what has come since the last look, then gives what stands to `at`, unchanging while it runs."""
        with self._lock:
            with Partitions(self._bootstrap_servers) as partitions:
                self._read_on(partitions)
            return at(self._standing)

    def letter(self, number: int) -> Letter:
        """One letter, whole. Raises NoSuchLetter."""
        for letter in self.letters((number,)):
            return letter
        raise NoSuchLetter(f"there is no dead letter {number}: `backoffice dlq list` shows those there are")

    def letters(self, numbers: Collection[int]) -> Iterator[Letter]:
        """Those of these letters that the topic has, whole, in order of their numbers."""
        wanted = frozenset(numbers)
        if not wanted:
            return
        with Partitions(self._bootstrap_servers) as partitions:
            topic = self._there(partitions, TOPIC)
            start = max(min(wanted), partitions.beginning(topic, 0))
            end = min(max(wanted) + 1, partitions.end(topic, 0))
            for batch in partitions.read(topic, 0, start, end):
                yield from (self._letter(stood) for stood in batch if stood.offset in wanted)

    def _read_on(self, partitions: Partitions) -> None:
        """Decisions first: what they are about need not be held as open then."""
        topic = self._there(partitions, HANDLED)
        start, end = self._span(partitions, topic, self._decisions_read)
        for batch in partitions.read(topic, 0, start, end):
            for stood in batch:
                self._decided(stood)
        self._decisions_read = end
        topic = self._there(partitions, TOPIC)
        start, end = self._span(partitions, topic, self._letters_read)
        self._letters_read = self._read_letters(partitions.read(topic, 0, start, end), start, end)
        self._standing.unread = end - self._letters_read

    def _read_letters(self, batches: Iterator[Sequence[Stood]], start: int, end: int) -> int:
        """How far they were read: to their end, unless as many as are held at a time are open."""
        read = start
        while not self._standing.is_full:
            if (batch := next(batches, None)) is None:
                return end
            for stood in batch:
                self._standing.buries(self._letter(stood).summary())
            read = batch[-1].offset + 1
        return read

    def _span(self, partitions: Partitions, topic: str, read: int) -> tuple[int, int]:
        end = partitions.end(topic, 0)
        return min(max(read, partitions.beginning(topic, 0)), end), end

    def _decided(self, stood: Stood) -> None:
        """What cannot be read there decides nothing: nobody but this program writes it."""
        try:
            event = self._decoder.decode(stood.value, stood.headers)
        except Unreadable:
            return
        number = event.about.subject.partition("/")[2]
        if isinstance(event, LetterDecision) and number.isdigit():
            self._standing.decides(int(number), Fate(event, stood.at))

    def _letter(self, stood: Stood) -> Letter:
        return letter_of(Record(*stood[:3], stood.at, stood.key, stood.value, stood.headers), self._space)

    def _there(self, partitions: Partitions, name: str) -> str:
        topic = self._space.topic(name)
        if not partitions.of(topic):
            raise Unreachable(
                f"There is no topic {topic} at {self._bootstrap_servers}. Check --space; "
                f"`backoffice topics apply --space {self._space.name}` creates what is missing."
            )
        return topic
