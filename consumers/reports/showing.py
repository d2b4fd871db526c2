"""Reports as people and programs read them: HTML that prints and can be mailed, CSV, JSON."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, StrictUndefined

from consumers.reports.figure import BadReport, Cell, Figure, Line, Report, Result, Scope

Link = Callable[[Result, Line, Cell], str | None]
"""The address of the records that a figure counts; None: there is none."""

ALL = "All"
"""The name of all groups together."""


def no_link(result: Result, line: Line, cell: Cell) -> str | None:
    return None


def records_address(report: Report, figure: Figure, group: Sequence[str], scope: Scope, base: str = "") -> str:
    """Where the console shows the records behind a figure. No group: those of all."""
    period = scope.period
    asked: list[tuple[str, str]] = [
        ("figure", figure.name),
        *([("group", json.dumps(list(group), ensure_ascii=False))] if group else []),
        ("from", str(period.first)),
        ("to", str(period.last)),
    ]
    if scope.department:
        asked.append(("department", scope.department))
    return f"{base.rstrip('/')}/reports/{report.name}?{urlencode(asked)}"


def group_of(text: str | None) -> tuple[str, ...] | None:
    """The group that such an address names; None: all of them. Raises BadReport."""
    if not text:
        return None
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise BadReport("this address names no group of a report")
    return tuple(parts)


def links_to(base: str) -> Link:
    """Links into a console at this address. A figure that counts nothing has none."""

    def link(result: Result, line: Line, cell: Cell) -> str | None:
        if not cell.records:
            return None
        return records_address(result.report, cell.figure, line.group, result.scope, base)

    return link


def text(cell: Cell) -> str:
    """A figure as people read it, with its unit; a dash where there is nothing to say."""
    value, unit = cell.value, cell.figure.unit
    if value is None:
        return "-"
    match unit:
        case "%" | "points":
            return f"{value:,.1f} {unit}"
        case "money":
            return f"{value:,.2f}"
        case "h" | "min" | "days":
            return f"{value:,.1f} {unit}"
    return f"{value:,}"


def group_name(line: Line) -> str:
    return " · ".join(line.group) or ALL


def as_html(results: Iterable[Result], title: str, link: Link = no_link) -> str:
    """One page of all these reports. It loads nothing from anywhere, prints well, and a mail program shows it."""
    found = list(results)
    return _TEMPLATE.render(title=title, results=found, link=link, text=text, name=group_name, bar=_bar, ALL=ALL)


def as_csv(results: Iterable[Result]) -> str:
    """A row for each figure of each group."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(("report", "from", "to", "department", "group", "figure", "value", "unit", "records"))
    for result in results:
        scope = result.scope
        head = (result.report.name, scope.period.first, scope.period.last, scope.department or "")
        for line in (*result.lines, *([result.total] if result.total else [])):
            for cell in line.cells:
                value = "" if cell.value is None else cell.value
                row = (*head, _harmless(group_name(line)), cell.figure.name, value, cell.figure.unit, cell.records)
                writer.writerow(row)
    return made.getvalue()


def as_json(results: Iterable[Result]) -> str:
    return json.dumps([as_value(result) for result in results], ensure_ascii=False, indent=1)


def as_value(result: Result) -> dict[str, Any]:
    """One report, for other programs."""
    scope = result.scope
    return {
        "report": result.report.name,
        "title": result.report.title,
        "from": scope.period.first.isoformat(),
        "to": scope.period.last.isoformat(),
        "time_zone": scope.period.zone,
        "department": scope.department,
        "figures": {f.name: {"meaning": f.meaning, "unit": f.unit} for f in result.report.figures},
        "groups": [_line(result.report, line) for line in result.lines],
        "all": _line(result.report, result.total)["figures"] if result.total else None,
    }


def _line(report: Report, line: Line) -> dict[str, Any]:
    names: Mapping[str, str] = dict(zip(report.groups, line.group, strict=False))
    return {"group": names, "figures": {c.figure.name: {"value": c.value, "records": c.records} for c in line.cells}}


def _harmless(text: str) -> str:
    """A spreadsheet takes a text that begins so for a formula, and ids come from outside."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and text != "-" else text


def _bar(result: Result, line: Line) -> int:
    """How long the line's bar is, in percent of the longest; 0 for none."""
    name = result.report.chart
    values = {id(each): cell.value or 0 for each in result.lines for cell in each.cells if cell.figure.name == name}
    most = max(values.values(), default=0)
    return round(100 * max(values.get(id(line), 0), 0) / most) if most > 0 else 0


_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
_TEMPLATE = _ENVIRONMENT.from_string(
    (resources.files("consumers.reports") / "wording" / "report.html.j2").read_text(encoding="utf-8")
)
