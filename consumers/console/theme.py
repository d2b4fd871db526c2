"""How the console looks: one style sheet of our own over Quasar's, light and dark, all of it served from here."""

from functools import cache
from pathlib import Path

from nicegui import app, ui

DARK_COOKIE = "backoffice_theme"
"""Says `light` or `dark` where somebody has chosen; else it is as their system is."""

COLORS = {"primary": "#1d4ed8", "negative": "#b91c1c", "positive": "#166534", "warning": "#8a5a00", "info": "#1e5f99"}

SEVERITY_COLORS = {"critical": "#dc2626", "error": "#ea7317", "warning": "#d9a514", "info": "#3b82c4"}
"""Of charts, on light and on dark."""

CHART_INK = "#7d8798"
"""Of lines and words in charts, on both."""


@cache
def text_of(name: str) -> str:
    """A file beside this one."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def set_colors() -> None:
    """Of every page, once."""
    app.colors(**COLORS)


def apply(chosen: str | None) -> None:
    """To the page that is being built. `chosen`: what the cookie says."""
    ui.add_head_html(f"<style>{text_of('theme.css')}</style>")
    if chosen in ("light", "dark"):
        ui.dark_mode(chosen == "dark")  # where nobody chose, the page itself follows the system (`ui.run_with`)
