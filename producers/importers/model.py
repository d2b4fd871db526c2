"""What an importer is, and what it makes of each line of a file: an event, or a reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Protocol

from schemas.envelope import Event


class UnusableFile(Exception):
    """The file as a whole cannot be imported, or not beyond some row; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One line as an event. `row` counts the lines below the header from 1; `at` is UTC.

    `id` depends only on the line, so that importing it again changes nothing. `late`: an earlier line had a later
    `at`; who feeds a log in order of time has to sort it first.
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
    """One line that is not an event. `reason` is one of a few, to count by; `detail` names column and value's fault."""

    row: int
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"row {self.row}: {self.reason}" + (f": {self.detail}" if self.detail else "")


class Read(Protocol):
    def __call__(self, path: Path, start: int = 0, *, time_zone: tzinfo | None = None) -> Iterator[Imported | Rejected]:
        """Each line of the file below the header, beyond the first `start`, in order of the file.

        `time_zone` is of times that name none; UTC unless given. Raises UnusableFile.
        """


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of file that can be imported, for one department.

    `rules` are the settings, per department, under which its rules fit what the log says and leaves out.
    """

    name: str
    doc: str
    department: str
    events: tuple[type[Event], ...]
    read: Read
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
