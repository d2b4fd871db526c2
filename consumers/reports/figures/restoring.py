"""How soon things work again: outages, incidents and complaints that ended in the period, from their beginning."""

from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, select, union_all

from consumers.archive.tables import alerts, events
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import flag

HOUR = 3_600_000


def _outages(scope: Scope) -> Select[Any]:
    """Each time that a service worked again, by its alert: from when it was known to be down."""
    return select(
        literal("Outages of services").label("what_ended"),
        alerts.c.department,
        alerts.c.number,
        alerts.c.ends_at.label("at"),
        alerts.c.subject,
        alerts.c.rule.label("what"),
        (alerts.c.ends_at - alerts.c.starts_at).label("lasted"),
    ).where(alerts.c.rule == "it.outage", alerts.c.ends_at >= scope.begins, alerts.c.ends_at < scope.ends)


def _ended(title: str, department: str, begins: str, ends: str, scope: Scope) -> Select[Any]:
    """The last end of each case in the period, from the first record of its beginning."""
    later, first = events.alias("later"), events.alias("first")
    began = (
        select(func.min(first.c.timestamp))
        .where(first.c.subject == events.c.subject, first.c.type == begins)
        .scalar_subquery()
    )
    again = exists().where(
        later.c.subject == events.c.subject,
        later.c.type == ends,
        later.c.timestamp < scope.ends,
        (later.c.timestamp > events.c.timestamp)
        | and_(later.c.timestamp == events.c.timestamp, later.c.number > events.c.number),
    )
    return select(
        literal(title).label("what_ended"),
        events.c.department,
        events.c.number,
        events.c.timestamp.label("at"),
        events.c.subject,
        events.c.type.label("what"),
        (events.c.timestamp - began).label("lasted"),
    ).where(
        events.c.department == department,
        events.c.type == ends,
        events.c.timestamp >= scope.begins,
        events.c.timestamp < scope.ends,
        ~again,
    )


def cases(scope: Scope) -> Select[Any]:
    found = union_all(
        _outages(scope),
        _ended("Incidents", "it", "it.incident.opened", "it.incident.resolved", scope),
        _ended(
            "Complaints",
            "front_office",
            "front_office.complaint.received",
            "front_office.complaint.resolved",
            scope,
        ),
    ).subquery()
    return select(found, flag(found.c.lasted.is_not(None)).label("known"))


REPORT = Report(
    name="restored",
    title="Time to restore",
    meaning="Of what ended in the period: how long it had lasted, from its first record to its last end.",
    groups=("what_ended",),
    figures=(
        Figure(name="ended", title="Ended", meaning="Cases whose last end so far is in the period."),
        Figure(
            name="median",
            title="Median",
            meaning="Hours that half of them did not exceed (nearest rank). One whose beginning is not on record is "
            "left out.",
            kind="median",
            unit="h",
            where="known",
            value="lasted",
            divisor=HOUR,
        ),
        Figure(
            name="p90",
            title="90 %",
            meaning="The same for nine in ten.",
            kind="p90",
            unit="h",
            where="known",
            value="lasted",
            divisor=HOUR,
        ),
        Figure(
            name="longest",
            title="Longest",
            meaning="The longest of them, in hours.",
            kind="largest",
            unit="h",
            where="known",
            value="lasted",
            divisor=HOUR,
        ),
    ),
    cases=cases,
    totals=False,
    chart="median",
    departments=("it", "front_office"),
)
