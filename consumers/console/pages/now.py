"""*Now*: what is wrong, who has it, who is on call, and how the last hours went."""

from collections.abc import Mapping

from nicegui import ui

from consumers.console.alert_list import AlertList
from consumers.console.board import Board, Tile
from consumers.console.page import Page
from consumers.console.parts import ago, heading, instant, text
from consumers.console.pulse import Beat
from consumers.console.theme import CHART_INK, SEVERITY_COLORS
from consumers.console.visit import Visit
from schemas.signals import SEVERITIES

WORST = 15
"""How many alerts are listed; the others are a click away."""


def build(visit: Visit) -> None:
    heading("Now")
    with ui.element("section").props('aria-label="Departments"').classes("tiles"):
        tiles = {name: _Tile(visit, name) for name in visit.desk.inboxes}
    with ui.element("div").classes("columns"):
        with ui.element("section").classes("panel"):
            title = text("h2", "Alerts")
            alerts = AlertList(visit, "Nothing is wrong.")
            more = ui.link("", "/alerts")
        with ui.element("div"):
            with ui.element("section").classes("panel"):
                text("h2", "On call")
                on_call = ui.element("dl").classes("facts")
            with ui.element("section").classes("panel").style("margin-top: 1rem"):
                text("h2", "Alerts that began, last 12 hours")
                timeline = _timeline()
    shown: dict[str, object] = {}

    def show(board: Board) -> None:
        for name, tile in tiles.items():
            tile.show(board, dict(board.tiles).get(name, Tile({})), visit.desk.pulse.of(name))
        title.text = f"Alerts: {board.firing} open"
        alerts.show([row for row in board.rows if row.state != "resolved"][:WORST], board.at)
        more.text = "All alerts" if board.firing <= WORST else f"All {board.firing} open alerts"
        _show_duty(visit, board, on_call, shown)
        _show_timeline(board, timeline, shown)

    visit.live(show)


PAGE = Page("/", "Now", "speed", build)


class _Tile:
    """A department: what is open there, since when nobody has it, and how its inbox does."""

    def __init__(self, visit: Visit, name: str) -> None:
        with ui.element("a").props(f'href="{visit.url("/alerts", department=name)}"').classes("tile") as self._tile:
            text("b", name.replace("_", " "))
            with ui.element("div").classes("counts"):
                self._counts = {severity: text("span").classes(f"chip {severity}") for severity in SEVERITIES}
            self._oldest = text("small")
            self._pulse = text("small")
        self._worst = ""

    def show(self, board: Board, tile: Tile, beat: Beat) -> None:
        worst = next((severity for severity in SEVERITIES if tile.open_.get(severity)), "")
        if worst != self._worst:
            self._tile.classes(remove=self._worst, add=worst)
            self._worst = worst
        for severity, label in self._counts.items():
            count = tile.open_.get(severity, 0)
            label.text = f"{count} {severity}" if count else ""
            label.set_visibility(bool(count))
        since = tile.unacknowledged_since
        self._oldest.text = f"oldest unacknowledged: {ago(board.at - since)}" if since else _calm(tile.open_)
        self._pulse.text = (
            f"{beat.per_second:,.1f} events/s, lag {beat.lag:,}" if beat.known else "broker not asked yet"
        )


def _calm(open_: Mapping[str, int]) -> str:
    return "somebody has each" if any(open_.values()) else "nothing open"


def _show_duty(visit: Visit, board: Board, list_: ui.element, shown: dict[str, object]) -> None:
    with visit.desk.service.view.reading() as standing:
        duties = standing.duties
    duty = tuple(visit.desk.rota.now(duties, board.at))
    if shown.get("duty") == duty:
        return
    shown["duty"] = duty
    list_.clear()
    with list_:
        for schedule, who, until in duty:
            text("dt", schedule)
            text("dd", f"{', '.join(who) or 'nobody'}{f', until {instant(until)}' if until else ''}")
        if not duty:
            text("dt", "The configuration has no schedules.")
            text("dd")


def _timeline() -> ui.echart:
    axis = {"axisLabel": {"color": CHART_INK}, "axisLine": {"lineStyle": {"color": CHART_INK}}}
    return (
        ui.echart(
            {
                "animation": False,
                "aria": {"enabled": True},
                "grid": {"left": 30, "right": 8, "top": 8, "bottom": 24},
                "tooltip": {"trigger": "axis"},
                "xAxis": {"type": "category", "data": [], **axis},
                "yAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"opacity": 0.2}}, **axis},
                "series": [
                    {"name": severity, "type": "bar", "stack": "all", "color": color, "data": []}
                    for severity, color in SEVERITY_COLORS.items()
                ],
            }
        )
        .props('role="img" aria-label="Alerts that began in each quarter of an hour, by severity"')
        .style("height: 11rem; width: 100%")
    )


def _show_timeline(board: Board, chart: ui.echart, shown: dict[str, object]) -> None:
    if shown.get("began") == board.began:
        return
    shown["began"] = board.began
    chart.options["xAxis"]["data"] = [f"{start:%H:%M}" for start, _ in board.began]
    for series in chart.options["series"]:
        series["data"] = [counts.get(series["name"], 0) for _, counts in board.began]
    chart.update()
