"""*Alerts*: all of them, filtered and grouped as the address says; several at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from nicegui import ui

from consumers.console.alert_list import AlertList
from consumers.console.board import STATES, Board, Row
from consumers.console.dialogs import Deciding
from consumers.console.filters import OPEN, PER_PAGE, Filter
from consumers.console.page import Page
from consumers.console.parts import heading, text
from consumers.console.signing_in.people import Role
from consumers.console.visit import Visit
from schemas.signals import SEVERITIES

PATH = "/alerts"
GROUPS = ("alertname", "department", "severity", "subject")


def build(visit: Visit) -> None:
    _Alerts(visit)


PAGE = Page(PATH, "Alerts", "notifications", build)


class _Alerts:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._filter = Filter.read(visit.query)
        self._chosen: Sequence[str] = ()
        self._board: Board | None = None
        with ui.element("div").classes("row-wrap"):
            self._title = heading("Alerts")
            text("a", "Silences").props(f'href="{visit.url("/silences")}"')
        self._filters()
        self._wrong = text("p").classes("chip critical").style("white-space: normal")
        acts = visit.may(Role.OPERATOR)
        if acts:
            self._deciding = Deciding(visit, lambda: self._chosen, self._decided)
            self._buttons()
        with ui.element("section").classes("panel"):
            choose = (self._choose, self._acknowledge) if acts else ()
            self._list = AlertList(visit, "None are as asked.", *choose)
            self._pages = ui.pagination(1, 1, direction_links=True, on_change=lambda e: self._ask(page=str(e.value)))
            self._pages.props('max-pages=7 aria-label="Pages of the list"')
        visit.live(self._show)

    def _filters(self) -> None:
        asked, desk = self._filter, self._visit.desk
        with ui.element("section").classes("row-wrap").props('aria-label="Filter"'):
            text_ = ui.input("Text", value=asked.q, on_change=lambda e: self._ask(q=e.value or ""))
            text_.props("dense outlined clearable debounce=300").classes("grow")
            labels = ui.input("Labels", value=asked.match, on_change=lambda e: self._ask(match=e.value or ""))
            labels.props('dense outlined clearable debounce=300 placeholder=\'team="net", node=~"a|b"\'').classes(
                "grow"
            )
            self._select("Department", ["", *desk.inboxes], asked.department, "department")
            self._select("Severity", ["", *SEVERITIES], asked.severity, "severity")
            self._select("Told", ["", *desk.service.rules.receivers], asked.receiver, "receiver")
            states = ui.select(
                list(STATES),
                value=list(asked.states),
                multiple=True,
                label="State",
                on_change=lambda e: self._ask(state="" if set(e.value) == set(OPEN) else ",".join(e.value)),
            )
            states.props("dense outlined options-dense").style("min-width: 9rem; max-width: 14rem")
            self._select("Group by", ["", *GROUPS], asked.group, "group")
            ui.checkbox("Mine", value=bool(asked.mine), on_change=lambda e: self._ask(mine="1" if e.value else ""))

    def _select(self, label: str, options: list[str], value: str, name: str) -> None:
        shown = {option: option or "any" for option in dict.fromkeys([*options, value])}
        select = ui.select(shown, value=value, label=label, on_change=lambda e: self._ask(**{name: e.value or ""}))
        select.props("dense outlined options-dense").style("min-width: 8rem")

    def _buttons(self) -> None:
        do = self._deciding
        with ui.element("section").classes("row-wrap actions").props('aria-label="Act on what is chosen"') as self._bar:
            self._count = text("b")
            for label, press in (
                ("Acknowledge", do.ask_acknowledge),
                ("Give back", do.give_back),
                ("Assign", do.ask_assign),
                ("Snooze", do.ask_snooze),
                ("Silence", do.ask_silence),
                ("Note", do.ask_note),
                ("Resolve", do.ask_resolve),
            ):
                ui.button(label, on_click=press).props("outline dense no-caps")
        self._bar.set_visibility(False)

    def _choose(self, ids: Sequence[str]) -> None:
        self._chosen = ids
        self._count.text = f"{len(ids)} chosen"
        self._bar.set_visibility(bool(ids))

    async def _acknowledge(self, ids: Sequence[str]) -> None:
        """The key for it; it needs no form."""
        self._choose(ids)
        await self._deciding.acknowledge()

    def _decided(self) -> None:
        self._list.clear_choice()

    def _ask(self, **changes: str) -> None:
        """Another filter: the address says so, too, for a bookmark or a colleague."""
        self._filter = replace(self._filter, **{"page": "", **changes})
        ui.navigate.history.replace(self._visit.url(PATH, **self._filter.query()))
        if self._board is not None:
            self._show(self._board)

    def _show(self, board: Board) -> None:
        self._board = board
        try:
            found = self._filter.apply(board.rows, self._visit.desk.service.rules, self._visit.who.name)
        except ValueError as error:
            self._wrong.text = str(error)
            self._wrong.set_visibility(True)
            return
        self._wrong.set_visibility(False)
        last = max(1, -(-len(found) // PER_PAGE))
        number = min(self._filter.number, last)
        self._title.text = f"Alerts: {len(found):,}"
        self._pages.max = last
        self._pages.value = number
        self._pages.set_visibility(last > 1)
        part = found[(number - 1) * PER_PAGE : number * PER_PAGE]
        self._list.show(part, board.at, self._headings(found, part))

    def _headings(self, found: Sequence[Row], part: Sequence[Row]) -> dict[str, str]:
        """What stands above the first alert of each group, by its fingerprint."""
        label = self._filter.group
        if not label:
            return {}
        counts = Counter(row.alert.labels.get(label, "") for row in found)
        headings: dict[str, str] = {}
        before = None
        for row in part:
            value = row.alert.labels.get(label, "")
            if value != before:
                headings[row.alert.fingerprint] = f"{label}={value or 'none'}: {counts[value]}"
            before = value
        return headings
