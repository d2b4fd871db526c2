"""What an importer is, and what it makes of a file: events in order of time, and reasons why a row is none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Protocol

from schemas.envelope import Event


class UnusableFile(Exception):
    """The file as a whole cannot be imported, or not beyond some row; the message says which and why."""


class UnusableMapping(ValueError):
    """A mapping asks for what there is not. `where` is the place in it, as keys and positions."""

    def __init__(self, where: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.where = where


@dataclass(frozen=True, slots=True)
class Imported:
    """One event of a row. `row` counts the rows of the file from 1, without its header; `at` is UTC.

    `source` and `id` depend on what the file says alone, so that importing it again changes nothing. `late`: one
    that was given before has a later `at`; who feeds a log in order of time has to sort it first.
    """

    row: int
    at: datetime
    subject: str
    id: str
    source: str
    event: Event
    late: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not an event. `reason` is one of a few, to count by; `detail` names column and value's fault."""

    row: int
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"row {self.row}: {self.reason}" + (f": {self.detail}" if self.detail else "")


class Read(Protocol):
    def __call__(
        self, path: Path, *, time_zone: tzinfo | None = None, rows: int | None = None
    ) -> Iterator[Imported | Rejected]:
        """What the file says, in order of time as far as the file is; twice the same.

        `time_zone` is of times that name none, UTC unless the mapping knows better; `rows`: only the first ones.
        Raises UnusableFile.
        """


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of file that can be imported.

    `rules` are the settings, per department, under which its rules fit what the log says and leaves out.
    """

    name: str
    doc: str
    events: tuple[type[Event], ...]
    read: Read
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments whose inboxes it writes to, in order of their names."""
        return tuple(sorted({event.topic.removeprefix("events.") for event in self.events}))
