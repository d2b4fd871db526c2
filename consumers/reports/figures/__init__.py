"""Every report there is, in the order in which they are shown. One file a subject; each says its formulas."""

from consumers.reports.figure import BadReport, Report
from consumers.reports.figures import (
    audits,
    complaints,
    handling,
    noise,
    outages,
    overdue,
    progress,
    restoring,
    targets,
)

REPORTS: dict[str, Report] = {
    report.name: report
    for report in (
        targets.REPORT,
        handling.REPORT,
        restoring.REPORT,
        overdue.REPORT,
        complaints.REPORT,
        outages.DOWNTIME,
        outages.IMPACT_REPORT,
        audits.REPORT,
        progress.BUDGETS,
        progress.GOALS,
        noise.REPORT,
    )
}


def report_named(name: str) -> Report:
    """Raises BadReport."""
    if name not in REPORTS:
        raise BadReport(f"there is no report {name!r}; there are: {', '.join(REPORTS)}")
    return REPORTS[name]
