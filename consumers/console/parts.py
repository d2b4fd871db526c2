"""Small parts that pages are made of."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement


def text(tag: str, content: str = "") -> TextElement:
    """An HTML element with a text: `text("h2", "Silences")`."""
    return TextElement(tag=tag, text=content)


def heading(content: str) -> TextElement:
    """The page's own."""
    return text("h1", content)


def chip(content: str, kind: str = "plain") -> TextElement:
    """A word with a background. `kind`: a severity, a state, `good` or `plain`."""
    return text("span", content).classes(f"chip {kind}")


def facts(said: Iterable[tuple[str, str]]) -> None:
    """Names with what they are; what is empty is left out."""
    with ui.element("dl").classes("facts"):
        for name, value in said:
            if value:
                text("dt", name)
                text("dd", value)


def panel(title: str) -> ui.element:
    """A part of a page with a heading of its own; returns what its content goes into."""
    with ui.element("section").classes("panel").style("margin-bottom: 1rem"):
        text("h2", title)
        return ui.element("div")


def table_head(*titles: str) -> None:
    """The first row of a table."""
    with ui.element("thead"), ui.element("tr"):
        for title in titles:
            text("th", title).props('scope="col"')


def instant(at: datetime | None) -> str:
    """To the second, UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else ""


def ago(span: timedelta) -> str:
    """How long, in one or two units."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60} min"
    return f"{days} days"


def labels_in_words(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))
