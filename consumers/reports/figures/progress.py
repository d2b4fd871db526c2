"""Budgets and goals: how far each is at the end of the period."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Numeric, Select, Subquery, and_, case, cast, func, literal, select, union_all

from consumers.archive.tables import events
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import SCALE, Column, flag, instant, said, scaled

BUDGET = ("manufacturing.budget.approved", "manufacturing.budget.changed")
BOOKED, REVERSED = "manufacturing.cost.booked", "manufacturing.cost.reversed"
SET, DROPPED, PROGRESSED = "management.goal.set", "management.goal.dropped", "management.goal.progressed"
DAY = 86_400_000


def _last(scope: Scope, types: tuple[str, ...], *by: Column) -> Subquery:
    """The last event of these types before the period's end, of each subject and what else tells them apart.

    Last by the event's own time: what is told late corrects nothing that was said of later.
    """
    rank = func.row_number().over(
        partition_by=(events.c.subject, *by),
        order_by=(events.c.time.desc(), events.c.timestamp.desc(), events.c.number.desc()),
    )
    department = types[0].partition(".")[0]
    chosen = events.c.department == department, events.c.type.in_(types), events.c.timestamp < scope.ends
    ranked = select(events, rank.label("rank")).where(*chosen).subquery()
    return select(ranked).where(ranked.c.rank == 1).subquery()


def _currency(table: Any) -> Column:
    return func.coalesce(said(table, "amount", "currency"), "EUR")


def _amounts(table: Subquery, kind: str) -> Select[Any]:
    return select(
        table.c.department,
        table.c.subject.label("project"),
        _currency(table).label("currency"),
        table.c.number,
        table.c.timestamp.label("at"),
        table.c.subject,
        table.c.type.label("what"),
        literal(int(kind == "budget")).label("is_budget"),
        literal(int(kind == "cost")).label("is_cost"),
        scaled(said(table, "amount", "amount")).label("amount"),
    )


def budgets(scope: Scope) -> Select[Any]:
    """The last word on each project's budget in each currency, and each booking that was not reversed."""
    budget = _last(scope, BUDGET, _currency(events))
    cost = _last(scope, (BOOKED, REVERSED), said(events, "booking"))
    booked = _amounts(cost, "cost").where(cost.c.type == BOOKED)
    return select(union_all(_amounts(budget, "budget"), booked).subquery())


def goals(scope: Scope) -> Select[Any]:
    """Each goal that is pursued, with its progress and where the straight line to its date is."""
    goal = _last(scope, (SET, DROPPED))
    progress = _last(scope, (PROGRESSED,))
    base = cast(func.coalesce(said(goal, "baseline_percent"), "0"), Numeric)
    begins = _beginning(said(goal, "starts_on"), scope)
    ends = _beginning(said(goal, "due_on"), scope) + DAY
    passed = case((scope.stands < begins, 0), (scope.stands > ends, ends - begins), else_=scope.stands - begins)
    line = base + (100 - base) * passed / func.nullif(ends - begins, 0)
    reached = func.coalesce(cast(said(progress, "percent"), Numeric), base)
    return (
        select(
            goal.c.department,
            goal.c.subject.label("goal"),
            func.coalesce(progress.c.number, goal.c.number).label("number"),
            func.coalesce(progress.c.timestamp, goal.c.timestamp).label("at"),
            goal.c.subject,
            func.coalesce(progress.c.type, goal.c.type).label("what"),
            func.round(reached * SCALE).label("reached"),
            func.round(line * SCALE).label("line"),
            flag(reached >= 100).label("done"),
            flag(reached < line).label("is_behind"),
            func.round((line - reached) * SCALE).label("behind"),
        )
        .select_from(goal)
        .outerjoin(progress, and_(progress.c.subject == goal.c.subject))
        .where(goal.c.type == SET)
    )


def _beginning(day: Column, scope: Scope) -> Column:
    """The beginning of a day, to the hour: the organisation's distance from UTC is taken as it is at the period's end.

    What that is wrong by, an hour where clocks have changed since, is a hundredth of a point in a goal of a year.
    """
    there = datetime.fromtimestamp(scope.stands / 1000, ZoneInfo(scope.period.zone)).utcoffset()
    shift = int(there.total_seconds() * 1000) if there else 0
    return instant(day + "T00:00:00Z") - shift


BUDGETS = Report(
    name="budgets",
    title="Budgets",
    meaning="What projects may spend and have spent by the end of the period. Each currency is by itself.",
    groups=("project", "currency"),
    figures=(
        Figure(
            name="budget",
            title="Budget",
            meaning="The last budget that was approved or changed before the period's end.",
            kind="total",
            unit="money",
            where="is_budget",
            value="amount",
            divisor=SCALE,
        ),
        Figure(
            name="booked",
            title="Booked",
            meaning="Costs booked before the period's end, each as it was said last, without those reversed.",
            kind="total",
            unit="money",
            where="is_cost",
            value="amount",
            divisor=SCALE,
        ),
        Figure(name="bookings", title="Bookings", meaning="How many of them there are.", where="is_cost"),
    ),
    cases=budgets,
    totals=False,
    chart="booked",
    departments=("manufacturing",),
)

GOALS = Report(
    name="goals",
    title="Goals",
    meaning="How far goals are at the end of the period, beside the straight line from their start to their date.",
    groups=("goal",),
    figures=(
        Figure(
            name="reached",
            title="Reached",
            meaning="The last progress that was told, in percent; what it began with where none was.",
            kind="largest",
            unit="%",
            value="reached",
            divisor=SCALE,
        ),
        Figure(
            name="line",
            title="Straight line",
            meaning="Baseline + (100 - baseline) times the share of its time that has passed, in percent.",
            kind="largest",
            unit="%",
            value="line",
            divisor=SCALE,
        ),
        Figure(
            name="behind",
            title="Behind",
            meaning="Points that it is behind the line; none where it is not.",
            kind="largest",
            unit="points",
            where="is_behind",
            value="behind",
            divisor=SCALE,
        ),
    ),
    cases=goals,
    totals=False,
    chart="reached",
    departments=("management",),
)
