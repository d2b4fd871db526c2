"""A history told by hand: an office hears it, the archive has it, and reports are taken of it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from consumers.reports.desk import Reports
from consumers.reports.figure import Result, Scope
from consumers.reports.figures import report_named
from consumers.reports.period import Period
from tests.archived_office import archived
from tests.office import Office

WEEK = Period(date(2026, 1, 5), date(2026, 1, 11))
MUCH_LATER = datetime(2027, 1, 1, tzinfo=UTC)

Figures = dict[tuple[str, ...], dict[str, float | int | None]]


class History:
    """`History(folder, office)`. Everything is known by the end of 2026, unless `now` says otherwise."""

    def __init__(self, folder: Path, office: Office, now: datetime = MUCH_LATER) -> None:
        self.archive = archived(office, folder)
        self.reports = Reports(self.archive.connection, "UTC", now=lambda: now)

    def scope(self, period: Period = WEEK, department: str | None = None) -> Scope:
        return self.reports.of(period, department)

    def take(self, name: str, period: Period = WEEK, department: str | None = None) -> Result:
        (found,) = self.reports.take([report_named(name)], self.scope(period, department))
        return found

    def figures(self, name: str, period: Period = WEEK, department: str | None = None) -> Figures:
        """By group, and by figure."""
        lines = self.take(name, period, department).lines
        return {line.group: {cell.figure.name: cell.value for cell in line.cells} for line in lines}

    def line(self, name: str, *group: str, **how: Any) -> dict[str, float | int | None]:
        return self.figures(name, **how)[group]

    def close(self) -> None:
        self.archive.close()


def check_records(history: History, name: str, period: Period = WEEK) -> int:
    """The records behind each figure number what the figure says; returns how many figures were looked at."""
    return check_records_of(history.reports, name, period)


def check_records_of(reports: Reports, name: str, period: Period) -> int:
    """The same of any archive's reports."""
    scope = reports.of(period)
    (result,) = reports.take([report_named(name)], scope)
    looked = 0
    for line in (*result.lines, *([result.total] if result.total else [])):
        for cell in line.cells:
            found = reports.records(name, cell.figure.name, line.group, scope, limit=100_000)
            assert len(found) == cell.records, (name, line.group, cell)
            if line.group:  # over all, one record may be a case of several targets
                assert len({(one.topic, one.partition, one.offset) for one in found}) == len(found)
            if cell.figure.kind == "count":
                assert cell.value == len(found), (name, line.group, cell)
            looked += 1
    return looked
