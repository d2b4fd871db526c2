"""*Reports*: figures with charts, and the records behind each of them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from nicegui import run, ui

from consumers.archive.databases.base import Away, NotOpened
from consumers.console.page import Page
from consumers.console.parts import heading, instant, text
from consumers.console.theme import CHART_INK, COLORS
from consumers.console.visit import Visit
from consumers.reports.desk import Reports
from consumers.reports.figure import BadReport, Counted, Figure, Line, Result, Scope
from consumers.reports.figures import report_named
from consumers.reports.period import BadPeriod
from consumers.reports.showing import as_csv, as_html, group_name, group_of, links_to
from consumers.reports.showing import text as in_words

CHARTED = 12
"""Groups that a chart shows."""

SHOWN = 500
"""Records of a figure that a page shows."""

T = TypeVar("T")


def build(visit: Visit) -> None:
    heading("Reports")
    reports = _reports(visit)
    if reports is None:
        return
    asked = _scope(visit, reports)
    if asked is not None:
        _Reports(visit, reports, asked)


PAGE = Page("/reports", "Reports", "summarize", build)


class _Reports:
    """All reports of a period. They come one after the other: each is shown when it is there."""

    def __init__(self, visit: Visit, reports: Reports, scope: Scope) -> None:
        self._visit = visit
        self._reports = reports
        self._scope = scope
        self._results: list[Result] = []
        with ui.element("div").classes("row-wrap actions"):
            ui.button("Print", on_click=lambda: ui.run_javascript("window.print()")).props("outline no-caps")
            ui.button("CSV", on_click=self._csv).props("outline no-caps")
            ui.button("HTML", on_click=self._html).props("outline no-caps")
        self._waiting = text("p", "Counting…").props('role="status"').classes("soft")
        self._place = ui.element("div").style("width: 100%")
        ui.timer(0.01, self._take, once=True)

    async def _take(self) -> None:
        for report in self._reports.named("all"):
            found = await _found(lambda report=report: self._reports.take([report], self._scope))  # type: ignore[misc]
            if found is None:
                break
            self._results += found
            with self._place:
                for result in found:
                    _report(self._visit, result)
        self._waiting.text = f"{self._scope.period}, known until {instant(self._scope.at)}."

    def _csv(self) -> None:
        ui.download.content(as_csv(self._results), f"{self._name()}.csv", "text/csv")

    def _html(self) -> None:
        page = as_html(self._results, "Back office: reports", links_to(self._visit.base))
        ui.download.content(page, f"{self._name()}.html", "text/html")

    def _name(self) -> str:
        return f"reports-{self._scope.period.first}-{self._scope.period.last}"


def build_records(visit: Visit) -> None:
    heading("Records behind a figure")
    reports = _reports(visit)
    if reports is None:
        return
    try:
        report = report_named(visit.path["name"])
        figure = report.figure(visit.query.get("figure", report.figures[0].name))
        scope = _asked(visit, reports)
        group = group_of(visit.query.get("group"))
    except (BadReport, BadPeriod) as error:
        ui.label(str(error)).classes("old").props('role="alert"')
        return
    text("p", f"{report.title}, {group_name(Line(group or (), ()))}: {figure.title}, {scope.period}.")
    text("p", figure.meaning).classes("soft")
    place = ui.element("div").style("width: 100%")

    async def take() -> None:
        name = figure.name
        found = await _found(lambda: reports.records(report.name, name, group, scope, SHOWN))
        if found is not None:
            with place:
                _records(visit, found, figure)

    ui.timer(0.01, take, once=True)


RECORDS = Page("/reports/{name}", "Records", "summarize", build_records, in_menu=False)


async def _found(take: Callable[[], T]) -> T | None:
    """Counts in a thread; what went wrong is said on the page."""
    try:
        return await run.io_bound(take)
    except (Away, NotOpened, BadReport) as error:
        ui.label(f"The archive cannot be read: {error}").classes("old").props('role="alert"')
        return None


def _reports(visit: Visit) -> Reports | None:
    if visit.desk.reports is None:
        ui.label("There are no reports in this program: they need the archive.")
    return visit.desk.reports


def _scope(visit: Visit, reports: Reports) -> Scope | None:
    """What is asked for, and the form that asks. A plain form: its address can be kept and sent to others."""
    scope, wrong = None, ""
    try:
        scope = _asked(visit, reports)
    except (BadPeriod, BadReport) as error:
        wrong = str(error)
    with ui.element("form").props(f'action="{visit.url("/reports")}"').classes("row-wrap panel actions"):
        for name, title, day in (
            ("from", "From", scope.period.first if scope else ""),
            ("to", "To the end of", scope.period.last if scope else ""),
        ):
            with ui.element("label"):
                text("span", title)
                ui.element("input").props(f'type="date" name="{name}" value="{day}"').style("margin-left: .4rem")
        with ui.element("label"):
            text("span", "Department")
            with ui.element("select").props('name="department"').style("margin-left: .4rem"):
                for department in ("", *reports.departments):
                    chosen = " selected" if scope and department == (scope.department or "") else ""
                    text("option", department.replace("_", " ") or "all").props(f'value="{department}"{chosen}')
        ui.button("Show").props('type="submit" no-caps')
    if wrong:
        ui.label(wrong).classes("old").props('role="alert"')
    return scope


def _asked(visit: Visit, reports: Reports) -> Scope:
    """Raises BadPeriod, BadReport."""
    first, last, department = (visit.query.get(name) or None for name in ("from", "to", "department"))
    return reports.scope(first, last, department)


def _report(visit: Visit, result: Result) -> None:
    report = result.report
    with ui.element("section").classes("panel").style("margin-top: 1rem"):
        text("h2", report.title)
        text("p", report.meaning).classes("soft")
        if not result.lines:
            text("p", "Nothing in this period.")
            return
        _chart(result)
        with ui.element("div").classes("wide"), text("table").classes("alerts"):
            with ui.element("thead"), ui.element("tr"):
                text("th", ", ".join(report.groups).replace("_", " ")).props('scope="col"')
                for figure in report.figures:
                    text("th", figure.title).props(f'scope="col" title="{figure.meaning}"')
            with ui.element("tbody"):
                for line in (*result.lines, *_all(result)):
                    _line(visit, result, line)


def _all(result: Result) -> Sequence[Line]:
    return (result.total,) if result.total is not None and len(result.lines) > 1 else ()


def _line(visit: Visit, result: Result, line: Line) -> None:
    link = links_to(visit.base)
    with ui.element("tr"):
        text("td", group_name(line)).classes("what" if line.group else "what text-weight-bold")
        for cell in line.cells:
            with ui.element("td").classes("few"):
                address = link(result, line, cell)
                if address is None:
                    text("span", in_words(cell))
                else:
                    anchor = text("a", in_words(cell)).props(f'href="{address}"')
                    anchor.props(f'aria-label="{cell.figure.title}: {in_words(cell)}, show the records"')


def _chart(result: Result) -> None:
    """The figure that says most, by group. What it shows is in the table, too."""
    name = result.report.chart
    if name is None:
        return
    figure = result.report.figure(name)
    shown = list(result.lines[:CHARTED])
    values = [next(cell.value for cell in line.cells if cell.figure.name == name) for line in shown]
    ink = {"axisLabel": {"color": CHART_INK}, "axisLine": {"lineStyle": {"color": CHART_INK}}}
    label = f"{result.report.title}: {figure.title} by {', '.join(result.report.groups)}".replace("_", " ")
    (
        ui.echart(
            {
                "animation": False,
                "aria": {"enabled": True},
                "grid": {"left": 8, "right": 24, "top": 8, "bottom": 8, "containLabel": True},
                "tooltip": {"trigger": "axis"},
                "xAxis": {"type": "value", "splitLine": {"lineStyle": {"opacity": 0.2}}, **ink},
                "yAxis": {"type": "category", "inverse": True, "data": [group_name(line) for line in shown], **ink},
                "series": [{"name": figure.title, "type": "bar", "color": COLORS["info"], "data": values}],
            }
        )
        .props(f'role="img" aria-label="{label}"')
        .style(f"height: {3 + 1.8 * len(shown)}rem; width: 100%")
    )


def _records(visit: Visit, found: Sequence[Counted], figure: Figure) -> None:
    many = f"The newest {SHOWN} records." if len(found) == SHOWN else f"{len(found)} records."
    text("p", many if len(found) != 1 else "1 record.").props('role="status"')
    with ui.element("div").classes("wide"), text("table").classes("alerts"):
        with ui.element("thead"), ui.element("tr"):
            for title in ("When", "About", "What", *([figure.unit or "value"] if figure.value else []), "Record"):
                text("th", title).props('scope="col"')
        with ui.element("tbody"):
            for one in found:
                with ui.element("tr"):
                    text("td", instant(one.at)).classes("few")
                    with ui.element("td").classes("what"):
                        address = visit.url("/look-up", subject=one.subject)
                        text("a", one.subject).props(f'href="{address}"')
                    text("td", one.what).classes("few")
                    if figure.value:
                        text("td", "" if one.value is None else f"{one.value:,}").classes("few")
                    text("td", f"{one.topic}[{one.partition}]@{one.offset}").classes("few soft")
