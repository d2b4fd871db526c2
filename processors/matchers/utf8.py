"""Alertmanager's newer matcher syntax: names and values are any text, quoted where it has reserved characters."""

import re
from collections.abc import Iterator

from processors.matchers.classic import BLANKS, Part

_TOKEN = re.compile(
    rf"""[{BLANKS}]*
    (?: (?P<sign>[{{}},]|=~|!~|!=|=) | (?P<quoted>"(?:[^"\\]|\\.)*") | (?P<bare>[^{BLANKS}{{}}!=~,\\"'`]+) )""",
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(
    r"""(?P<plain>[^\\\n]+) | \\(?P<named>[abfnrtv\\"]) | \\(?P<octal>[0-3][0-7]{2}) | \\x(?P<byte>[0-9a-fA-F]{2})
      | \\u(?P<short>[0-9a-fA-F]{4}) | \\U(?P<long>[0-9a-fA-F]{8}) | (?P<wrong>.)""",
    re.VERBOSE | re.DOTALL,
)
_NAMED = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))
_OPERATORS = ("=", "!=", "=~", "!~")
_END = ""


def parts(text: str) -> list[Part]:
    """The matchers in a text, joined by commas; one after the last is allowed. Raises ValueError."""
    tokens = list(_tokens(text))
    if tokens[0] == "{":
        if tokens[-2:] != ["}", _END]:
            raise ValueError(f"{text!r} lacks its closing brace")
        tokens = [*tokens[1:-2], _END]
    found = []
    while tokens[0] != _END:
        part, tokens = _part(text, tokens)
        found.append(part)
    return found


def _part(text: str, tokens: list[str]) -> tuple[Part, list[str]]:
    """The first matcher, and the tokens after it and its comma."""
    if len(tokens) < 4 or tokens[1] not in _OPERATORS or not (_is_word(tokens[0]) and _is_word(tokens[2])):
        raise ValueError(
            f'{text!r} is not a matcher; write <label><operator>"<value>" with = != =~ or !~, as in severity="critical"'
        )
    rest = tokens[3:]
    if rest[0] not in (",", _END):
        raise ValueError(f"{text!r}: a comma is wanted before {rest[0]}")
    return (_word(tokens[0]), tokens[1], _word(tokens[2])), rest[1:] if rest[0] == "," else rest


def _tokens(text: str) -> Iterator[str]:
    """Signs, words and quoted words with their quotes; an empty one at the end."""
    end = len(text.rstrip(BLANKS))
    at = 0
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"{text!r}: not understood from {text[at:]!r} on (quote it)")
        yield found["sign"] or found["quoted"] or found["bare"]
        at = found.end()
    yield _END


def _is_word(token: str) -> bool:
    return token not in ("{", "}", ",", _END, *_OPERATORS)


def _word(token: str) -> str:
    """A word, or what is in quotes, as a string literal of Go says it."""
    if not token.startswith('"'):
        return token
    try:
        return b"".join(_bytes(piece) for piece in _PIECE.finditer(token[1:-1])).decode()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{token} has an escape that is none (write \\\\ for a backslash)") from error


def _bytes(piece: re.Match[str]) -> bytes:
    """The UTF-8 of a piece; octal and hexadecimal escapes are bytes of it. Raises ValueError or OverflowError."""
    said = piece[piece.lastgroup or 0]
    match piece.lastgroup:
        case "plain":
            return said.encode()
        case "named":
            return _NAMED[said].encode()
        case "octal":
            return bytes([int(said, 8)])
        case "byte":
            return bytes([int(said, 16)])
        case "short" | "long":
            return chr(int(said, 16)).encode()
    raise ValueError(said)
