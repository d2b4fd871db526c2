"""What a record is found by: the words of its values; and what a search asks for.

Words are made here, in one way for both databases: letters, digits and underscores, folded to lower case and without
accents. So `INV-7` is the words `inv` and `7`, when it is written and when it is asked for.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MOST_WORDS = 2_000
"""Different words of one record that it is found by."""

LONGEST = 64
"""Characters of a word that count."""

_WORD = re.compile(r"\w+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_TERM = re.compile(r'(?P<without>-?)(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))')


class BadSearch(ValueError):
    """Nothing can be looked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word that must be there, or must not (`without`); with `prefix`, only its beginning."""

    word: str
    prefix: bool = False
    without: bool = False


def fold(text: str) -> str:
    """Lower case, accents off."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(values: Iterable[Any]) -> list[str]:
    """The different words of JSON values, the names of fields left out, and points in time too."""
    found: dict[str, None] = {}
    for text in _texts(values):
        for word in _WORD.findall(fold(text)):
            found[word[:LONGEST]] = None
        if len(found) > MOST_WORDS:
            return list(found)[:MOST_WORDS]
    return list(found)


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """Every text and number, without recursion: a value may be as deep as a record is long."""
    waiting = list(values)
    waiting.reverse()
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if not _INSTANT.match(value):
                yield value
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield str(value)


def terms(search: str) -> tuple[Term, ...]:
    """What a search asks for: all of its words; `-word`: not that one; `word*`: any word that begins so.

    Anything else is only what is between words. Raises BadSearch where nothing is left to look for.
    """
    found: list[Term] = []
    for match in _TERM.finditer(search):
        text = fold(match["quoted"] if match["bare"] is None else match["bare"])
        pieces = _WORD.findall(text)
        prefix = match["bare"] is not None and text.endswith("*")
        for piece in pieces:
            found.append(Term(piece[:LONGEST], prefix and piece is pieces[-1], bool(match["without"])))
    if not any(not term.without for term in found):
        raise BadSearch(f"{search!r} names no word to look for: give at least one that is not excluded")
    return tuple(dict.fromkeys(found))
