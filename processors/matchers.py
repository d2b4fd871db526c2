"""Matchers: Prometheus Alertmanager's conditions on labels, `severity=~"error|critical"`.

Syntax and meaning: https://prometheus.io/docs/alerting/latest/configuration/#matcher
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

_SYNTAX = re.compile(
    r"""\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?P<operator>=~|!~|!=|=)\s*
        (?: "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<bare>[^"{},\s=~!][^"{},]*?)? )\s*""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label. `pattern` is set for `=~` and `!~` and covers the whole value."""

    name: str
    operator: str
    value: str
    pattern: re.Pattern[str] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds. A missing label equals an empty one."""
        value = labels.get(self.name, "")
        same = value == self.value if self.pattern is None else self.pattern.fullmatch(value) is not None
        return same != self.operator.startswith("!")


@lru_cache(maxsize=4096)
def parse(text: str) -> Matcher:
    """The matcher that `text` says. Raises ValueError that says what to write instead."""
    found = _SYNTAX.fullmatch(text)
    if found is None:
        raise ValueError(
            f'{text!r} is not a matcher; write <label><operator>"<value>" with = != =~ or !~, as in severity="critical"'
        )
    operator = found["operator"]
    value = (found["bare"] or "") if found["quoted"] is None else _unescape(found["quoted"])
    return Matcher(found["name"], operator, value, _compiled(text, value) if "~" in operator else None)


def matches_all(matchers: Iterable[str], labels: Mapping[str, str]) -> bool:
    return all(parse(matcher).matches(labels) for matcher in matchers)


def _unescape(quoted: str) -> str:
    return re.sub(r"\\.", lambda m: _ESCAPES.get(m[0], m[0]), quoted, flags=re.DOTALL)


def _compiled(text: str, value: str) -> re.Pattern[str]:
    try:
        return re.compile(value)
    except re.error as error:
        raise ValueError(f"{text!r}: the regular expression {value!r} is not valid: {error}") from error


def _valid(text: str) -> str:
    parse(text)
    return text


MatcherText = Annotated[str, AfterValidator(_valid)]
"""A matcher as the configuration writes it, checked when it is read."""
