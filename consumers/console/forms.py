"""A form over the page, and what several forms ask for."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from consumers.console.parts import text

PERIODS = {15: "15 minutes", 60: "1 hour", 240: "4 hours", 480: "8 hours", 1440: "1 day", 10080: "1 week"}
"""In minutes."""

NO_END = {0: "until it is over", **PERIODS}


class Form:
    """A dialog that is gone once it is closed. Its button closes it when what it does has been done."""

    def __init__(self, title: str) -> None:
        with ui.context.client.content:  # what its button stands in may be built anew meanwhile
            self._dialog = ui.dialog().props(f'aria-label="{title}"')
        self._dialog.on("hide", self._dialog.delete)
        self._title = title

    def __enter__(self) -> "Form":
        self._dialog.__enter__()
        self._card = ui.card().style("width: 30rem; max-width: 100%")
        self._card.__enter__()
        text("h2", self._title)
        return self

    def __exit__(self, *error: object) -> None:
        self._card.__exit__(None, None, None)
        self._dialog.__exit__(None, None, None)
        self._dialog.open()

    def button(self, label: str, do: Callable[[], Awaitable[object]]) -> None:
        async def pressed() -> None:
            if await do():
                self._dialog.close()

        with ui.row().classes("row-wrap"):
            ui.button(label, on_click=pressed).props("no-caps")
            ui.button("Cancel", on_click=self._dialog.close).props("flat no-caps")

    def close_button(self) -> None:
        """For one that only says something."""
        ui.button("Close", on_click=self._dialog.close).props("flat no-caps")


def note_field(label: str = "Note (others read it)") -> ui.textarea:
    return ui.textarea(label).props("autogrow maxlength=2000").classes("full-width")
