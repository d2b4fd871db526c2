"""Alertmanager's older matcher syntax: lenient about what is quoted, but names of labels are those of Prometheus."""

import re
from collections.abc import Iterator

Part = tuple[str, str, str]
"""A matcher's label, operator and value."""

BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c not in "\x1c\x1d\x1e\x1f")
"""White space as Unicode and Go have it. Python adds four separators."""

_BLANK = r"[\t\n\f\r ]*"
_MATCHER = re.compile(
    rf"{_BLANK}(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*){_BLANK}(?P<operator>=~|=|!=|!~){_BLANK}(?P<value>.*?){_BLANK}",
    re.DOTALL,
)
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}
_TOKEN = re.compile(r"\\.|.", re.DOTALL)


def parts(text: str) -> list[Part]:
    """The matchers in a text, between commas that are not in quotes. Raises ValueError."""
    return [_part(one) for one in _split(text.removeprefix("{").removesuffix("}"))]


def _split(text: str) -> Iterator[str]:
    quoted = escaped = False
    begin = 0
    for i, character in enumerate(text):
        if character == "," and not quoted:
            yield text[begin:i]
            begin = i + 1
        elif character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and not escaped
    if last := text[begin:].strip(BLANKS):
        yield last


def _part(text: str) -> Part:
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(
            f'{text!r} is not a matcher; write <label><operator>"<value>" with = != =~ or !~, as in severity="critical"'
        )
    return found["name"], found["operator"], _unquoted(found["value"])


def _unquoted(value: str) -> str:
    """Quotes are all around the value or nowhere. A backslash stands for itself unless n, \\ or a quote follows."""
    tokens = _TOKEN.findall(value)
    if tokens[:1] == ['"']:
        if len(tokens) < 2 or tokens[-1] != '"':
            raise ValueError(f"{value!r} lacks its closing quote")
        tokens = tokens[1:-1]
    if '"' in tokens:
        raise ValueError(f'{value!r} contains a quote (write \\" inside of quotes)')
    return "".join(_ESCAPED.get(token[1:], token) if len(token) == 2 else token for token in tokens)
