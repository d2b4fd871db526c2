"""Overdue work: alerts of a deadline that passed, which stand at the end of the period."""

from typing import Any

from sqlalchemy import Select, or_, select

from consumers.archive.tables import alerts
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import Column, flag

DAY = 86_400_000


def stands(scope: Scope) -> Column:
    """Whether an alert stands at the end of the period, or now where that is earlier."""
    began = alerts.c.starts_at < scope.stands
    return began & or_(alerts.c.ends_at.is_(None), alerts.c.ends_at >= scope.stands)


def cases(scope: Scope) -> Select[Any]:
    return select(
        alerts.c.department,
        alerts.c.rule,
        alerts.c.number,
        alerts.c.starts_at.label("at"),
        alerts.c.subject,
        alerts.c.rule.label("what"),
        flag(alerts.c.acknowledged_at.is_(None)).label("untaken"),
        (scope.stands - alerts.c.due).label("late"),
    ).where(alerts.c.due.is_not(None), stands(scope))


REPORT = Report(
    name="overdue",
    title="Overdue work",
    meaning="Work whose deadline had passed and which was not done at the end of the period.",
    groups=("department", "rule"),
    figures=(
        Figure(name="overdue", title="Overdue", meaning="Alerts of a deadline that stand at the period's end."),
        Figure(name="untaken", title="Nobody has it", meaning="Those that were never acknowledged.", where="untaken"),
        Figure(
            name="median",
            title="Median age",
            meaning="Days since the deadline that half of them do not exceed (nearest rank).",
            kind="median",
            unit="days",
            value="late",
            divisor=DAY,
        ),
        Figure(
            name="oldest",
            title="Oldest",
            meaning="Days since the deadline that passed first.",
            kind="largest",
            unit="days",
            value="late",
            divisor=DAY,
        ),
    ),
    cases=cases,
    chart="overdue",
)
