"""What a report is made of: cases that SQL finds, groups of them, and figures over each group.

A figure counts cases, and a case is a record of the archive. So whoever sees a figure can see the records behind it:
they are found by the same words of SQL.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Select

from consumers.reports.period import Period

Kind = Literal["count", "share", "median", "p90", "total", "largest"]
"""How many; how many of those of another figure, in percent; the value that half, or nine tenths, do not exceed; the
sum of values; the largest one."""

Unit = Literal["", "%", "h", "min", "days", "points", "money"]


class BadReport(ValueError):
    """No such report, figure or group; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for. `at`: until when things are known: the period's end, or now if that is earlier."""

    period: Period
    at: datetime
    department: str | None = None

    @property
    def begins(self) -> int:
        return _ms(self.period.begins)

    @property
    def ends(self) -> int:
        return _ms(self.period.ends)

    @property
    def stands(self) -> int:
        return min(self.ends, _ms(self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One column of a report.

    `where`: the flag that a case must have to be counted (None: all of them). `of`: the flag that makes up the whole
    of a share. `value`: the column of what is measured, in `divisor` parts of its unit. `least`: which way is better.
    """

    name: str
    title: str
    meaning: str
    """The formula, in words."""
    kind: Kind = "count"
    unit: Unit = ""
    where: str | None = None
    of: str | None = None
    value: str | None = None
    divisor: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report. `cases` gives a query with a row for each case.

    Its columns: those named by `groups`, `department`, every flag and value of its figures, and of the record behind
    it: `number`, `at` (milliseconds), `subject`, `what` (its type, or the alert's rule).
    """

    name: str
    title: str
    meaning: str
    groups: tuple[str, ...]
    figures: tuple[Figure, ...]
    cases: Callable[[Scope], Select[tuple[object, ...]]] = field(repr=False)
    totals: bool = True
    """Whether all groups together make sense: amounts in several currencies do not."""
    chart: str | None = None
    """The figure that a chart shows, by group."""
    departments: tuple[str, ...] = ()
    """Whose it is; none: of all."""

    def figure(self, name: str) -> Figure:
        """Raises BadReport."""
        for each in self.figures:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.figures)
        raise BadReport(f"the report {self.name} has no figure {name!r}; there are: {known}")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of one group. `value` None: there is nothing to say it of. `records`: how many records it counts."""

    figure: Figure
    value: float | int | None
    records: int


@dataclass(frozen=True, slots=True)
class Line:
    """One group with its figures; without a group, all of them together."""

    group: tuple[str, ...]
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Result:
    """A report with its figures. `shown`: lines, largest first; `lines` may have been more."""

    report: Report
    scope: Scope
    lines: Sequence[Line]
    total: Line | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A record that a figure counts."""

    topic: str
    partition: int
    offset: int
    at: datetime
    subject: str
    what: str
    value: float | int | None


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
