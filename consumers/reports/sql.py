"""What figures need of SQL, said so that SQLite and PostgreSQL answer alike: texts, numbers and instants in JSON."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Numeric, and_, case, cast, func, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

SCALE = 10_000
"""Amounts are counted in ten-thousandths, as whole numbers: no database rounds their sum.

Exact up to 900,000 million units of a currency.
"""

Column = ColumnElement[Any]


class _Milliseconds(FunctionElement[int]):
    """An RFC 3339 text as milliseconds since the epoch, whole seconds; NULL where there is none."""

    type = BigInteger()
    inherit_cache = True


@compiles(_Milliseconds, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(CAST(strftime('%s', {compiler.process(element.clauses, **kw)}) AS INTEGER) * 1000)"


@compiles(_Milliseconds)
def _elsewhere(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(FLOOR(EXTRACT(EPOCH FROM CAST({compiler.process(element.clauses, **kw)} AS timestamptz)))::bigint * 1000)"


def said(table: Any, *path: str) -> Column:
    """What an event says under this path of its data, as text; NULL where it says nothing."""
    body: Any = table.c.body
    return body[("data", *path)].as_string()  # type: ignore[no-any-return]


def earlier(one: Any, than: Any) -> Column:
    """Whether a record stands before another on the log; of two at one instant, the one with the lower number."""
    at_once = and_(one.c.timestamp == than.c.timestamp, one.c.number < than.c.number)
    return or_(one.c.timestamp < than.c.timestamp, at_once)


def yes(table: Any, *path: str) -> Column:
    """Whether an event says that it is so."""
    return func.lower(said(table, *path)).in_(("true", "1"))


def instant(text: Column) -> Column:
    """A text such as 2026-01-05T08:00:00Z, in milliseconds."""
    return _Milliseconds(text)


def scaled(text: Column) -> Column:
    """A decimal number that is written as text, in ten-thousandths."""
    return cast(func.round(cast(text, Numeric) * SCALE), BigInteger)


def flag(condition: Column) -> Column:
    """1 where it holds, else 0."""
    return case((condition, literal(1)), else_=literal(0)).cast(Integer)


def label(labels: Any, name: str) -> Column:
    """An alert's label."""
    return labels[name].as_string()  # type: ignore[no-any-return]
