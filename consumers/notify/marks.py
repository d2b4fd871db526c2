"""Marks: which records before our place are still open, as a text that Kafka keeps beside a committed offset.

One notice may wait for hours while thousands after it are delivered. The committed offset is that of the oldest open
one; without more, a crash would tell all those thousands again. So the commit's metadata says which records from there
on are open, as Confluent's parallel consumer does. It has room for 4,096 bytes on a broker as it comes: what does not
fit any more counts as open, and may be told twice after a crash.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import NamedTuple

LONGEST_NOTE = 4096
"""Characters. `offset.metadata.max.bytes` of a broker as it comes."""

_BYTES = LONGEST_NOTE * 4 // 5 - 4
"""Base 85 makes five characters of four bytes; four bytes are for the version and rounding."""

MOST_OPEN = 100_000
"""A note that says more is damaged."""

_VERSION = "1"


class BadNote(ValueError):
    """Not a note of ours, or of another version."""


class Marks(NamedTuple):
    """`open` ascending; every other record before `position` is done."""

    open: tuple[int, ...]
    position: int

    @property
    def offset(self) -> int:
        """The first that is open: what to commit."""
        return self.open[0] if self.open else self.position


def note(open_offsets: Iterable[int], position: int) -> str:
    """The note that goes with the first open offset; empty when nothing before `position` is open."""
    said = bytearray()
    at: int | None = None
    for start, end in _runs(open_offsets):
        gap = b"" if at is None else _number(start - at)
        part = gap + _number(end - start)
        if len(said) + len(part) + 10 > _BYTES:
            position = start  # from here on there is no room: all of it counts as open
            break
        said += part
        at = end
    if at is None:
        return ""
    return _VERSION + base64.b85encode(bytes(said + _number(position - at))).decode()


def read(offset: int, note: str) -> Marks:
    """What was open at a commit. Raises BadNote."""
    if not note:
        return Marks((), offset)
    if not note.startswith(_VERSION):
        raise BadNote(f"a note of another version: {note[:20]!r}")
    numbers = _numbers(note[1:])
    if len(numbers) % 2 or 0 in numbers[::2]:
        raise BadNote("a note that is not whole")
    if sum(numbers[::2]) > MOST_OPEN:
        raise BadNote("a note with more open records than there can be")
    open_offsets: list[int] = []
    at = offset
    for length, gap in zip(numbers[::2], numbers[1::2], strict=True):
        open_offsets += range(at, at + length)
        at += length + gap
    return Marks(tuple(open_offsets), at)


def _runs(offsets: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Consecutive offsets as (first, last + 1)."""
    start = end = None
    for offset in offsets:
        if offset == end:
            end += 1
            continue
        if start is not None and end is not None:
            yield start, end
        start, end = offset, offset + 1
    if start is not None and end is not None:
        yield start, end


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    said = bytearray()
    while value >= 0x80:
        said.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*said, value])


def _numbers(text: str) -> list[int]:
    try:
        raw = base64.b85decode(text)
    except (ValueError, binascii.Error) as error:
        raise BadNote("a note that is not base 85") from error
    found, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value = shift = 0
    if shift:
        raise BadNote("a note that is not whole")
    return found
