"""The address of a schedule's calendar, for the programs that people look at calendars with."""

from urllib.parse import quote, urlencode

from nicegui import ui

from consumers.console.forms import Form
from consumers.console.parts import text
from consumers.console.visit import Visit

TOKEN = "TOKEN"
"""Where the token goes. It is shown nowhere but to whoever makes it."""


def address(origin: str, schedule: str, user: str = "") -> str:
    """What a calendar program subscribes to; `user`: their duties alone."""
    asked = {"user": user, "token": TOKEN} if user else {"token": TOKEN}
    return f"{origin}/api/v1/on-call/{quote(schedule, safe='')}.ics?{urlencode(asked)}"


def ask(visit: Visit, schedule: str) -> None:
    """Shows the address, of everybody's duties or one user's."""
    whose = {"": "everybody", **{user: user for user in visit.desk.rota.users}}
    with Form(f"Subscribe to {schedule}") as form:
        text("p", "Calendar programs fetch this address and follow what changes: who stands in, who is away.")
        user = ui.select(whose, value="", label="Duties of").classes("full-width")
        shown = ui.input("Address", value=address(visit.origin, schedule)).props("readonly").classes("full-width")
        user.on_value_change(lambda: shown.set_value(address(visit.origin, schedule, user.value or "")))
        with text("p", f"In the place of {TOKEN} goes a token that may do nothing else: "):
            text("code", "backoffice token my-calendar --scope calendar")
            text("span", " makes one, and says what the configuration has to hold.")
        with ui.row().classes("row-wrap"):
            ui.button("Copy", on_click=lambda: ui.clipboard.write(shown.value)).props("no-caps")
            form.close_button()
