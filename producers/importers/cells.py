"""What a cell of a log says: text, a number, a flag, an instant, a day."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

_LEADING = re.compile(r"(\d+)(?: - .*)?")
_TRUE, _FALSE = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0"})


class BadCell(ValueError):
    """A cell that does not say what its column should. `reason` is what rejections are counted by."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


Reading = Callable[[str], Any]
"""Reads a known cell. Raises BadCell."""


def text(cell: str) -> str:
    return cell


def digest(cell: str) -> str:
    """A hash that tells two texts apart and does not say what is in them."""
    return hashlib.sha256(cell.encode(errors="surrogateescape")).hexdigest()[:24]


def whole(cell: str) -> int:
    try:
        return int(cell)
    except ValueError:
        raise BadCell("not a number") from None


def counter(cell: str) -> int:
    """A running counter: a whole number, not negative."""
    if (value := whole(cell)) < 0:
        raise BadCell("negative counter")
    return value


def decimal(cell: str) -> Decimal:
    try:
        value = Decimal(cell)
    except InvalidOperation:
        raise BadCell("not a number") from None
    if not value.is_finite():
        raise BadCell("not a number")
    return value


def rounded(digits: int) -> Reading:
    """Reads a number, rounded half to even to so many places."""
    places = Decimal(1).scaleb(-digits)
    return lambda cell: decimal(cell).quantize(places)


def flag(cell: str) -> bool:
    said = cell.lower()
    if said in _TRUE:
        return True
    if said in _FALSE:
        return False
    raise BadCell("neither true nor false")


def ranked(cell: str) -> int:
    """The number that `3 - Moderate` begins with."""
    if match := _LEADING.fullmatch(cell):
        return int(match[1])
    raise BadCell("bad priority")


def instant(formats: Sequence[str], zone: tzinfo) -> Reading:
    """Reads an instant, to UTC; `zone` is that of times which name none.

    A time that a clock change skips or repeats is taken as before the change.
    """

    @lru_cache(maxsize=50_000)  # logs have minutes, so the same few come again and again
    def read(cell: str) -> datetime:
        found = _moment(cell, formats)
        try:
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadCell("bad date") from None

    return read


def day(formats: Sequence[str]) -> Reading:
    """Reads a date; one without a day or month is that period's first day."""

    @lru_cache(maxsize=50_000)
    def read(cell: str) -> date:
        return _moment(cell, formats).date()

    return read


_PERIOD = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_DAY_FORMAT, _MONTH_FORMAT = re.compile("%[dxcj]"), re.compile("%[mbB]")


def period(formats: Sequence[str]) -> Reading:
    """Reads a day, month or year, as exact as the format that fits it: `2027-06-30`, `2027-06`, `2027`."""

    @lru_cache(maxsize=50_000)
    def read(cell: str) -> str:
        if not formats:
            if not _PERIOD.fullmatch(cell):
                raise BadCell("bad date")
            _moment(f"{cell}-01-01"[:10], ())
            return cell
        for each in formats:
            try:
                found = _moment(cell, (each,)).date().isoformat()
            except BadCell:
                continue
            return found[: 10 if _DAY_FORMAT.search(each) else 7 if _MONTH_FORMAT.search(each) else 4]
        raise BadCell("bad date")

    return read


def _moment(cell: str, formats: Sequence[str]) -> datetime:
    if not formats:
        try:
            return datetime.fromisoformat(cell)
        except ValueError:
            raise BadCell("bad date") from None
    for each in formats:
        try:
            return datetime.strptime(cell, each)  # noqa: DTZ007 - the zone is put to it by who asks
        except ValueError:
            continue
    raise BadCell("bad date")
