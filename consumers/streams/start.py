"""Where somebody begins to read a topic."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGINNING = datetime.min.replace(tzinfo=UTC)

_PLACE = re.compile(r"(\d{1,9})@(\d{1,18})", re.ASCII)
_SPAN = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Latest:
    """At the end; `count` offsets before it in each partition, to have something to look at."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class Since:
    """At the first record of each partition that is not older."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """At one offset of one partition; the others are not read."""

    partition: int
    offset: int


Start = Latest | Since | Place


def read(text: str, now: datetime) -> Since | Place:
    """`10m` before now, an ISO time (UTC unless it says otherwise), `beginning`, or `partition@offset`.

    Raises ValueError.
    """
    words = text.strip()
    if found := _PLACE.fullmatch(words):
        return Place(int(found[1]), int(found[2]))
    return Since(instant(words, now))


def instant(text: str, now: datetime) -> datetime:
    """As above, without places. Raises ValueError."""
    words = text.strip()
    if words == "beginning":
        return BEGINNING
    try:
        if found := _SPAN.fullmatch(words):
            return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
        time = datetime.fromisoformat(words)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r}: give 10m, 2h, 3d, an ISO time such as 2026-03-02T09:30, or 'beginning'") from None
