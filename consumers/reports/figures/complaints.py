"""Complaints by cause: the service that they name, else the product; as somebody who looked at it said last."""

from typing import Any

from sqlalchemy import Select, exists, func, select

from consumers.archive.tables import alerts, events
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import Column, earlier, flag, said

RECEIVED, ASSIGNED = "front_office.complaint.received", "front_office.complaint.assigned"

NOT_SAID = "not said"

LATE = (
    "front_office.first_response",
    "front_office.next_response",
    "front_office.resolution",
    "front_office.regulator_deadline",
)


def cases(scope: Scope) -> Select[Any]:
    """Each complaint whose first record is in the period."""
    before, assigned = events.alias("earlier"), events.alias("assigned")
    found_out = (
        select(said(assigned, "service"))
        .where(
            assigned.c.subject == events.c.subject,
            assigned.c.type == ASSIGNED,
            said(assigned, "service").is_not(None),
        )
        .order_by(assigned.c.timestamp.desc(), assigned.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    again = exists().where(before.c.subject == events.c.subject, before.c.type == RECEIVED, earlier(before, events))
    cause = func.coalesce(found_out, said(events, "service"), said(events, "product"), NOT_SAID)
    return select(
        events.c.department,
        cause.label("cause"),
        events.c.number,
        events.c.timestamp.label("at"),
        events.c.subject,
        events.c.type.label("what"),
        flag(_alerted("front_office.escalated")).label("escalated"),
        flag(_alerted(*LATE)).label("late"),
        flag(_explained()).label("explained"),
    ).where(
        events.c.department == "front_office",
        events.c.type == RECEIVED,
        events.c.timestamp >= scope.begins,
        events.c.timestamp < scope.ends,
        ~again,
    )


def _alerted(*rules: str) -> Column:
    return exists().where(alerts.c.subject == events.c.subject, alerts.c.rule.in_(rules))


def _explained() -> Column:
    return exists().where(alerts.c.subject == events.c.subject, alerts.c.suppressed)


REPORT = Report(
    name="complaints",
    title="Complaints by cause",
    meaning="Complaints that came in the period, by the service or product that they are about.",
    groups=("cause",),
    figures=(
        Figure(name="received", title="Received", meaning="Complaints whose first record is in the period."),
        Figure(
            name="escalated",
            title="Escalated",
            meaning="Those that a representative could not solve, or whose client did not accept the answer.",
            where="escalated",
        ),
        Figure(name="late", title="Late", meaning="Those that missed any of their targets.", where="late"),
        Figure(
            name="explained",
            title="By an outage",
            meaning="Those of which an alert was explained by an outage.",
            where="explained",
        ),
    ),
    cases=cases,
    chart="received",
    departments=("front_office",),
)
