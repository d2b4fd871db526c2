"""Audit findings: recorded, closed, open, and open past their date. A finding is one of its audit, by its id."""

from typing import Any

from sqlalchemy import Select, exists, select

from consumers.archive.tables import alerts, events
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.figures.overdue import stands
from consumers.reports.sql import earlier, flag, label, said

RECORDED, CLOSED = "accounting.audit.finding_recorded", "accounting.audit.finding_closed"
OPEN_RULE = "accounting.audit_finding_open"


def cases(scope: Scope) -> Select[Any]:
    """Each finding by its first record, but for those that were closed before the period."""
    before, end = events.alias("earlier"), events.alias("closing")
    finding = said(events, "finding")
    closed = (end.c.subject == events.c.subject, end.c.type == CLOSED, said(end, "finding") == finding)
    closed_within = exists().where(*closed, end.c.timestamp >= scope.begins, end.c.timestamp < scope.ends)
    open_still = ~exists().where(*closed, end.c.timestamp < scope.stands)
    late = exists().where(
        alerts.c.rule == OPEN_RULE,
        alerts.c.subject == events.c.subject,
        label(alerts.c.labels, "finding") == finding,
        stands(scope),
    )
    again = exists().where(
        before.c.subject == events.c.subject,
        before.c.type == RECORDED,
        said(before, "finding") == finding,
        earlier(before, events),
    )
    return select(
        events.c.department,
        events.c.subject.label("audit"),
        events.c.number,
        events.c.timestamp.label("at"),
        events.c.subject,
        events.c.type.label("what"),
        flag(events.c.timestamp >= scope.begins).label("recorded"),
        flag(closed_within).label("closed"),
        flag(open_still).label("open"),
        flag(open_still & late).label("late"),
    ).where(
        events.c.department == "accounting",
        events.c.type == RECORDED,
        events.c.timestamp < scope.ends,
        ~again,
        ~exists().where(*closed, end.c.timestamp < scope.begins),
    )


REPORT = Report(
    name="audits",
    title="Audit findings",
    meaning="Findings of audits that were open at any time in the period.",
    groups=("audit",),
    figures=(
        Figure(name="recorded", title="Recorded", meaning="First recorded in the period.", where="recorded"),
        Figure(name="closed", title="Closed", meaning="Closed in the period.", where="closed"),
        Figure(name="open", title="Open", meaning="Not closed by its end.", where="open"),
        Figure(
            name="late",
            title="Overdue",
            meaning=f"Those of the open ones for which {OPEN_RULE} stands at its end.",
            where="late",
        ),
    ),
    cases=cases,
    chart="open",
    departments=("accounting",),
)
