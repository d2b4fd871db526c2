"""What has become of each dead letter: open, redriven or discarded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consumers.dead_letters.letter import Reason, Summary
from schemas.dead_letters import LetterDecision, LetterRedriven

MOST_OPEN = 50_000
"""Open letters held at a time. What comes after them is read once these are dealt with."""

MOST_CLOSED = 1_000
"""Closed letters shown: the latest."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What somebody decided about a letter."""

    decision: LetterDecision
    at: datetime

    @property
    def is_redriven(self) -> bool:
        return isinstance(self.decision, LetterRedriven)

    def __str__(self) -> str:
        done = "sent again" if self.is_redriven else "discarded"
        note = f": {self.decision.note}" if self.decision.note else ""
        return f"{done} by {self.decision.by} on {self.at:%Y-%m-%d %H:%M} UTC{note}"


@dataclass(frozen=True, slots=True)
class Alike:
    """Open letters that failed alike."""

    reason: Reason
    count: int
    first: datetime
    last: datetime
    example: int
    """The number of the latest."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters are meant. What is empty or None lets every letter through."""

    numbers: frozenset[int] = frozenset()
    reason: Reason | None = None
    topic: str = ""
    stage: str = ""
    type: str = ""
    text: str = ""
    """In the key, the message or the exception, in whatever case."""
    since: datetime | None = None

    def takes(self, letter: Summary) -> bool:
        if self.numbers and letter.number not in self.numbers:
            return False
        wanted = ((self.topic, letter.topic), (self.stage, letter.stage), (self.type, letter.type))
        if any(given and given != found for given, found in wanted):
            return False
        if self.since is not None and letter.at < self.since:
            return False
        if self.reason is not None and letter.reason != self.reason:
            return False
        where = f"{letter.key}\n{letter.message}\n{letter.exception}".lower()
        return not self.text or self.text.lower() in where


@dataclass(slots=True)
class Standing:
    """Letters and decisions, folded. Decisions are to be taken in before the letters they are about."""

    fates: dict[int, Fate] = field(default_factory=dict)
    _open: dict[int, Summary] = field(default_factory=dict)
    _closed: dict[int, Summary] = field(default_factory=dict)
    unread: int = 0
    """How many offsets come after the last letter held: more than are held at a time."""

    @property
    def is_full(self) -> bool:
        return len(self._open) >= MOST_OPEN

    def buries(self, letter: Summary) -> None:
        held = self._closed if letter.number in self.fates else self._open
        held[letter.number] = letter
        self._trim()

    def decides(self, number: int, fate: Fate) -> None:
        """A redriven letter stays one, whatever is said of it later: it is on its way."""
        if (before := self.fates.get(number)) is not None and before.is_redriven:
            return
        self.fates[number] = fate
        if (letter := self._open.pop(number, None)) is not None:
            self._closed[number] = letter
            self._trim()

    def open(self, choice: Choice | None = None) -> Sequence[Summary]:
        """Nobody has dealt with them; the latest first."""
        return _latest_first(self._open.values(), choice)

    def closed(self, choice: Choice | None = None) -> Sequence[Summary]:
        """Those that were dealt with, as far as they are held; the latest first."""
        return _latest_first(self._closed.values(), choice)

    def alike(self, choice: Choice | None = None) -> Sequence[Alike]:
        """Open letters by what they failed of, the most frequent first."""
        found: dict[Reason, list[Summary]] = {}
        for letter in self.open(choice):
            found.setdefault(letter.reason, []).append(letter)
        counted = (Alike(why, len(of), of[-1].at, of[0].at, of[0].number) for why, of in found.items())
        return sorted(counted, key=lambda each: (-each.count, each.reason))

    def _trim(self) -> None:
        while len(self._closed) > MOST_CLOSED:
            del self._closed[next(iter(self._closed))]


def _latest_first(letters: Iterable[Summary], choice: Choice | None) -> list[Summary]:
    taken = letters if choice is None else filter(choice.takes, letters)
    return sorted(taken, key=lambda letter: -letter.number)
