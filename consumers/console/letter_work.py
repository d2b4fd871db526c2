"""Sending letters again and discarding them, from a page: what would happen, then how far it has come."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from consumers.console import BY_WAY_OF
from consumers.console.asking import ask
from consumers.console.parts import text
from consumers.console.visit import Visit
from consumers.dead_letters.dealing import Dealing, Outcome, Person
from consumers.dead_letters.resending import Copy

MOST_TOLD = 20
"""Refusals that are told each; the others are counted."""

EVERY = 0.3
"""Seconds between two looks at how far it has come."""


class Tally:
    """What has become of letters so far. Filled by one thread, read by another."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.refused: list[Outcome] = []

    def count(self, outcomes: Iterator[Outcome]) -> "Tally":
        for outcome in outcomes:
            if outcome.refused:
                self.refused.append(outcome)
            else:
                self.done += 1
        return self

    def __str__(self) -> str:
        refused = f", {len(self.refused):,} refused" if self.refused else ""
        return f"{self.done:,} of {self.total:,}{refused}"


class Work:
    """The buttons, the dialogs they open, and the progress beneath. `numbers`: which letters, when one is pressed.

    `copy` gives a correction of the one letter there is, where the page has one.
    """

    def __init__(
        self,
        visit: Visit,
        letters: Dealing,
        numbers: Callable[[], Sequence[int]],
        then: Callable[[], Awaitable[None]],
        copy: Callable[[], Copy | None] = lambda: None,
    ) -> None:
        self._visit = visit
        self._letters = letters
        self._numbers = numbers
        self._then = then
        self._copy = copy
        with ui.element("section").classes("row-wrap actions").props('aria-label="Deal with them"'):
            self._redrive = ui.button("Send again", on_click=self._ask_redrive).props("outline dense no-caps")
            self._discard = ui.button("Discard", on_click=self._ask_discard).props("outline dense no-caps")
        if letters.closed:
            text("p", f"Nothing can be sent again: {letters.closed}.").classes("old")
        self._said = ui.element("div").props('role="status"')
        self._place = ui.element("div")

    def show_count(self, count: int, chosen: bool) -> None:
        """What the buttons are about."""
        which = f": {count:,} chosen" if chosen else f": all {count:,}" if count != 1 else ""
        self._redrive.text, self._discard.text = f"Send again{which}", f"Discard{which}"
        self._redrive.set_enabled(bool(count) and not self._letters.closed)
        self._discard.set_enabled(bool(count))

    async def _ask_redrive(self) -> None:
        numbers, copy = list(self._numbers()), self._copy()
        planned = await ask(self._visit, lambda: Tally(len(numbers)).count(self._letters.plan(numbers, copy)))
        if planned is None:
            return
        with self._dialog("Send again") as dialog:
            what = "a corrected copy" if copy else "each as it was"
            text("p", f"{planned.done:,} of {planned.total:,} would go back to where they came from, {what}.")
            self._refusals(planned)
            note = ui.input("Why (others read it)").props("maxlength=2000").classes("full-width")

            async def send() -> None:
                said = str(note.value or "")
                await self._do(len(numbers), "sent again", lambda who: self._letters.redrive(numbers, who, said, copy))

            self._buttons(dialog, f"Send {planned.done:,} again", send, enabled=bool(planned.done))

    async def _ask_discard(self) -> None:
        numbers = list(self._numbers())
        with self._dialog("Discard") as dialog:
            text(
                "p",
                f"Nobody is asked about {'it' if len(numbers) == 1 else 'them'} any more. The topic keeps the record.",
            )
            reason = ui.input("Reason").props("maxlength=2000").classes("full-width")

            async def discard() -> None:
                said = str(reason.value or "").strip()
                if not said:
                    ui.notify("Without a reason nothing is discarded.", type="negative")
                    return
                await self._do(len(numbers), "discarded", lambda who: self._letters.discard(numbers, who, said))

            self._buttons(dialog, f"Discard {len(numbers):,}", discard)

    async def _do(self, total: int, done: str, act: Callable[[Person], Iterator[Outcome]]) -> None:
        """In a thread, told as it goes; it goes on when the page is left."""
        tally = Tally(total)
        timer = ui.timer(EVERY, lambda: self._tell(tally, f"{done} so far"), immediate=False)
        who = Person(self._visit.who.name, BY_WAY_OF)
        finished = await ask(self._visit, lambda: tally.count(act(who)))
        timer.cancel()
        self._tell(tally, done if finished else f"{done}; then it was interrupted: the same again does the rest")
        await self._then()

    def _tell(self, tally: Tally, done: str) -> None:
        self._said.clear()
        with self._said:
            text("p", f"{tally} {done}.")
            self._refusals(tally)

    def _refusals(self, tally: Tally) -> None:
        if not tally.refused:
            return
        with ui.element("ul"):
            for reason, count in why(tally.refused):
                text("li", f"{count:,} refused: {reason}")

    @contextmanager
    def _dialog(self, title: str) -> Iterator[ui.dialog]:
        with self._place, ui.dialog().props(f'aria-label="{title}"') as dialog, ui.card().style("width: 30rem"):
            dialog.on("hide", dialog.delete)
            text("h2", title)
            yield dialog
        dialog.open()

    def _buttons(self, dialog: ui.dialog, label: str, do: Callable[[], Awaitable[None]], enabled: bool = True) -> None:
        async def pressed() -> None:
            dialog.close()
            with self._place:  # the dialog, and with it the place of its button, is gone by then
                await do()

        with ui.row().classes("row-wrap"):
            ui.button(label, on_click=pressed).props("no-caps").set_enabled(enabled)
            ui.button("Cancel", on_click=dialog.close).props("flat no-caps")


def why(refused: Sequence[Outcome]) -> list[tuple[str, int]]:
    """The reasons of refusals, the most frequent first."""
    return Counter(outcome.refused for outcome in refused).most_common(MOST_TOLD)
