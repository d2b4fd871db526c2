"""What is wrong in a configuration file, where, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

Location = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. Sorts by line."""

    line: int
    """From 1."""
    where: str
    """The way to the value, as in `alerting.route.routes[0].receiver`; empty for the file as a whole."""
    what: str
    """What is wrong, and in brackets what to do."""

    def at(self, path: Path) -> str:
        return f"{path}:{self.line}: {self.where + ': ' if self.where else ''}{self.what}"


class ConfigurationError(Exception):
    """The configuration cannot be used. The text lists every problem, one a line, as `file:line: where: what`."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(problem.at(path) for problem in self.problems))


def dotted(location: Location) -> str:
    """`('routes', 0, 'receiver')` as `routes[0].receiver`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
