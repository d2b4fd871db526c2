"""Redriving and discarding dead letters.

A letter's record, the note that it was redriven, and the audit of who did it are one Kafka transaction. Whoever begins
fences whoever was at it before, and only then reads what was decided. So a redrive that was killed in the middle, or
that two people began at once, is taken up again by the same request, and nothing is sent twice.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from consumers.api.ports import NotTaken
from consumers.dead_letters.letter import Letter
from consumers.dead_letters.resending import MOST_TRIES, Copy, Inboxes, Refused, Sending, resend
from consumers.dead_letters.standing import Fate, Standing
from schemas.audit import ActionRecorded
from schemas.codec import HEADERS, encode
from schemas.dead_letters import LetterDecision, LetterDiscarded, LetterRedriven
from schemas.envelope import About, Event

T = TypeVar("T")

SOURCE = "/backoffice/consumers/dead_letters"

LONGEST_NAME = 200
"""Characters. A name becomes the key of a record."""

CHUNK = 100
CHUNK_BYTES = 4 * 1024 * 1024
"""Letters, and bytes of them, in one transaction."""


class Box(Protocol):
    """Letters and what was decided about them; `LetterBox` reads both from the log."""

    def look(self, at: Callable[[Standing], T]) -> T: ...
    def letter(self, number: int) -> Letter: ...
    def letters(self, numbers: Collection[int]) -> Iterator[Letter]: ...


class Writer(Protocol):
    """The log, exclusively: nobody else deals with letters of this space while it is open."""

    def write(self, records: Sequence[Sending]) -> None:
        """All of it, in one transaction, or nothing. Raises NotTaken for what is too large, NotWritten."""
        ...


Opening = Callable[[], AbstractContextManager[Writer]]
"""Opens a writer. Once it is open, no transaction of an earlier one is under way."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, and through which part of the program."""

    by: str
    by_way_of: str = "command line"

    def __post_init__(self) -> None:
        if not self.by.isprintable() or not 0 < len(self.by) <= LONGEST_NAME:
            raise ValueError(f"who does it is to be named in at most {LONGEST_NAME} printable characters")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter. `refused` is empty when it was, or would be, done."""

    number: int
    to: str = ""
    refused: str = ""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is to be written for one letter."""

    outcome: Outcome
    records: tuple[Sending, ...]

    @property
    def size(self) -> int:
        return sum(len(record.value or b"") for record in self.records)


@dataclass(frozen=True, slots=True)
class Dealing:
    """What people do with letters. Raises consumers.log.Unreachable, NotWritten."""

    box: Box
    inboxes: Inboxes
    opening: Opening
    most_tries: int = MOST_TRIES
    closed: str = ""
    """Why nothing at all can be sent again in this space; empty where it can."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def plan(self, numbers: Collection[int], copy: Copy | None = None) -> Iterator[Outcome]:
        """A dry run: what `redrive` would do with each."""
        fates, missing = self._fates(), set(numbers)
        for letter in self.box.letters(numbers):
            missing.discard(letter.number)
            yield self._judged(letter, fates.get(letter.number), copy)[0]
        yield from map(_missing, sorted(missing))

    def redrive(
        self, numbers: Collection[int], who: Person, note: str = "", copy: Copy | None = None
    ) -> Iterator[Outcome]:
        """Sends letters again, each once; tells each when it is done. A copy is for one letter.

        Whoever stops in the middle has sent what was told, and perhaps the chunk after; asking again does the rest.
        """
        if copy is not None and len(numbers) != 1:
            raise ValueError("a corrected copy stands for one letter")

        def redriven(letter: Letter, fate: Fate | None) -> _Ready:
            outcome, sending = self._judged(letter, fate, copy)
            if sending is None:
                return _Ready(outcome, ())
            edited = copy is not None and copy != (letter.key, letter.value)
            decision = LetterRedriven(by=who.by, note=note, to=sending.topic, tries=outcome.tries, edited=edited)
            return _Ready(outcome, (sending, *self._recorded(decision, letter.number, who)))

        return self._deal(numbers, redriven)

    def discard(self, numbers: Collection[int], who: Person, reason: str) -> Iterator[Outcome]:
        """Lays letters aside for a reason; tells each when it is done."""

        def discarded(letter: Letter, fate: Fate | None) -> _Ready:
            if fate is not None:
                return _Ready(Outcome(letter.number, refused=f"it was {fate}"), ())
            decision = LetterDiscarded(by=who.by, note=reason)
            return _Ready(Outcome(letter.number), self._recorded(decision, letter.number, who))

        return self._deal(numbers, discarded)

    def _deal(self, numbers: Collection[int], making: Callable[[Letter, Fate | None], _Ready]) -> Iterator[Outcome]:
        with self.opening() as writer:
            fates, missing = self._fates(), set(numbers)  # what was decided before we had the log to ourselves
            waiting: list[_Ready] = []
            for letter in self.box.letters(numbers):
                missing.discard(letter.number)
                ready = making(letter, fates.get(letter.number))
                if not ready.records:
                    yield ready.outcome
                    continue
                waiting.append(ready)
                if len(waiting) >= CHUNK or sum(each.size for each in waiting) >= CHUNK_BYTES:
                    yield from _written(writer, waiting)
                    waiting = []
            yield from _written(writer, waiting)
        yield from map(_missing, sorted(missing))

    def _judged(self, letter: Letter, fate: Fate | None, copy: Copy | None) -> tuple[Outcome, Sending | None]:
        """Whether and as what a letter is to be sent again. One that was discarded may be, when somebody asks."""
        if fate is not None and fate.is_redriven:
            return Outcome(letter.number, refused=f"it was {fate}"), None
        if self.closed:
            return Outcome(letter.number, refused=self.closed), None
        try:
            sending = resend(letter, self.inboxes, copy, self.most_tries)
        except Refused as refused:
            return Outcome(letter.number, refused=str(refused)), None
        to = sending.topic if sending.partition is None else f"{sending.topic}[{sending.partition}]"
        return Outcome(letter.number, to, tries=letter.tries + 1), sending

    def _recorded(self, decision: LetterDecision, number: int, who: Person) -> tuple[Sending, Sending]:
        """The decision, which the next look reads, and its audit."""
        subject = f"letter/{number}"
        id = f"{decision.type}-{number}"
        verb = (
            decision.type.removeprefix("dead_letters.").replace("redriven", "redrive").replace("discarded", "discard")
        )
        audit = ActionRecorded(action=verb, on=subject, note=decision.note, by_way_of=who.by_way_of)
        return self._said(decision, subject, id), self._said(audit, f"person/{who.by}", f"{id}/audit")

    def _said(self, event: Event, subject: str, id: str) -> Sending:
        about = About(id, SOURCE, subject, self.now())
        return Sending(event.topic, subject.encode(), encode(event, about), HEADERS)

    def _fates(self) -> Mapping[int, Fate]:
        return self.box.look(lambda standing: dict(standing.fates))


def _written(writer: Writer, ready: Sequence[_Ready]) -> Iterator[Outcome]:
    """One transaction; where the log does not take all of it, one each, so that only what it refuses is left."""
    if not ready:
        return
    try:
        writer.write([record for each in ready for record in each.records])
    except NotTaken as error:
        if len(ready) == 1:
            yield Outcome(ready[0].outcome.number, refused=f"the log does not take it: {error}")
            return
        for each in ready:
            yield from _written(writer, [each])
        return
    yield from (each.outcome for each in ready)


def _missing(number: int) -> Outcome:
    return Outcome(number, refused="there is no such letter, or not any more")
