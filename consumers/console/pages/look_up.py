"""*Look up*: everything known of one thing, once the look is on record."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nicegui import ui

from consumers.console import BY_WAY_OF
from consumers.console.page import Page
from consumers.console.parts import chip, heading, instant, table_head, text
from consumers.console.signing_in.people import Person, Role
from consumers.console.visit import Visit
from consumers.log import Unreachable
from consumers.lookup.found import Found, Remembered, Said, Unavailable
from consumers.lookup.looking import LONGEST, NotRecorded, Viewer
from schemas.alerts import Alert

HELP = (
    "Employees, vendors, services, customers, patients, projects, accounts, tasks and whatever else has an id, as "
    "<kind>/<id>. Each look is put on record."
)


def build(visit: Visit) -> None:
    heading("Look up")
    if visit.desk.look_up is None:
        ui.label("Nothing can be looked up in this program.")
        return
    _LookUp(visit)


PAGE = Page("/look-up", "Look up", "search", build)


class _LookUp:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._events: ui.element | None = None
        with ui.element("form").props('role="search" aria-label="Look up"').classes("row-wrap panel actions") as form:
            asked = visit.query.get("subject", "")[:LONGEST]
            self._subject = ui.input("What, such as vendor/acme", value=asked).props("maxlength=500").classes("grow")
            self._why = ui.input("What for").props("maxlength=2000").classes("grow")
            ui.button("Look up").props('type="submit" no-caps')
        form.on("submit.prevent", self._look)
        text("p", HELP).classes("soft")
        self._known = ui.element("div").props('aria-live="polite"').style("width: 100%")

    async def _look(self) -> None:
        found = await self._find(None)
        if found is None:
            return
        self._known.clear()
        with self._known:
            self._show(found)

    async def _find(self, before: datetime | None) -> Found | None:
        subject, why = self._subject.value.strip(), self._why.value.strip()
        return await self._visit.act(Role.VIEWER, lambda who: self._looked(who, subject, why, before))

    def _looked(self, who: Person, subject: str, why: str, before: datetime | None) -> Found:
        desk = self._visit.desk
        assert desk.look_up is not None
        viewer = Viewer(who.name, desk.may_see(who.role), BY_WAY_OF)
        try:
            return desk.look_up.look(subject, viewer, why, before)
        except (NotRecorded, Unavailable, Unreachable) as error:
            raise ValueError(str(error)) from error

    def _show(self, found: Found) -> None:
        text("h2", found.subject).style("margin-top: 1rem")
        if found.masked:
            kinds = " and ".join(found.masked)
            text("p", f"What is {kinds} is masked: your role, {self._visit.who.role}, does not see it.").classes("soft")
        if not found.is_known:
            text("p", "Nothing is known of it.")
            return
        for remembered in found.states:
            _state(remembered)
        self._alerts(found.alerts)
        with ui.element("section").classes("panel").style("margin-top: 1rem"):
            text("h2", "Events, the newest first")
            with ui.element("div").classes("wide"), text("table").classes("alerts"):
                table_head("When", "What", "Said", "Record")
                self._events = ui.element("tbody")
            self._add(found)

    def _alerts(self, alerts: Sequence[Alert]) -> None:
        with ui.element("section").classes("panel").style("margin-top: 1rem"):
            text("h2", "Alerts")
            if not alerts:
                text("p", "None.")
                return
            with ui.element("div").classes("wide"), text("table").classes("alerts"):
                table_head("Since", "State", "What")
                with ui.element("tbody"):
                    for alert in alerts:
                        _alert(self._visit, alert)

    def _add(self, found: Found) -> None:
        assert self._events is not None
        with self._events:
            for said in found.events:
                _event(said)
        if found.more and found.events:
            oldest = found.events[-1].at
            older = ui.button("Older").props("outline no-caps")
            older.on_click(lambda: self._older(oldest, older))

    async def _older(self, before: datetime, button: ui.button) -> None:
        """The next page is a look of its own."""
        place = button.parent_slot
        found = await self._find(before)
        if found is None or place is None:
            return
        button.delete()
        with place:
            self._add(found)


def _state(remembered: Remembered) -> None:
    with ui.element("section").classes("panel").style("margin-top: 1rem"):
        text("h2", f"Now, as {remembered.processor.replace('_', ' ')} remembers {remembered.subject}")
        text("p", f"Everything until {instant(remembered.clock)} is in it.").classes("soft")
        with ui.element("dl").classes("facts"):
            for name, value in remembered.state.items():
                if value in (None, "", [], {}):
                    continue
                text("dt", name.replace("_", " "))
                text("dd", _words(value))


def _alert(visit: Visit, alert: Alert) -> None:
    with ui.element("tr"):
        text("td", instant(alert.starts_at)).classes("few")
        with ui.element("td").classes("few"):
            severity = alert.labels.get("severity", "")
            chip(severity if alert.status == "firing" else "resolved", severity if alert.status == "firing" else "good")
        with ui.element("td").classes("what"):
            with ui.element("a").props(f'href="{visit.url(f"/alerts/{alert.fingerprint}")}"'):
                text("span", alert.rule)
            text("div", alert.annotations.get("summary", ""))


def _event(said: Said) -> None:
    with ui.element("tr"):
        text("td", instant(said.time)).classes("few")
        text("td", said.type).classes("few")
        text("td", _words(said.data)).classes("what")
        text("td", f"{said.record.topic}[{said.record.partition}]@{said.record.offset}").classes("few soft")


def _words(value: Any) -> str:
    """A JSON value in one line, without the quotes of what is plain text."""
    match value:
        case str():
            return value
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return ", ".join(f"{name}: {_words(inner)}" for name, inner in value.items() if inner not in (None, "", []))
        case list():
            return ", ".join(_words(each) for each in value)
    return json.dumps(value, ensure_ascii=False)
