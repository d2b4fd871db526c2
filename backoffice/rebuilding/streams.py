"""What a lane said to one partition of a topic, hash by hash: as it should be, and as it is recorded.

A lane's outputs stand in the order in which it emitted them, whatever other lanes wrote between. Of each only a hash of
eight bytes is kept, so that a million outputs take some megabytes.
"""

from array import array
from collections.abc import Iterator
from hashlib import blake2b
from typing import Literal, NamedTuple

from processors.causing import Cause, cause_of, cause_of_tombstone
from processors.records import DEAD_LETTERS
from schemas.codec import Headers
from schemas.processing import DeadLetterHeaders as Dead

_BURIED_AT = (Dead.TOPIC, Dead.PARTITION, Dead.OFFSET, Dead.STAGE, Dead.CLASS, Dead.EXCEPTION)
"""What a dead letter says of its reason that is the same whenever it is said: no message, no stack trace."""

Log = Literal["whole", "cut", "compacted"]
"""What the recorded topic still has: all, what came after some offset, or at least the last record of each key."""


class Stream(NamedTuple):
    """What one lane says to one partition of a topic, whose name is without the space."""

    processor: str
    lane: int
    topic: str
    partition: int


class Finding(NamedTuple):
    """`missing`: the `nth` output of the stream should be there. Else `extra`, the record in hand should not."""

    kind: Literal["missing", "extra", "outdated"]
    nth: int = -1


def digest(topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """Of all that must be the same; of a dead letter its reason, too."""
    hashed = blake2b(digest_size=8)
    said = dict(headers) if topic == DEAD_LETTERS else {}
    for part in (key, value, *(said.get(name) for name in _BURIED_AT if said)):
        hashed.update(b"-" if part is None else b"%d:" % len(part) + part)
    return int.from_bytes(hashed.digest(), "big")


def said_by(topic: str, value: bytes | None, headers: Headers) -> Cause | None:
    """Which lane wrote a record, and what record it had before it; None: nobody of ours."""
    if topic != DEAD_LETTERS:
        return cause_of_tombstone(headers) if value is None else cause_of(value)
    said = dict(headers)
    try:
        return Cause(said[Dead.CLASS].decode(), int(said[Dead.PARTITION]), int(said[Dead.OFFSET]))
    except (KeyError, ValueError):
        return None


class Expected:
    """A stream as it should be."""

    def __init__(self, log: Log = "whole") -> None:
        self._log = log
        self._digests = array("Q")
        self._latest: dict[bytes | None, int] = {}
        """By key, of a compacted topic: the index of what was said last."""
        self._ceased: set[bytes | None] = set()
        """Keys whose last record has no value: compaction removes it, too, after some days."""
        self._recorded: dict[bytes | None, int | None] = {}
        """By key, of a compacted topic: the hash of what is recorded last; None: that is newer than all this."""
        self._next = 0

    def __len__(self) -> int:
        return len(self._digests)

    def says(self, key: bytes | None, hashed: int, ceases: bool = False) -> None:
        """The lane should say this next. `ceases`: the record has no value."""
        if self._log == "compacted":
            self._latest[key] = len(self._digests)
            (self._ceased.add if ceases else self._ceased.discard)(key)
        self._digests.append(hashed)

    def meets(self, key: bytes | None, hashed: int, newer: bool) -> Iterator[Finding]:
        """This is recorded next. `newer`: its cause came after all that this stream was made of."""
        found = self._find(hashed)
        if self._log == "compacted":
            self._recorded[key] = None if found is None and newer else hashed
        if found is None:
            if not newer:
                yield Finding("extra")
            return
        if self._log == "whole" or (self._log == "cut" and self._next):
            yield from (Finding("missing", index) for index in range(self._next, found))
        self._next = found + 1

    def _find(self, hashed: int) -> int | None:
        try:
            return self._digests.index(hashed, self._next)
        except ValueError:
            return None

    def ends(self) -> Iterator[Finding]:
        """Nothing more is recorded: what should be there, and is not."""
        if self._log == "compacted":
            for key, index in self._latest.items():
                if key in self._ceased and key not in self._recorded:
                    continue
                if self._recorded.get(key, -1) not in (None, self._digests[index]):
                    yield Finding("outdated", index)
        elif self._log == "whole" or self._next:
            yield from (Finding("missing", index) for index in range(self._next, len(self._digests)))
