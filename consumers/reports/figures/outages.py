"""Outages: how long services were down, and what it cost elsewhere, as the impact ledger books it.

An outage's beginning and end are what was said of it last (`it.outage.detected`, `.updated`, `.resolved`). What an
impact says is what was said of it with the highest revision. It is an outage's doing when it touches the outage: it
began before the outage's end and ended after its beginning; a complaint may come up to `GRACE` after the end. One that
touches two outages of a service is counted once.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import CTE, Select, and_, case, exists, func, literal, or_, select

from consumers.archive.tables import events, facts
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import SCALE, flag, instant, said, scaled, yes

GRACE = timedelta(minutes=30)
"""As `correlation.outage_grace_minutes` has it unless told otherwise."""

HOUR = 3_600_000
TOLD = ("it.outage.detected", "it.outage.updated", "it.outage.resolved")
IMPACT = "facts.impact.reported"
WORDS = {"complaint": "Complaints", "order": "Delayed orders", "invoice": "Late invoices", "overrun": "Budget overruns"}


def _newest(what: str, scope: Scope) -> CTE:
    """What was last said of each outage under a field that not all of its events have."""
    value = said(events, what)
    ranked = (
        select(
            events.c.subject,
            said(events, "outage").label("outage"),
            instant(value).label(what),
            func.row_number()
            .over(
                partition_by=(events.c.subject, said(events, "outage")),
                order_by=(events.c.timestamp.desc(), events.c.number.desc()),
            )
            .label("rank"),
        )
        .where(
            events.c.department == "it",
            events.c.type.in_(TOLD),
            events.c.timestamp < scope.ends,
            value.is_not(None),
        )
        .subquery()
    )
    return select(ranked).where(ranked.c.rank == 1).cte(f"last_{what}")


def _outages(scope: Scope) -> CTE:
    """Each outage once, by the record that told of it first."""
    ranked = (
        select(
            events.c.number,
            events.c.department,
            events.c.subject,
            events.c.type,
            said(events, "outage").label("outage"),
            func.row_number()
            .over(
                partition_by=(events.c.subject, said(events, "outage")),
                order_by=(events.c.timestamp, events.c.number),
            )
            .label("rank"),
        )
        .where(events.c.department == "it", events.c.type.in_(TOLD), events.c.timestamp < scope.ends)
        .subquery()
    )
    since, until = _newest("since", scope), _newest("until", scope)
    return (
        select(
            ranked.c.number,
            ranked.c.department,
            ranked.c.subject,
            ranked.c.type,
            ranked.c.outage,
            since.c.since,
            until.c.until,
        )
        .select_from(ranked)
        .join(since, and_(since.c.subject == ranked.c.subject, since.c.outage == ranked.c.outage))
        .outerjoin(until, and_(until.c.subject == ranked.c.subject, until.c.outage == ranked.c.outage))
        .where(ranked.c.rank == 1)
        .cte("outages")
    )


def _touches(outages: CTE, scope: Scope) -> Any:
    """Whether an outage touches the period."""
    return and_(outages.c.since < scope.stands, or_(outages.c.until.is_(None), outages.c.until >= scope.begins))


def downtime(scope: Scope) -> Select[Any]:
    """Each outage that touches the period, and how long of it it lasted."""
    found = _outages(scope)
    end = func.coalesce(found.c.until, scope.stands)
    last = case((end < scope.stands, end), else_=scope.stands)
    first = case((found.c.since > scope.begins, found.c.since), else_=scope.begins)
    return select(
        found.c.department,
        found.c.subject.label("service"),
        found.c.number,
        found.c.since.label("at"),
        found.c.subject,
        found.c.outage.label("what"),
        flag(found.c.since >= scope.begins).label("began"),
        flag(found.c.until.is_(None) | (found.c.until >= scope.stands)).label("lasts"),
        (last - first).label("down"),
    ).where(_touches(found, scope))


def impact(scope: Scope) -> Select[Any]:
    """What was reported of services, as it was said last, and touches an outage of the period."""
    ranked = (
        select(
            facts,
            func.row_number()
            .over(
                partition_by=(facts.c.subject, said(facts, "what"), said(facts, "reference")),
                order_by=(
                    func.length(said(facts, "revision")).desc(),
                    said(facts, "revision").desc(),
                    facts.c.timestamp.desc(),
                    facts.c.number.desc(),
                ),
            )
            .label("rank"),
        )
        .where(facts.c.type == IMPACT, facts.c.timestamp < scope.ends)
        .subquery()
    )
    outages = _outages(scope)
    what = said(ranked, "what")
    late = case((what == "complaint", int(GRACE.total_seconds() * 1000)), else_=0)
    overlaps = exists().where(
        outages.c.subject == ranked.c.subject,
        _touches(outages, scope),
        outages.c.since <= instant(said(ranked, "until")),
        or_(outages.c.until.is_(None), instant(said(ranked, "since")) <= outages.c.until + late),
    )
    return select(
        literal("it").label("department"),
        ranked.c.subject.label("service"),
        case(*((what == name, words) for name, words in WORDS.items()), else_=what).label("impact"),
        func.coalesce(said(ranked, "money", "currency"), "-").label("currency"),
        ranked.c.number,
        ranked.c.timestamp.label("at"),
        ranked.c.subject,
        said(ranked, "reference").label("what"),
        flag(said(ranked, "money", "amount").is_not(None)).label("costs"),
        scaled(said(ranked, "money", "amount")).label("money"),
        scaled(said(ranked, "hours")).label("hours"),
    ).where(ranked.c.rank == 1, yes(ranked, "holds"), overlaps)


DOWNTIME = Report(
    name="outages",
    title="Outages",
    meaning="Services that were down in the period.",
    groups=("service",),
    figures=(
        Figure(name="outages", title="Outages", meaning="Outages that lasted at any time in the period."),
        Figure(name="began", title="Began", meaning="Those that began in it.", where="began"),
        Figure(name="lasts", title="Still down", meaning="Those that last at its end.", where="lasts"),
        Figure(
            name="down",
            title="Hours down",
            meaning="Hours of the period that outages lasted, added up; two at once count twice.",
            kind="total",
            unit="h",
            value="down",
            divisor=HOUR,
        ),
    ),
    cases=downtime,
    chart="down",
    departments=("it",),
)

IMPACT_FIGURES = (
    Figure(name="count", title="How many", meaning="What was reported and touches an outage of its service."),
    Figure(
        name="money",
        title="Money",
        meaning="What is late or lost, added up, in the currency of the line.",
        kind="total",
        unit="money",
        where="costs",
        value="money",
        divisor=SCALE,
    ),
    Figure(
        name="hours",
        title="Hours",
        meaning="Working time that it took, added up, as far as known.",
        kind="total",
        unit="h",
        value="hours",
        divisor=SCALE,
    ),
)

IMPACT_REPORT = Report(
    name="impact",
    title="Impact of outages",
    meaning="Complaints, delayed orders, late invoices and overruns that the period's outages had a part in.",
    groups=("service", "impact", "currency"),
    figures=IMPACT_FIGURES,
    cases=impact,
    totals=False,
    chart="count",
    departments=("it",),
)
