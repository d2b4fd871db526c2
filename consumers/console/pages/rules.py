"""*Rules*: what is watched, how often each rule fires, and how often for nothing."""

from collections.abc import Mapping

from nicegui import ui

from consumers.console.board import Board
from consumers.console.page import Page
from consumers.console.parts import chip, heading, panel, table_head, text
from consumers.console.rulebook import RuleText, Tally, share, tallies
from consumers.console.visit import Visit


def build(visit: Visit) -> None:
    heading("Rules")
    _Rules(visit)


PAGE = Page("/rules", "Rules", "rule", build)


class _Rules:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._wanted = visit.query.get("q", "").casefold()
        self._shown: object = None
        ui.input("Find", value=visit.query.get("q", ""), on_change=lambda e: self._find(e.value or "")).props(
            "debounce=250 clearable dense outlined"
        ).classes("full-width")
        self._list = ui.element("div").classes("full-width")
        visit.live(self._show)

    def _find(self, words: str) -> None:
        self._wanted = words.casefold()
        self._shown = None
        self._show(self._visit.desk.live.board)

    def _show(self, board: Board) -> None:
        with self._visit.desk.service.view.reading() as standing:
            counts = tallies((held.event for held in standing.alerts.values()), board.at)
        false_alarms = self._visit.desk.verdicts.counts()
        if (counts, false_alarms, self._wanted) == self._shown:
            return
        self._shown = (counts, false_alarms, self._wanted)
        self._list.clear()
        with self._list:
            self._departments(counts, false_alarms)

    def _departments(self, counts: Mapping[str, Tally], false_alarms: Mapping[str, int]) -> None:
        found = [rule for rule in self._visit.desk.rulebook.rules if self._wanted in _words(rule)]
        for department in dict.fromkeys(rule.department for rule in found):
            mine = [rule for rule in found if rule.department == department]
            place = panel(f"{department.replace('_', ' ')}: {len(mine)} rules")
            with place.classes("wide"), ui.element("table").classes("alerts"):
                table_head("Rule", "Severity", "Firing", "Last day", "Last week", "False alarms")
                with ui.element("tbody"):
                    for rule in mine:
                        self._row(rule, counts.get(rule.name, Tally()), false_alarms.get(rule.name, 0))
        if not found:
            text("p", "No rule has these words.")

    def _row(self, rule: RuleText, tally: Tally, false_alarms: int) -> None:
        with ui.element("tr"):
            with ui.element("td").classes("what"):
                text("a", rule.name).props(f'href="{self._visit.url(f"/rules/{rule.name}")}"')
                text("div", f"Fires when {rule.fires}.").classes("soft")
            with ui.element("td").classes("few"):
                chip(rule.severity, rule.severity)
            for name, count in (("firing", tally.firing), ("last day", tally.day), ("last week", tally.week)):
                text("td", str(count)).classes("few").props(f'data-label="{name}"')
            rate = share(false_alarms, tally.known)
            text("td", f"{false_alarms} ({rate})" if rate else str(false_alarms)).classes("few").props(
                'data-label="false alarms"'
            )


def _words(rule: RuleText) -> str:
    return f"{rule.name} {rule.severity} {rule.fires} {rule.resolves}".casefold()
