"""One rule: its text, its settings in force, its alerts, its false alarms; and what would be under another setting."""

import asyncio
import time

from nicegui import ui

from consumers.api.errors import Problem
from consumers.console.board import Board
from consumers.console.page import Page
from consumers.console.parts import chip, facts, heading, instant, panel, text
from consumers.console.rulebook import RuleText, Setting, tallies
from consumers.console.signing_in.people import Role
from consumers.console.trying import Found, Trial, TrialError
from consumers.console.visit import Visit

MOST = 50
"""Alerts that are listed."""


def build(visit: Visit) -> None:
    found = next((rule for rule in visit.desk.rulebook.rules if rule.name == visit.path["name"]), None)
    if found is None:
        heading("There is no such rule")
        ui.link("All rules", "/rules")
        return
    _Rule(visit, found)


PAGE = Page("/rules/{name}", "Rule", "rule", build, in_menu=False)


class _Rule:
    def __init__(self, visit: Visit, rule: RuleText) -> None:
        self._visit = visit
        self._rule = rule
        self._shown: object = None
        heading(rule.name)
        chip(rule.severity, rule.severity)
        with ui.element("div").classes("columns"):
            with ui.element("div"):
                self._text()
                self._settings()
                if visit.may(Role.OPERATOR) and rule.settings:
                    _WhatIf(visit, rule)
            with ui.element("div"):
                self._counts = panel("How it fares")
                self._alerts = panel("Its alerts that fire")
                self._false = panel("False alarms")
        visit.live(self._show)

    def _text(self) -> None:
        with panel("What it says"):
            facts(
                [
                    ("Fires when", self._rule.fires),
                    ("Resolves when", self._rule.resolves),
                    ("One alert per", ", ".join(self._rule.one_alert_per)),
                    ("Version", str(self._rule.version)),
                    ("On real logs", self._rule.note),
                ]
            )

    def _settings(self) -> None:
        with panel("Settings in force"):
            for setting in self._rule.settings:
                where = f" where {setting.where}" if setting.where else ""
                text("b", f"{setting.name} = {setting.value}{where}").style("overflow-wrap: anywhere")
                text("p", setting.meaning).classes("soft")
            if not self._rule.settings:
                text("p", "It has none.")

    def _show(self, board: Board) -> None:
        verdicts = self._visit.desk.verdicts.of(self._rule.name)
        with self._visit.desk.service.view.reading() as standing:
            mine = [held.event for held in standing.alerts.values() if held.event.rule == self._rule.name]
        tally = tallies(mine, board.at).get(self._rule.name)
        firing = sorted((a for a in mine if a.status == "firing"), key=lambda a: a.starts_at)
        if (tally, firing, verdicts) == self._shown:
            return
        self._shown = (tally, firing, verdicts)
        self._counts.clear()
        with self._counts:
            known = tally or (0, 0, 0, 0)
            facts(zip(("Firing", "Last day", "Last week", "Remembered"), map(str, known), strict=True))
        self._alerts.clear()
        with self._alerts, ui.element("ul"):
            for alert in firing[:MOST]:
                with ui.element("li"):
                    said = alert.annotations.get("summary") or alert.subject
                    text("a", said).props(f'href="{self._visit.url(f"/alerts/{alert.fingerprint}")}"')
        with self._alerts:
            text("p", f"{len(firing)} in all" if firing else "None.")
        self._false.clear()
        with self._false, ui.element("ul"):
            for one in verdicts[:MOST]:
                with ui.element("li"):
                    text("a", one.fingerprint).props(f'href="{self._visit.url(f"/alerts/{one.fingerprint}")}"')
                    text("span", f" {one.by}, {instant(one.at)}: {one.note or 'no reason given'}")
        with self._false:
            text("p", f"{len(verdicts)} in all" if verdicts else "Nobody has marked one.")


class _WhatIf:
    """A form, and the answer beneath it. It is asked in another process, and can be given up."""

    def __init__(self, visit: Visit, rule: RuleText) -> None:
        self._visit = visit
        self._rule = rule
        self._task: asyncio.Task[Found] | None = None
        with panel("What if"):
            text("p", "Folds what is on the log again under changed settings, and compares the alerts. Sends nothing.")
            self._fields = {setting.name: _field(setting) for setting in rule.settings if not setting.where}
            with ui.element("div").classes("row-wrap"):
                self._begin = ui.input("From").props("type=date stack-label")
                self._end = ui.input("To").props("type=date stack-label")
            with ui.element("div").classes("row-wrap actions"):
                self._ask = ui.button("Compare", on_click=self._asked).props("no-caps")
                self._cancel = ui.button("Give up", on_click=self._give_up).props("outline no-caps")
                self._clock = text("span").props('role="status"')
            self._answer = ui.element("div")
        self._cancel.set_visibility(False)
        ui.timer(1.0, self._tick)
        ui.context.client.on_delete(self._give_up)
        self._began = 0.0

    def _tick(self) -> None:
        if self._task is not None:
            self._clock.text = f"asking for {time.monotonic() - self._began:.0f} s"

    def _give_up(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _asked(self) -> None:
        usual = {s.name: s.value for s in self._rule.settings if not s.where}
        changed = {name: field.value for name, field in self._fields.items() if field.value != usual[name]}
        wanted = Trial(self._rule.name, self._rule.settings_of, changed, self._begin.value or "", self._end.value or "")
        self._answer.clear()
        if not changed:
            self._say("Change a setting first.")
            return
        if await self._visit.act(Role.OPERATOR, lambda _: True) is None:
            return
        self._began = time.monotonic()
        self._task = asyncio.ensure_future(self._visit.desk.trying.ask(wanted))
        self._cancel.set_visibility(True)
        try:
            self._show(await self._task)
        except (TrialError, Problem) as error:
            self._say(str(error))
        except asyncio.CancelledError:
            self._say("Given up.")
        finally:
            self._task = None
            self._clock.text = ""
            self._cancel.set_visibility(False)

    def _say(self, what: str) -> None:
        with self._answer:
            text("p", what).style("white-space: pre-wrap; overflow-wrap: anywhere").props('role="alert"')

    def _show(self, found: Found) -> None:
        with self._answer:
            text("p", f"{found.records:,} records folded in {found.seconds:.1f} s.").classes("soft")
            for cut in found.cut:
                text("p", f"{cut}: what rests on earlier records is missing.").classes("old")
            for count in found.counts:
                text("b", f"{count.rule}: {count.before} before, {count.after} after")
                text("p", f"{count.added} added, {count.removed} removed, {count.moved} moved")
            if not found.counts:
                text("p", "The same alerts, in both worlds.")
            ui.html(found.plot, sanitize=False).classes("wide")
            with ui.element("ul"):
                for example in found.examples:
                    text("li", example)


def _field(setting: Setting) -> ui.input:
    return ui.input(setting.name, value=setting.value).classes("full-width").tooltip(setting.meaning)
