"""One condition on one label."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from processors.matchers import regular

_RESERVED = re.compile(r"""[\s{}!=~,\\"'`]""")
"""What a label's name must be quoted for."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label. `operator` is one of = != =~ and !~; a regular expression covers the whole value."""

    name: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds. A missing label equals an empty one."""
        value = labels.get(self.name, "")
        same = _covers(self.value, value) if self.operator.endswith("~") else value == self.value
        return same != self.operator.startswith("!")

    def __str__(self) -> str:
        """As Alertmanager writes it, in group keys for example."""
        if _RESERVED.search(self.name):
            return f"{_quoted(self.name)}{self.operator}{_quoted(self.value)}"
        escaped = self.value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
        return f'{self.name}{self.operator}"{escaped}"'


def matcher(name: str, operator: str, value: str) -> Matcher:
    """A matcher whose parts are known. Raises ValueError when it has no label, or its regular expression is wrong."""
    if not name:
        raise ValueError("a matcher needs the name of a label")
    if operator.endswith("~"):
        regular.check(value)
    return Matcher(name, operator, value)


@lru_cache(maxsize=65536)
def _covers(expression: str, value: str) -> bool:
    """Remembered: the same few values of labels come again and again."""
    return regular.covers(expression, value)


def _quoted(text: str) -> str:
    """As Go quotes a string."""
    return json.dumps(text, ensure_ascii=False)
