"""One record in full: its place, envelope, headers, what it says, its schema, and the records it rests on."""

from nicegui import ui

from consumers.console.parts import facts, heading, instant, panel, text
from consumers.console.signing_in.people import Role
from consumers.console.viewing import look
from consumers.console.visit import Visit
from consumers.streams.detail import Detail, pretty
from consumers.streams.topics import Streams

LONGEST = 200_000
"""Characters of a value that a page shows."""


async def show_record(visit: Visit, streams: Streams) -> None:
    """The one that the address names."""
    topic, query = visit.query.get("topic", ""), visit.query
    try:
        partition, offset = int(query.get("partition", "0")), int(query["offset"])
    except ValueError:
        text("p", "A partition and an offset are numbers.")
        return
    place = f"{topic}[{partition}]@{offset}"
    heading(place)
    found = await look(visit, place, lambda: streams.record(topic, partition, offset), Role.ADMINISTRATOR)
    if found is None:
        text("p", "It is not shown.")
        return
    with ui.element("div").classes("row-wrap"):
        address = visit.url("/streams", topic=topic, since=f"{partition}@{offset}")
        text("a", "Watch from here").props(f'href="{address}"')
        for number, word in ((offset - 1, "the one before"), (offset + 1, "the one after")):
            if number >= 0:
                _link(visit, word, topic, partition, number)
    with ui.element("div").classes("columns"):
        with ui.element("div"):
            _said(found)
        with ui.element("div"):
            _around(visit, found)


def _said(found: Detail) -> None:
    if found.seen.problem:
        text("p", f"It cannot be decoded: {found.seen.problem}").classes("chip critical").style("white-space: normal")
    with panel("What it says"):
        said = pretty(found.data) if found.data is not None else found.text or "(no value)"
        _code(said)
    if found.schema is not None:
        with ui.expansion(f"Schema of {found.seen.type}").classes("panel"):
            _code(pretty(dict(found.schema)))


def _around(visit: Visit, found: Detail) -> None:
    record = found.seen.record
    with panel("Record"):
        key = "(none)" if record.key is None else record.key.decode(errors="replace")
        facts((("Key", key), ("Time", instant(record.timestamp)), ("Size", f"{found.size:,} bytes")))
    if found.links:
        with panel("Where it comes from"), ui.element("ul"):
            for link in found.links:
                with ui.element("li"):
                    text("span", f"{link.why} ")
                    _link(visit, str(link), link.topic, link.partition, link.offset)
    if found.envelope:
        with panel("Envelope"):
            facts((name, str(value)) for name, value in found.envelope.items())
    with panel("Headers"):
        facts(found.headers)


def _link(visit: Visit, words: str, topic: str, partition: int, offset: int) -> None:
    address = visit.url("/streams", topic=topic, partition=str(partition), offset=str(offset))
    text("a", words).props(f'href="{address}"')


def _code(said: str) -> None:
    """It scrolls within its panel, by keyboard, too."""
    more = "" if len(said) <= LONGEST else f"\n… {len(said) - LONGEST:,} characters more; `backoffice tail` shows all"
    pre = text("pre", said[:LONGEST] + more).props('tabindex="0"')
    pre.style("overflow: auto; max-height: 70vh; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere")
