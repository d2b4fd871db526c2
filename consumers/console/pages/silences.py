"""*Silences*: which are in force, are to come, or are over; whom each keeps from being told; ended with a click."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from consumers.console.board import Board
from consumers.console.dialogs import Deciding
from consumers.console.page import Page
from consumers.console.parts import ago, heading, instant, table_head, text
from consumers.console.signing_in.people import Role
from consumers.console.silences import Line, lines
from consumers.console.silencing import in_words
from consumers.console.visit import Visit

PATH = "/silences"

MOST_EXPIRED = 50
"""Of those that are over, the ones that ended last."""

TITLES = {"active": "In force", "pending": "To come", "expired": "Over"}


def build(visit: Visit) -> None:
    _Silences(visit)


PAGE = Page(PATH, "Silences", "notifications_off", build, key="s")


class _Silences:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown: object = None
        with ui.element("div").classes("row-wrap"):
            self._title = heading("Silences")
            if visit.may(Role.OPERATOR):
                ui.button("New silence", on_click=self._new).props("no-caps data-key=n")
        self._deciding = Deciding(visit, lambda: ()) if visit.may(Role.OPERATOR) else None
        self._lists = {state: ui.element("div").classes("full-width") for state in TITLES}
        visit.live(self._show)

    def _new(self) -> None:
        if self._deciding is not None:
            self._deciding.ask_silence()

    def _show(self, board: Board) -> None:
        found = lines(self._visit.desk.service, board)
        # Clocks run on the page by the minute; nothing else of it is built anew without a reason.
        seen = (found, board.at.replace(second=0, microsecond=0))
        if seen == self._shown:
            return
        self._shown = seen
        count = sum(line.state == "active" for line in found)
        self._title.text = f"Silences: {count} in force" if count else "Silences: none in force"
        for state, place in self._lists.items():
            place.clear()
            with place:
                self._table(state, [line for line in found if line.state == state], board)

    def _table(self, state: str, found: Sequence[Line], board: Board) -> None:
        if not found:
            return
        with ui.element("section").classes("panel").props(f'aria-label="{TITLES[state]}"'):
            text("h2", TITLES[state])
            with ui.element("div").classes("wide"), ui.element("table").classes("alerts"):
                titles = ("Alerts for which all of these hold", "Why", "Mutes", "From", "Until")
                table_head(*titles, *(["Action"] if self._deciding is not None and state != "expired" else []))
                with ui.element("tbody"):
                    for line in found[:MOST_EXPIRED] if state == "expired" else found:
                        self._line(line, board)

    def _line(self, line: Line, board: Board) -> None:
        silence = line.silence
        with ui.element("tr").props(f'data-silence="{silence.silence}"'):
            with text("td").classes("what"):
                self._matchers(line)
            with text("td").style("overflow-wrap: anywhere; min-width: 10rem"):
                text("span", silence.comment)
                text("div", silence.created_by).classes("soft")
            text("td", _mutes(line)).classes("few")
            text("td", instant(silence.starts_at)).classes("few")
            with text("td").classes("few"):
                text("span", instant(silence.ends_at))
                text("div", f"{ago(silence.ends_at - board.at)} left" if line.state == "active" else "").classes("soft")
            if self._deciding is not None and line.state != "expired":
                with text("td").classes("few"):
                    end = partial(self._deciding.end_silence, silence.silence)
                    expire = ui.button("Expire", on_click=end).props("outline dense no-caps")
                    expire.props["aria-label"] = f"Expire {in_words(silence.matchers)}"

    def _matchers(self, line: Line) -> None:
        """They lead to the alerts for which they hold."""
        said = in_words(line.silence.matchers)
        address = self._visit.url("/alerts", match=said)
        text("a", said).props(f'href="{address}"').style("font-family: monospace")


def _mutes(line: Line) -> str:
    alerts = f"{line.mutes:,} alert{'' if line.mutes == 1 else 's'}"
    match line.state:
        case "active":
            return alerts
        case "pending":
            return f"{alerts}, were it now"
    return ""
