"""A question of what if, asked from a page: it runs in a process of its own, and can be given up."""

from typing import NamedTuple, Protocol


class Trial(NamedTuple):
    """What is asked: one rule's settings, as YAML has their values, over a time. Empty: all there is."""

    rule: str
    settings_of: str
    changed: dict[str, str]
    begin: str
    end: str


class Count(NamedTuple):
    """Alerts of a rule."""

    rule: str
    before: int
    after: int
    added: int
    removed: int
    moved: int


class Found(NamedTuple):
    """The answer. `examples`: which alert, and what becomes of it; `plot`: an SVG."""

    counts: tuple[Count, ...]
    examples: tuple[str, ...]
    plot: str
    cut: tuple[str, ...]
    records: int
    seconds: float


class TrialError(Exception):
    """It cannot be answered; the message says why."""


class Trying(Protocol):
    """Asks; one question at a time for each caller."""

    async def ask(self, trial: Trial) -> Found:
        """Raises TrialError. When it is cancelled, the process is ended."""
        ...
