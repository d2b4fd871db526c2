"""Alert noise: what fired, how much of it told nobody or was nothing, by rule."""

from typing import Any

from sqlalchemy import Select, exists, select

from consumers.archive.tables import alerts, events, notice_alerts
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import flag, said

FALSE = ("distinct", "waived")
"""Outcomes of a review that say the finding was none."""


def cases(scope: Scope) -> Select[Any]:
    """Each time that an alert began in the period."""
    told = exists().where(
        notice_alerts.c.fingerprint == alerts.c.fingerprint, notice_alerts.c.timestamp >= alerts.c.starts_at
    )
    refuted = exists().where(
        events.c.subject == alerts.c.subject,
        events.c.type == alerts.c.department + ".finding.reviewed",
        said(events, "rule") == alerts.c.rule,
        said(events, "outcome").in_(FALSE),
        events.c.timestamp >= alerts.c.starts_at,
    )
    return select(
        alerts.c.department,
        alerts.c.rule,
        alerts.c.number,
        alerts.c.starts_at.label("at"),
        alerts.c.subject,
        alerts.c.rule.label("what"),
        flag(alerts.c.suppressed).label("suppressed"),
        flag(told).label("told"),
        flag(refuted).label("refuted"),
    ).where(alerts.c.starts_at >= scope.begins, alerts.c.starts_at < scope.ends)


REPORT = Report(
    name="noise",
    title="Alert noise",
    meaning="Alerts that began in the period, by rule: how many told nobody, and how many were found to be nothing.",
    groups=("department", "rule"),
    figures=(
        Figure(name="fired", title="Fired", meaning="Times that an alert began in the period."),
        Figure(
            name="suppressed",
            title="Suppressed",
            meaning="Those that another alert explained, for a while at least.",
            where="suppressed",
        ),
        Figure(name="told", title="Told", meaning="Those of which a notice told somebody.", where="told"),
        Figure(
            name="false",
            title="False",
            meaning=f"Those that somebody looked at and found to be nothing (review: {' or '.join(FALSE)}).",
            where="refuted",
        ),
        Figure(
            name="false_rate",
            title="False rate",
            meaning="False, divided by fired.",
            kind="share",
            unit="%",
            where="refuted",
        ),
    ),
    cases=cases,
    chart="fired",
)
