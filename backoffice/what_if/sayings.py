"""What lanes say to one another: as recorded in an inbox, and as they would say it. Pure.

A saying is who says it, at what time of its own clock, about which key, and what. Its id is left out, and what let
it be said: one record more or less before it changes these, and nothing that a rule could see.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from processors.records import Record
from schemas.codec import HEADERS


class Lane(NamedTuple):
    """One partition of a processor's inbox, and who reads it."""

    processor: str
    partition: int


class Place(NamedTuple):
    """One partition of an inbox, whose name is without the space."""

    topic: str
    partition: int


class Heard(NamedTuple):
    """A saying that is recorded in an inbox. `cause`: the offset, in the sayer's inbox, at which it was said."""

    digest: int
    offset: int
    cause: int


class Said(NamedTuple):
    """A saying as it comes out of a fold. `at` in milliseconds since the epoch."""

    place: Place
    digest: int
    at: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Revision:
    """How what is in an inbox differs from what is recorded there: offsets left out, and records put in by time."""

    dropped: frozenset[int] = frozenset()
    added: tuple[Record, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dropped or self.added)


AS_RECORDED = Revision()

_PUT_IN = 1 << 62
"""Offsets from here on are those of records that are not on the log."""

_UNUSED = 10**9
"""Added to the number of a saying that is put in: a recorded one may have the same."""

_NUMBER = re.compile(rb'^(\{"specversion": "1\.0", "id": "\d+-\d+-)(\d+)')


def digest(key: bytes | None, value: bytes) -> int:
    """Eight bytes over a saying, as `schemas.codec.encode` writes it."""
    head = value[max(0, value.find(b'"type": ')) : value.find(b', "dataschema"')]
    data = value[max(0, value.find(b', "data": ')) :]
    hashed = blake2b(b"-" if key is None else b"%d:" % len(key) + key, digest_size=8)
    hashed.update(b"%d:" % len(head) + head)
    hashed.update(data)
    return int.from_bytes(hashed.digest(), "big")


class Unmatched(NamedTuple):
    """Of what one lane says to one inbox: what is recorded and not said, and what is said and not recorded."""

    dropped: tuple[int, ...] = ()
    """Offsets."""
    missing: tuple[tuple[int, int], ...] = ()
    """Digests, and how often."""


def unmatched(said: Iterable[int], heard: Sequence[Heard]) -> Unmatched:
    """Each saying against one that is recorded; equal ones are as good as one another."""
    left = Counter(said)
    dropped = []
    for each in heard:
        if left[each.digest] > 0:
            left[each.digest] -= 1
        else:
            dropped.append(each.offset)
    return Unmatched(tuple(dropped), tuple(sorted((+left).items())))


def put_in(said: Iterable[Said], missing: Mapping[Place, Sequence[tuple[int, int]]]) -> Iterator[Record]:
    """The records of what is missing, with offsets and ids that no recorded one has."""
    left = {place: Counter(dict(digests)) for place, digests in missing.items()}
    for each in said:
        wanted = left.get(each.place)
        if wanted is not None and wanted[each.digest] > 0:
            wanted[each.digest] -= 1
            offset = _PUT_IN | (each.digest + wanted[each.digest]) % _PUT_IN
            value = _NUMBER.sub(lambda found: found[1] + b"%d" % (_UNUSED + int(found[2])), each.value)
            yield Record(each.place.topic, each.place.partition, offset, each.at, each.key, value, HEADERS)
