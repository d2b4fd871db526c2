"""Conditions on what a record says: a dotted path into its JSON, and what is wanted there.

`data.amount.currency = EUR`, `data.lines.0.quantity >= 10`, `data.tags.* = urgent`, `source ~ simulator`, `data.note`
(which is there). Numbers compare as numbers, also those written as texts, as amounts of money are; everything else as
text, so ISO dates compare as dates.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

OPERATORS = ("=", "!=", "~", ">=", "<=", ">", "<")

_CONDITION = re.compile(r"\s*([^\s=!~<>]+)\s*(?:(!=|>=|<=|=|~|>|<)\s*(.*?))?\s*", re.DOTALL)


class BadCondition(ValueError):
    """Not a condition; the text says what one looks like."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`operator` is empty where the path only has to be there. `!=` holds where nothing at the path equals."""

    path: tuple[str, ...]
    operator: str = ""
    wanted: str = ""

    def holds(self, document: Any) -> bool:
        found = _at(document, self.path)
        if self.operator == "!=":
            return all(_compare(each, self.wanted) != 0 for each in found)
        return any(self._fits(each) for each in found)

    def _fits(self, found: Any) -> bool:
        if self.operator == "":
            return True
        if self.operator == "~":
            return self.wanted.lower() in _text(found).lower()
        order = _compare(found, self.wanted)
        return order is not None and order in _ORDERS[self.operator]

    def __str__(self) -> str:
        path = ".".join(self.path)
        return f"{path} {self.operator} {self.wanted}" if self.operator else path


_ORDERS = {"=": (0,), ">=": (0, 1), "<=": (-1, 0), ">": (1,), "<": (-1,)}


def condition(text: str) -> Condition:
    """Raises BadCondition."""
    found = _CONDITION.fullmatch(text)
    path = tuple(found[1].split(".")) if found else ()
    if found is None or not all(path):
        raise BadCondition(
            f"{text!r} is no condition: give a path, and what is wanted there, such as data.amount.currency=EUR; "
            f"operators are {' '.join(OPERATORS)}"
        )
    return Condition(path, found[2] or "", found[3] or "")


def _at(document: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What stands at a path; `*` is any field or element."""
    if not path:
        yield document
        return
    name, rest = path[0], path[1:]
    match document:
        case dict():
            for each in document.values() if name == "*" else (document[name],) if name in document else ():
                yield from _at(each, rest)
        case list():
            if name == "*":
                for each in document:
                    yield from _at(each, rest)
            elif name.isascii() and name.isdigit() and len(name) < 10 and int(name) < len(document):
                yield from _at(document[int(name)], rest)


def _text(found: Any) -> str:
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _compare(found: Any, wanted: str) -> int | None:
    """-1, 0 or 1; None for an object or a list, which have no order."""
    if isinstance(found, dict | list):
        return None
    if not isinstance(found, bool) and (a := _number(found)) is not None and (b := _number(wanted)) is not None:
        return (a > b) - (a < b)
    text = _text(found)
    return (text > wanted) - (text < wanted)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
