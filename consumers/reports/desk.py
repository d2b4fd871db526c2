"""Taking reports: what a page, a command and a mail need of them."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from consumers.reports import counting
from consumers.reports.figure import BadReport, Counted, Report, Result, Scope
from consumers.reports.figures import REPORTS, report_named
from consumers.reports.period import Period, parse, today

ALL_REPORTS = "all"

Connect = Callable[[], AbstractContextManager[Connection]]
"""A connection that reads the archive, closed after the block."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of one archive. `zone`: the organisation's time zone; `departments`: those that there are."""

    connect: Connect
    zone: str = "UTC"
    departments: Sequence[str] = ()
    now: Callable[[], datetime] = field(default=_now)

    def today(self) -> date:
        return today(self.zone, self.now())

    def scope(self, first: str | None, last: str | None, department: str | None = None) -> Scope:
        """Of dates as somebody writes them. Raises BadPeriod, BadReport."""
        if department is not None and self.departments and department not in self.departments:
            known = ", ".join(self.departments)
            raise BadReport(f"there is no department {department!r}; there are: {known}")
        return Scope(parse(first, last, self.zone, self.today()), self.now(), department)

    def of(self, period: Period, department: str | None = None) -> Scope:
        return Scope(period, self.now(), department)

    def named(self, name: str) -> tuple[Report, ...]:
        """The report of this name, or `all`. Raises BadReport."""
        return tuple(REPORTS.values()) if name == ALL_REPORTS else (report_named(name),)

    def take(self, reports: Iterable[Report], scope: Scope) -> list[Result]:
        """Their figures; of a department, those that are about it."""
        wanted = [r for r in reports if scope.department is None or not r.departments or _about(r, scope)]
        with self.connect() as connection:
            return [counting.result(connection, report, scope) for report in wanted]

    def records(
        self,
        report: str,
        figure: str,
        group: Sequence[str] | None,
        scope: Scope,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Counted]:
        """The records behind a figure of one group (none: of all), newest first. Raises BadReport."""
        chosen = report_named(report)
        with self.connect() as connection:
            return counting.records(connection, chosen, chosen.figure(figure), group or None, scope, limit, offset)


def _about(report: Report, scope: Scope) -> bool:
    return scope.department in report.departments
