"""One dead letter: the record, why it failed and in which field, and a copy of it that can be corrected and sent."""

from nicegui import ui

from consumers.console.asking import ask
from consumers.console.letter_work import Work
from consumers.console.page import Page
from consumers.console.parts import chip, facts, heading, instant, text
from consumers.console.signing_in.people import Role
from consumers.console.viewing import look
from consumers.console.visit import Visit
from consumers.dead_letters.dealing import Dealing
from consumers.dead_letters.letter import Letter
from consumers.dead_letters.resending import Copy
from consumers.dead_letters.showing import pretty
from consumers.dead_letters.showing import text as as_text
from consumers.dead_letters.standing import Fate
from schemas.privacy import Kind

LONGEST = 200_000
"""Characters that can be corrected on a page. Larger ones are in a file (`backoffice dlq redrive --value`)."""


async def build(visit: Visit) -> None:
    letters, number = visit.desk.letters, visit.path["number"]
    if letters is None or not number.isascii() or not number.isdigit():
        text("p", "There is no such letter.")
        return
    heading(f"Dead letter {int(number)}")
    masked = () if visit.may(Role.ADMINISTRATOR) else tuple(Kind)
    letter = await look(visit, f"letter/{int(number)}", lambda: letters.box.letter(int(number)), masked=masked)
    if letter is None:
        text("p", "It is not shown.")
    else:
        await _Letter(visit, letters, letter).begin()


PAGE = Page("/dead-letters/{number}", "Dead letter", "mark_email_unread", build, Role.OPERATOR, in_menu=False)


class _Letter:
    def __init__(self, visit: Visit, letters: Dealing, letter: Letter) -> None:
        self._visit = visit
        self._letters = letters
        self._letter = letter
        self._state = ui.element("div").classes("row-wrap").props('role="status"')
        self._whole = visit.may(Role.ADMINISTRATOR)
        copy = self._copy if self._whole else (lambda: None)
        self._work = Work(visit, letters, lambda: (letter.number,), self.begin, copy)
        with ui.element("div").classes("columns"):
            with ui.element("div"):
                self._why()
                if self._whole:
                    self._editing()
                else:
                    text("p", f"What the record says is shown to the role of {Role.ADMINISTRATOR}.")
            with ui.element("div"):
                self._facts()
        if letter.stacktrace and self._whole:
            with ui.expansion("Stack trace").classes("panel"):
                text("pre", letter.stacktrace).props('tabindex="0"').style("overflow: auto; margin: 0")

    async def begin(self) -> None:
        """How it stands now."""
        number = self._letter.number
        fates = await ask(self._visit, lambda: self._letters.box.look(lambda standing: dict(standing.fates)))
        fate = (fates or {}).get(number)
        self._work.show_count(0 if fate is not None and fate.is_redriven else 1, chosen=False)
        self._state.clear()
        with self._state:
            self._say(fate)

    def _say(self, fate: Fate | None) -> None:
        chip(str(fate) if fate else "open", "good" if fate else "plain").style("white-space: normal")
        if self._letter.tries:
            chip(f"sent again {self._letter.tries} times before", "warning")

    def _why(self) -> None:
        letter = self._letter
        with ui.element("section").classes("panel").style("margin-bottom: 1rem"):
            text("h2", "Why")
            text("p", letter.message).style("overflow-wrap: anywhere; margin: 0")
            if letter.fields:
                facts((("Fields", ", ".join(letter.fields)),))

    def _editing(self) -> None:
        letter = self._letter
        with ui.element("section").classes("panel"):
            text("h2", "The record, or a corrected copy of it")
            self._key = ui.input("Key", value=as_text(letter.key) or "").classes("full-width")
            self._shown = pretty(letter.value)
            self._value = ui.textarea("Value", value=self._shown).classes("full-width")
            self._value.props("autogrow input-style='font-family: monospace; max-height: 60vh'")
            ui.button("Check", on_click=self._check).props("outline dense no-caps")
            self._checked = text("p").props('role="status"')
            if len(self._shown) > LONGEST:
                self._value.set_enabled(False)
                self._checked.text = "It is too large to be corrected here: `backoffice dlq redrive --value FILE` does."

    def _copy(self) -> Copy | None:
        """What was changed on the page; None when nothing was."""
        letter = self._letter
        key, value = str(self._key.value or ""), str(self._value.value or "")
        key_is_same, value_is_same = key == (as_text(letter.key) or ""), value == self._shown
        if key_is_same and value_is_same:
            return None
        return Copy(letter.key if key_is_same else key.encode(), letter.value if value_is_same else value.encode())

    async def _check(self) -> None:
        copy = self._copy()
        planned = await ask(self._visit, lambda: list(self._letters.plan((self._letter.number,), copy)))
        if planned:
            what = "The copy" if copy else "It"
            said = planned[0].refused or f"{what} would be taken, and goes to {planned[0].to}."
            self._checked.text = said

    def _facts(self) -> None:
        letter = self._letter
        with ui.element("section").classes("panel").style("margin-bottom: 1rem"):
            text("h2", "Where it was")
            facts(
                (
                    ("Stage", letter.stage),
                    ("Error", letter.exception),
                    ("Type", letter.type),
                    ("Processor", letter.processor),
                    ("Buried", instant(letter.at)),
                )
            )
            if letter.topic and letter.offset >= 0:
                came_from = letter.summary().came_from
                address = self._visit.url(
                    "/streams", topic=letter.topic, partition=str(letter.partition), offset=str(letter.offset)
                )
                if self._whole:
                    text("a", came_from).props(f'href="{address}"')
                else:
                    text("span", came_from)
        if not self._whole:
            return
        with ui.element("section").classes("panel"):
            text("h2", "Headers")
            facts((name, as_text(value) or "") for name, value in letter.headers)
