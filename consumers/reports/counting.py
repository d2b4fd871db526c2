"""Figures and the records behind them, by SQL over the archive."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, select, true

from consumers.archive.tables import OFFSET_BITS, PARTITION_BITS, topics
from consumers.reports.figure import BadReport, Cell, Counted, Figure, Line, Report, Result, Scope

MOST_LINES = 500
"""Groups of one report that are shown: those with the most cases."""

_PERCENT = {"median": 50, "p90": 90}

Cases = Any
"""A report's cases, as a named part of a query."""


def result(connection: Connection, report: Report, scope: Scope) -> Result:
    """The figures of a report, by group and over all."""
    return Result(report, scope, _lines(connection, report, scope, report.groups), _total(connection, report, scope))


def records(
    connection: Connection,
    report: Report,
    figure: Figure,
    group: Sequence[str] | None,
    scope: Scope,
    limit: int = 100,
    offset: int = 0,
) -> list[Counted]:
    """The records that a figure of one group counts (None: of all groups), newest first. Raises BadReport."""
    cases = _cases(report, scope)
    value = cases.c[figure.value] if figure.value else literal(None)
    where = _counted(cases, figure)
    if group is not None:
        if len(group) != len(report.groups):
            raise BadReport(f"a group of {report.name} is told by {', '.join(report.groups)}")
        where = and_(where, *(_name(cases, column) == part for column, part in zip(report.groups, group, strict=True)))
    chosen = (
        select(cases.c.number, cases.c.at, cases.c.subject, cases.c.what, value.label("value"))
        .where(where)
        .order_by(cases.c.at.desc(), cases.c.number.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(chosen).all()
    names = {row.id: row.name for row in connection.execute(select(topics.c.id, topics.c.name))}
    return [_as_counted(row, figure, names) for row in rows]


def _as_counted(row: Any, figure: Figure, names: Mapping[int, str]) -> Counted:
    number = row.number
    return Counted(
        names.get(number >> PARTITION_BITS + OFFSET_BITS, "?"),
        number >> OFFSET_BITS & (1 << PARTITION_BITS) - 1,
        number & (1 << OFFSET_BITS) - 1,
        datetime.fromtimestamp(row.at / 1000, UTC),
        row.subject,
        row.what,
        _in_unit(row.value, figure),
    )


def _total(connection: Connection, report: Report, scope: Scope) -> Line | None:
    return _lines(connection, report, scope, ())[0] if report.totals else None


def _lines(connection: Connection, report: Report, scope: Scope, groups: Sequence[str]) -> list[Line]:
    cases = _cases(report, scope)
    ranked = _ranked(report, cases, groups)
    names = [_name(ranked, column) for column in groups]
    columns: list[ColumnElement[Any]] = [func.count().label("cases")]
    for n, figure in enumerate(report.figures):
        columns.append(_sum_of(_counted(ranked, figure)).label(f"n{n}"))
        columns.append(_value(ranked, figure, n).label(f"v{n}"))
    query = select(*names, *columns).select_from(ranked)
    if names:
        query = query.group_by(*names).order_by(func.count().desc(), *names).limit(MOST_LINES)
    lines = []
    for row in connection.execute(query).all():
        found = row._mapping
        cells = [
            Cell(figure, _shown(figure, found[f"v{n}"], found[f"n{n}"]), found[f"n{n}"] or 0)
            for n, figure in enumerate(report.figures)
        ]
        lines.append(Line(tuple(str(part) for part in row[: len(names)]), cells))
    return lines


def _cases(report: Report, scope: Scope) -> Cases:
    found = report.cases(scope).cte("cases")
    if scope.department is None:
        return found
    return select(found).where(found.c.department == scope.department).cte("of_department")


def _ranked(report: Report, cases: Cases, groups: Sequence[str]) -> Cases:
    """The cases, each with its rank among those that a percentile counts, and how many these are."""
    partition = [_name(cases, column) for column in groups]
    extra = []
    for n, figure in enumerate(report.figures):
        if figure.kind in _PERCENT:
            counts = case((_counted(cases, figure), 1), else_=0)
            by = [*partition, counts]
            extra.append(func.row_number().over(partition_by=by, order_by=_measured(cases, figure)).label(f"r{n}"))
            extra.append(func.count().over(partition_by=by).label(f"of{n}"))
    return select(cases, *extra).subquery("ranked")


def _value(ranked: Cases, figure: Figure, n: int) -> ColumnElement[Any]:
    counted = _counted(ranked, figure)
    match figure.kind:
        case "count":
            return _sum_of(counted)
        case "share":
            whole = ranked.c[figure.of] == 1 if figure.of else true()
            return _sum_of(whole)
        case "median" | "p90":
            # nearest rank: the smallest value that so many percent of the values do not exceed
            rank = (ranked.c[f"of{n}"] * _PERCENT[figure.kind] + 99) // 100
            at = and_(counted, ranked.c[f"r{n}"] == rank)
            return func.max(case((at, _measured(ranked, figure))))
        case "total":
            return func.sum(case((counted, _measured(ranked, figure))))
        case "largest":
            return func.max(case((counted, _measured(ranked, figure))))


def _shown(figure: Figure, value: Any, counted: Any) -> float | int | None:
    if figure.kind == "share":
        return round(100 * (counted or 0) / value, 1) if value else None
    if figure.kind == "count":
        return int(value or 0)
    return _in_unit(value, figure)


def _in_unit(value: Any, figure: Figure) -> float | int | None:
    return None if value is None else round(float(value) / figure.divisor, 2)


def _counted(cases: Cases, figure: Figure) -> ColumnElement[bool]:
    return cases.c[figure.where] == 1 if figure.where else true()


def _measured(cases: Cases, figure: Figure) -> ColumnElement[Any]:
    assert figure.value, f"{figure.name} measures nothing"
    found: ColumnElement[Any] = cases.c[figure.value]
    return found


def _sum_of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _name(cases: Cases, column: str) -> ColumnElement[Any]:
    """The part of a group's name; what has none is told by a dash."""
    return func.coalesce(cases.c[column], "-")


def only(report: Report, scope: Scope) -> Select[Any]:
    """The query of the cases by itself, for those who want to see it."""
    return select(_cases(report, scope))
