"""Ranges of weekdays, days of a month, months and years, as Prometheus Alertmanager writes them: `monday:friday`.

Names may be written in any case. What is not understood raises ValueError that says what to write instead.
Source: Alertmanager's package `timeinterval`.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_SHORTEST_MONTH = 28


class Range(NamedTuple):
    """From the first to the last, both included."""

    first: int
    last: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.first <= value <= self.last


@lru_cache(maxsize=1024)
def weekdays(text: str) -> Range:
    """Days of the week, sunday being 0. A range does not go past saturday."""
    return _ordered(text, _read(text, _weekday))


@lru_cache(maxsize=1024)
def months(text: str) -> Range:
    """Months, january being 1. A range does not go past december."""
    return _ordered(text, _read(text, _month))


@lru_cache(maxsize=1024)
def years(text: str) -> Range:
    return _ordered(text, _read(text, _number))


@lru_cache(maxsize=1024)
def days_of_month(text: str) -> Range:
    """Days from 1, or counted from the end, -1 being the last."""
    found = _read(text, _day_of_month)
    if found.first < 0 < found.last:
        raise ValueError(f"{text!r}: the last day must be negative where the first is (count both from the end)")
    first, last = (day if day > 0 else day + _SHORTEST_MONTH for day in found)
    if first > last:
        raise ValueError(f"{text!r}: day {found.last} is always before day {found.first} (write the earlier one first)")
    return found


def _read(text: str, member: Callable[[str], int]) -> Range:
    parts = text.lower().split(":")
    if len(parts) > 2:
        raise ValueError(f"{text!r} is not a range; write first:last, or one alone")
    return Range(member(parts[0]), member(parts[-1]))


def _ordered(text: str, found: Range) -> Range:
    if found.first > found.last:
        raise ValueError(f"{text!r} ends before it begins (write two ranges)")
    return found


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise ValueError(f"{text!r} is not a day of the week; write its name, such as monday")
    return WEEKDAYS.index(text)


def _month(text: str) -> int:
    month = MONTHS.index(text) + 1 if text in MONTHS else _number(text)
    if not 1 <= month <= 12:
        raise ValueError(f"{text!r} is not a month; write its name, or a number from 1 to 12")
    return month


def _day_of_month(text: str) -> int:
    day = _number(text)
    if day == 0 or not -31 <= day <= 31:
        raise ValueError(f"{text!r} is not a day of a month; write 1 to 31, or -1 to -31 from its end")
    return day


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return int(text)


def _text(value: Any) -> Any:
    """YAML reads a lone day or year as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _checked(read: Callable[[str], Range]) -> AfterValidator:
    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


Weekdays = Annotated[str, _checked(weekdays)]
DaysOfMonth = Annotated[str, BeforeValidator(_text), _checked(days_of_month)]
Months = Annotated[str, BeforeValidator(_text), _checked(months)]
Years = Annotated[str, BeforeValidator(_text), _checked(years)]
