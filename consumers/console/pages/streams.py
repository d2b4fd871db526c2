"""*Streams*: a topic as it is written, or from a time or a place on; and one record in full."""

import asyncio
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from nicegui import ui

from consumers.console.asking import ask
from consumers.console.page import Page
from consumers.console.pages.record import show_record
from consumers.console.parts import heading, text
from consumers.console.rows import Row, Rows
from consumers.console.signing_in.people import Role
from consumers.console.visit import Visit, at
from consumers.render import telling
from consumers.seen import Seen
from consumers.streams.export import comma_separated, json_lines
from consumers.streams.filters import Filter, header
from consumers.streams.following import Stream
from consumers.streams.paths import condition
from consumers.streams.start import Latest, Start, read
from consumers.streams.topics import Streams

PATH = "/streams"

MOST_SHOWN = 300
"""Records on the page; older ones go, and are not exported either."""

EVERY = 0.3
"""Seconds between two looks at what is new."""

BEFORE = 20
"""Offsets of each partition that are shown of what was there, so that there is something to look at."""

STATES = {
    "reading": "reading what stands there",
    "live": "live",
    "paused": "paused",
    "page full": "there is more",
    "away": "the log cannot be read",
    "ended": "ended",
}


async def build(visit: Visit) -> None:
    streams = visit.desk.streams
    if streams is None:
        text("p", "This console was started without a log to read.")
    elif "offset" in visit.query:
        await show_record(visit, streams)
    else:
        topics = await ask(visit, streams.topics, Role.ADMINISTRATOR)
        _Streams(visit, streams, topics or ())


PAGE = Page(PATH, "Streams", "list_alt", build, Role.ADMINISTRATOR)
"""Records are shown as they are, and so is what they say of people."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    topic: str = ""
    since: str = ""
    key: str = ""
    type: str = ""
    header: str = ""
    where: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        return cls(**{each.name: query.get(each.name, "")[:500] for each in fields(cls)})

    def query(self) -> dict[str, str]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def filter(self) -> Filter:
        """Raises ValueError."""
        return Filter(
            types=_words(self.type),
            keys=_words(self.key),
            headers=tuple(header(each) for each in _words(self.header)),
            where=tuple(condition(each) for each in re.split(r"\s+and\s+|\n", self.where) if each.strip()),
            text=self.text.strip(),
        )


def _words(said: str) -> tuple[str, ...]:
    return tuple(said.split())


class _Streams:
    def __init__(self, visit: Visit, streams: Streams, topics: Sequence[str]) -> None:
        self._visit = visit
        self._streams = streams
        self._stream: Stream | None = None
        self._shown: deque[Seen] = deque(maxlen=MOST_SHOWN)
        asked = Asked.read(visit.query)
        heading("Streams")
        self._form(asked, topics)
        with ui.element("section").classes("row-wrap actions").props('aria-label="What is shown"') as self._bar:
            self._pause = ui.button("Pause", on_click=self._pause_or_go_on).props("outline dense no-caps")
            self._more = ui.button("Show more", on_click=self._show_more).props("outline dense no-caps")
            self._end = ui.button("Go to the end", on_click=self._go_to_end).props("outline dense no-caps")
            ui.button("JSON lines", on_click=lambda: self._export("jsonl")).props("flat dense no-caps")
            ui.button("CSV", on_click=lambda: self._export("csv")).props("flat dense no-caps")
        self._bar.set_visibility(False)
        self._said = text("p").props('role="status"')
        with ui.element("section").classes("panel wide"):
            columns = ("Time (UTC)", "Place", "Key", "Type", "What")
            self._rows = Rows("Records", columns, "Nothing yet.", link=1, beside=True)
        ui.timer(EVERY, self._look)
        ui.context.client.on_delete(self._stop)
        if asked.topic:
            self._watch(asked)

    def _form(self, asked: Asked, topics: Sequence[str]) -> None:
        options = list(dict.fromkeys([*topics, *filter(None, [asked.topic])]))
        with ui.element("section").classes("row-wrap").props('aria-label="What to watch"'):
            self._topic = ui.select(options, value=asked.topic or None, label="Topic", with_input=True)
            self._topic.props("dense outlined options-dense").style("min-width: 14rem")
            self._inputs = {
                name: ui.input(label, value=getattr(asked, name), placeholder=hint)
                .props("dense outlined clearable")
                .classes("grow")
                .on("keydown.enter", self._ask)
                for name, label, hint in (
                    ("since", "From", "10m, 2026-03-02T09:30, 2@1500; empty: now"),
                    ("type", "Type", "hr.employee.*"),
                    ("key", "Key", "vendor/*"),
                    ("where", "Where", "data.amount.amount>1000 and data.paid=false"),
                    ("header", "Header", "ce_source=/erp*"),
                    ("text", "Text", ""),
                )
            }
            ui.button("Watch", on_click=self._ask).props("no-caps")

    def _ask(self) -> None:
        said = {name: str(field.value or "").strip() for name, field in self._inputs.items()}
        asked = Asked(topic=str(self._topic.value or ""), **said)
        ui.navigate.history.replace(at(PATH, **asked.query()))
        self._watch(asked)

    def _watch(self, asked: Asked) -> None:
        """What was watched before ends."""
        self._stop()
        self._shown.clear()
        self._rows.clear_all()
        try:
            self._visit.desk.sessions.allow(self._visit.session, Role.ADMINISTRATOR)
            if not asked.topic:
                raise ValueError("Choose a topic.")
            start: Start = read(asked.since, self._visit.desk.service.now()) if asked.since.strip() else Latest(BEFORE)
            self._stream = self._streams.follow([asked.topic], asked.filter(), start)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with what was asked, the page says it
            self._said.text = str(error)
        self._bar.set_visibility(self._stream is not None)

    def _look(self) -> None:
        if self._stream is None:
            return
        taken = self._stream.take()
        self._shown.extend(taken.seen)
        self._rows.add([self._row(seen) for seen in taken.seen[-MOST_SHOWN:]], MOST_SHOWN)
        said = f"{STATES[taken.state]}: {taken.read:,} read, {taken.matched:,} as asked"
        if taken.left_out:
            said += f"; a sample is shown, {taken.left_out:,} were left out"
        if taken.behind and taken.state != "live":
            said += f"; {taken.behind:,} offsets to the end"
        self._said.text = f"{said}. {taken.problem}" if taken.problem else f"{said}."
        self._pause.text = "Go on" if taken.state == "paused" else "Pause"
        self._more.set_visibility(taken.state == "page full")
        self._end.set_visibility(taken.state in ("reading", "page full", "paused"))
        if taken.state == "ended":
            self._stream = None

    def _row(self, seen: Seen) -> Row:
        record = seen.record
        place = f"{record.partition}@{record.offset}"
        address = self._visit.url(PATH, topic=seen.topic, partition=str(record.partition), offset=str(record.offset))
        cells = (f"{record.timestamp:%m-%d %H:%M:%S}", place, seen.subject[:80], seen.type, telling(seen)[:300])
        return Row(f"{seen.topic}/{place}", address, place, cells)

    def _pause_or_go_on(self) -> None:
        if self._stream is not None:
            (self._stream.resume if self._stream.is_paused else self._stream.pause)()

    def _show_more(self) -> None:
        if self._stream is not None:
            self._stream.more()

    def _go_to_end(self) -> None:
        if self._stream is not None:
            self._stream.go_to_end()

    async def _export(self, kind: str) -> None:
        """What is on the page, oldest first."""
        seen, make = list(self._shown), json_lines if kind == "jsonl" else comma_separated
        content = await asyncio.to_thread(make, seen)
        ui.download(content.encode(), f"records.{kind}")

    def _stop(self) -> None:
        if self._stream is not None:
            self._stream.stop()
            self._stream = None
