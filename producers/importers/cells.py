"""What a cell of a log says: text, a count, a flag, an instant. `?` and nothing at all mean unknown."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

UNKNOWN = ("?", "")

_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})")
_LEADING = re.compile(r"(\d+)(?: - .*)?")


class BadCell(ValueError):
    """A cell that does not say what its column should. `reason` is what rejections are counted by."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Cell = Callable[[str], Any]
"""Reads a known cell. Raises BadCell."""


def text(cell: str) -> str:
    return cell


def count(cell: str) -> int:
    """A running counter: a whole number, not negative."""
    try:
        value = int(cell)
    except ValueError:
        raise BadCell("not a number") from None
    if value < 0:
        raise BadCell("negative counter")
    return value


def flag(cell: str) -> bool:
    match cell.lower():
        case "true":
            return True
        case "false":
            return False
    raise BadCell("neither true nor false")


def ranked(cell: str) -> int:
    """The number that `3 - Moderate` begins with."""
    if match := _LEADING.fullmatch(cell):
        return int(match[1])
    raise BadCell("bad priority")


def day_first(zone: tzinfo = UTC) -> Cell:
    """Reads `29/2/2016 01:16`, unpadded or not, as an instant of `zone`, to UTC.

    A time that a clock change skips or repeats is taken as before the change.
    """

    @lru_cache(maxsize=50_000)  # logs have minutes, so the same few come again and again
    def read(cell: str) -> datetime:
        if not (match := _DAY_FIRST.fullmatch(cell)):
            raise BadCell("bad date")
        day, month, year, hour, minute = map(int, match.groups())
        try:
            return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadCell("bad date") from None

    return read
