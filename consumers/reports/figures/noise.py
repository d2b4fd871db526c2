"""Alert noise: what fired, how much of it told nobody or was nothing, by rule."""

from typing import Any

from sqlalchemy import Select, exists, or_, select

from consumers.archive.tables import alerts, audit, events, notice_alerts
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import Column, flag, said, yes

FALSE = ("distinct", "waived")
"""Outcomes of a review that say the finding was none."""

JUDGED = "audit.alert.judged"
"""An operator calls an alert a false alarm, or takes that back: the last word counts."""


def cases(scope: Scope) -> Select[Any]:
    """Each time that an alert began in the period."""
    told = exists().where(
        notice_alerts.c.fingerprint == alerts.c.fingerprint, *_of_this_time(notice_alerts.c.timestamp)
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
        flag(or_(_refuted(), _called_false())).label("refuted"),
    ).where(alerts.c.starts_at >= scope.begins, alerts.c.starts_at < scope.ends)


def _of_this_time(timestamp: Column) -> tuple[Column, Column]:
    """Said while the alert fired, or before it fired again."""
    again = alerts.alias("again")
    later = exists().where(
        again.c.fingerprint == alerts.c.fingerprint,
        again.c.starts_at > alerts.c.starts_at,
        again.c.starts_at <= timestamp,
    )
    return timestamp >= alerts.c.starts_at, ~later


def _refuted() -> Column:
    return exists().where(
        events.c.subject == alerts.c.subject,
        events.c.type == alerts.c.department + ".finding.reviewed",
        said(events, "rule") == alerts.c.rule,
        said(events, "outcome").in_(FALSE),
        *_of_this_time(events.c.timestamp),
    )


def _called_false() -> Column:
    after = audit.alias("after")
    again = exists().where(after.c.subject == audit.c.subject, after.c.type == JUDGED, after.c.number > audit.c.number)
    return exists().where(
        audit.c.subject == "alert/" + alerts.c.fingerprint,
        audit.c.type == JUDGED,
        yes(audit, "false_alarm"),
        *_of_this_time(audit.c.timestamp),
        ~again,
    )


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
            meaning="Those that somebody called a false alarm, or whose finding was reviewed as "
            f"{' or '.join(FALSE)}, before it fired again.",
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
