"""How soon somebody takes an alert: from when it began to its first acknowledgement."""

from typing import Any

from sqlalchemy import Select, select

from consumers.archive.tables import alerts
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import flag

MINUTE = 60_000


def cases(scope: Scope) -> Select[Any]:
    """Each time that an alert began in the period."""
    taken = alerts.c.acknowledged_at.is_not(None)
    return select(
        alerts.c.department,
        alerts.c.severity,
        alerts.c.number,
        alerts.c.starts_at.label("at"),
        alerts.c.subject,
        alerts.c.rule.label("what"),
        flag(taken).label("taken"),
        flag(alerts.c.highest_step > 0).label("climbed"),
        (alerts.c.acknowledged_at - alerts.c.starts_at).label("waited"),
    ).where(alerts.c.starts_at >= scope.begins, alerts.c.starts_at < scope.ends)


REPORT = Report(
    name="acknowledged",
    title="Time to acknowledge",
    meaning="Of the alerts that began in the period: how many somebody took, and how long that took.",
    groups=("department", "severity"),
    figures=(
        Figure(name="alerts", title="Alerts", meaning="Times that an alert began in the period."),
        Figure(
            name="taken", title="Acknowledged", meaning="Those that were acknowledged, then or later.", where="taken"
        ),
        Figure(
            name="median",
            title="Median",
            meaning="Minutes from an alert's beginning to its first acknowledgement that half of them do not exceed "
            "(nearest rank).",
            kind="median",
            unit="min",
            where="taken",
            value="waited",
            divisor=MINUTE,
        ),
        Figure(
            name="p90",
            title="90 %",
            meaning="The same for nine in ten.",
            kind="p90",
            unit="min",
            where="taken",
            value="waited",
            divisor=MINUTE,
        ),
        Figure(
            name="climbed",
            title="Escalated",
            meaning="Those that reached a step of an escalation policy.",
            where="climbed",
        ),
    ),
    cases=cases,
    chart="median",
)
