"""What is around every page: header, menu, who is signed in, search, keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from consumers.console import theme
from consumers.console.board import Board
from consumers.console.page import Page
from consumers.console.parts import text
from consumers.console.signing_in.page import FORM_FIELD
from consumers.console.visit import Visit

KEYS = (
    ("j, k", "the next, the previous alert"),
    ("Enter", "open it"),
    ("x", "choose it, for several at once"),
    ("a", "acknowledge it, or all that are chosen"),
    ("s, n", "silences; a new one, on their page"),
    ("/", "search"),
    ("?", "these keys"),
)

_SWITCH_THEME = (
    "() => { const dark = !Quasar.Dark.isActive; Quasar.Dark.set(dark); "
    f"document.cookie = `{theme.DARK_COOKIE}=${{dark ? 'dark' : 'light'}}; path=%s; max-age=31536000; samesite=lax`; }}"
)


@contextmanager
def frame(visit: Visit, page: Page, pages: Sequence[Page], chosen_theme: str | None) -> Iterator[None]:
    """Builds it, and the page within the block."""
    theme.apply(chosen_theme)
    ui.add_body_html('<a class="skip" href="#page">Skip to the page</a>')  # before all else that Tab comes to
    ui.add_body_html(f"<script>{theme.text_of('frame.js')}</script>")
    keys = _keys()
    drawer = _menu(visit, page, pages)
    with ui.header().classes("row-wrap"):
        ui.button(icon="menu", on_click=drawer.toggle).props('flat dense aria-label="Menu"')
        ui.link("Backoffice", "/").classes("text-weight-bold").style("text-decoration: none; color: inherit")
        _search(visit)
        ui.button(icon="contrast").props('flat dense aria-label="Light or dark"').on(
            "click", js_handler=_SWITCH_THEME % (visit.base or "/")
        )
        ui.button(icon="keyboard", on_click=keys.open).props('flat dense id="keys" aria-label="Keys"')
        _who(visit)
    ui.element("div").props('id="page" tabindex="-1"')
    _warning(visit)
    yield


def _menu(visit: Visit, page: Page, pages: Sequence[Page]) -> ui.left_drawer:
    drawer = ui.left_drawer(value=False).props('show-if-above width=190 breakpoint=900 aria-label="Menu"')
    with drawer, ui.element("nav").props('aria-label="Pages"').classes("menu"), ui.element("ul"):
        for one in pages:
            if one.in_menu and visit.may(one.least):
                with ui.element("li"):
                    _entry(visit.url(one.path), one, current=one.path == page.path)
    return drawer


def _entry(address: str, page: Page, *, current: bool) -> None:
    key = f' data-key="{page.key}"' if page.key else ""
    with ui.element("a").props(f'href="{address}"{key}' + (' aria-current="page"' if current else "")):
        ui.icon(page.icon, size="sm").props("aria-hidden=true")
        text("span", page.title)


def _search(visit: Visit) -> None:
    with ui.element("form").props(f'role="search" action="{visit.url("/alerts")}"').classes("grow"):
        ui.element("input").props(
            'id="search" name="q" type="search" aria-label="Search alerts" placeholder="Search alerts  /" maxlength=200'
        ).style(
            "width: 100%; max-width: 26rem; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: .4rem; "
            "background: var(--paper); color: var(--ink)"
        )


def _who(visit: Visit) -> None:
    """A plain form: signing out works without the live connection, too."""
    with ui.element("form").props(f'method="post" action="{visit.url("/sign-out")}"').classes("row-wrap"):
        ui.label(f"{visit.who.name} ({visit.who.role})").classes("soft")
        ui.element("input").props(f'type="hidden" name="{FORM_FIELD}" value="{visit.session.form_token}"')
        ui.button("Sign out").props('type="submit" flat dense no-caps')


def _warning(visit: Visit) -> None:
    """Says that what is shown is old, while it is."""
    label = ui.label().classes("old").props('role="status"')
    label.set_visibility(False)

    def show(board: Board) -> None:
        label.text = f"What is shown may be old: {board.wrong}." if board.wrong else ""
        label.set_visibility(bool(board.wrong))

    visit.live(show)


def _keys() -> ui.dialog:
    with ui.dialog().props('aria-label="Keys"') as dialog, ui.card():
        text("h2", "Keys")
        with ui.element("div").classes("keys"):
            for key, does in KEYS:
                text("kbd", key)
                text("span", does)
    return dialog
